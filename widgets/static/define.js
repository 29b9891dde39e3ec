// What a shop loads: element.js, and this, which registers it. The server sends both as one file.
import { InsuranceReviews, InsuranceReviewsSummary } from "./element.js";
const elements = { "insurance-reviews": InsuranceReviews, "insurance-reviews-summary": InsuranceReviewsSummary };
for (const [name, type] of Object.entries(elements)) customElements.get(name) ?? customElements.define(name, type);
