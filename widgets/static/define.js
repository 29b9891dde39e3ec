// What a shop loads: element.js, and this, which registers it. The server sends both as one file.
import { InsuranceReviews, InsuranceReviewsSummary } from "./element.js";
const elements = { "insurance-reviews": InsuranceReviews, "insurance-reviews-summary": InsuranceReviewsSummary };
for (const name in elements) customElements.get(name) ?? customElements.define(name, elements[name]); // once a page
