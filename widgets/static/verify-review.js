// What the log's entries say of a review, held against what the shop shows of it. Nothing here reads
// the network or the page.

import { canonical } from "./receipt-file.js";
import { sha256 } from "./tlog.js";

const utf8 = new TextEncoder();
const CONTENT_DOMAIN = utf8.encode("insurance-reviews/content/v1\0");
const AUTHOR_DOMAIN = utf8.encode("insurance-reviews/author/v1\0");
const BLOT = "\u2588";

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
const isHex32 = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);

/** Whether these words, `{name, text, salt}`, are the ones that were committed to. */
export async function fits(words, commitment) {
  const { name, text, salt } = words;
  if (typeof name !== "string" || typeof text !== "string" || !isHex32(salt)) return false;
  const body = utf8.encode(canonical({ name, text }));
  return hex(await sha256(CONTENT_DOMAIN, unhex(salt), body)) === commitment;
}

/** Whether `key` is the author key whose hash the entry carries. */
export async function isKeyOf(key, author) {
  return isHex32(key) && hex(await sha256(AUTHOR_DOMAIN, unhex(key))) === author;
}

/** Where the review that is shown differs from its entry: `[{field, logged, shown}]`. */
export function differences(entry, place, shown) {
  const pairs = [
    ["id", entry.review, shown.id],
    ["score", entry.score, shown.score],
    ["product", entry.product, shown.product],
    ["stage", entry.stage, shown.stage],
    ["channel", entry.channel, shown.channel],
    ["experienced", entry.experienced, shown.experienced_on],
    ["at", entry.at, Date.parse(shown.submitted_at) / 1000],
    ["author", entry.author, shown.author],
    ["index", place.index, shown.log?.index],
    ["origin", place.origin, shown.log?.origin],
  ];
  const [logged, seen] = [entry.aspects ?? {}, shown.aspects ?? {}];
  for (const aspect of new Set([...Object.keys(logged), ...Object.keys(seen)])) {
    pairs.push([`aspect.${aspect}`, logged[aspect], seen[aspect]]);
  }
  return pairs
    .filter(([, one, other]) => one !== other)
    .map(([field, one, other]) => ({ field, logged: one, shown: other }));
}

/** The entries about the removal of some texts, picked from the log as it is read forwards. */
export class Removals {
  #items;
  #reports = new Map();
  #verdicts = new Map();
  #removed = new Map();

  constructor(items) {
    this.#items = new Set(items);
  }

  /** Take the next entry; tells whether it is about these texts. */
  take(index, entry) {
    if (entry.type === "report.filed" && this.#names(entry.items)) {
      this.#reports.set(entry.report, { index, entry });
      return true;
    }
    if (entry.type === "report.acknowledged" && this.#reports.has(entry.report)) {
      this.#verdicts.set(entry.report, { index, entry });
      return true;
    }
    const { item } = entry;
    if (entry.type === "text.removed" && this.#items.has(item) && !this.#removed.has(item)) {
      const report = this.#reports.get(entry.report)?.entry;
      const named = report?.items.includes(item) ? report : null;
      this.#removed.set(item, { index, entry, report: named });
      if (entry.redacted) this.#items.add(entry.redacted.item);
      return true;
    }
    return false;
  }

  #names(items) {
    return Array.isArray(items) && items.some((item) => this.#items.has(item));
  }

  /** What became of an item: its removal, then that of the redacted text that followed, and on. */
  of(item) {
    const chain = [];
    for (let next = item; this.#removed.has(next); ) {
      const { index, entry, report } = this.#removed.get(next);
      if (index <= (chain.at(-1)?.index ?? -1)) break; // a redaction cannot lead back
      const verdict = this.#verdicts.get(entry.report)?.entry.verdict ?? null;
      chain.push({ index, entry, report, verdict });
      next = entry.redacted?.item;
    }
    return chain;
  }
}

/** Judge one text: `logged` is `{item, commitment, author}` of its entry, `shown` what the shop shows
(`{item, name, text, salt, tombstone}`), `words` what the receipt holds, or null.

Gives `{outcome, chain}`. Good are: stars, stands; and lawful: redacted, removed, withdrawn. */
export async function judgeText(logged, shown, words, removals) {
  if (logged.item === null) {
    const none = shown.item === null && shown.text === null;
    return { outcome: none ? "stars" : "added", chain: [] };
  }
  if (await isWhole(logged, shown)) return { outcome: "stands", chain: [] };
  const chain = removals.of(logged.item);
  return { outcome: await judgeRemoved(logged, shown, words, chain), chain };
}

/** Whether the text is shown as it was written. */
export const isWhole = async (logged, shown) =>
  shown.item === logged.item &&
  shown.tombstone === null &&
  (await fits(shown, logged.commitment));

async function judgeRemoved(logged, shown, words, chain) {
  const last = chain.at(-1);
  if (!last) return shown.text === null ? "missing" : "differs";
  for (const { entry, report } of chain) {
    if (entry.author_key !== null) {
      if (!(await isKeyOf(entry.author_key, logged.author))) return "forged";
    } else if (!report) return "unreported";
  }
  const { redacted } = last.entry;
  if (redacted) {
    if (shown.text === null) return "missing";
    if (shown.item !== redacted.item) return "differs";
    if (!(await fits(shown, redacted.commitment))) return "differs";
    if (!isMasked(shown, words, chain)) return "masks";
  } else if (shown.text !== null) return "differs";
  if (!isTold(shown.tombstone, last)) return "tombstone";
  if (last.entry.author_key !== null) return "withdrawn";
  return redacted ? "redacted" : "removed";
}

/** Whether blots, and nothing else, have changed. Without the original only they can be seen. */
function isMasked(shown, words, chain) {
  const masked = [...(words ? words.text : shown.text)];
  for (const mask of chain.flatMap(({ entry }) => entry.redacted.masks)) {
    const [start, length] = Array.isArray(mask) ? mask : [];
    if (!(start >= 0 && length > 0 && start + length <= masked.length)) return false;
    masked.fill(BLOT, start, start + length);
  }
  return masked.join("") === shown.text && (!words || shown.name === words.name);
}

/** Whether the tombstone says what the log says. */
function isTold(tombstone, { entry, report, verdict }) {
  if (!tombstone) return false;
  return (
    tombstone.redacted === (entry.redacted !== null) &&
    tombstone.ground === (report?.ground ?? "withdrawn") &&
    (tombstone.authority ?? null) === (report?.authority ?? null) &&
    (tombstone.report_no ?? null) === (report?.report_no ?? null) &&
    (tombstone.acknowledged ?? null) === verdict
  );
}
