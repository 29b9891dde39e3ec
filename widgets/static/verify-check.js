// The check of one receipt, step by step, against a live log and what the shop shows. It says what it
// finds through `tell` and leaves the words to the page.

import { readEntry } from "./receipt-file.js";
import { ProofError, checkInclusion, leafHash } from "./tlog.js";
import { MalformedError, SignatureError, openCheckpoint, parseKey } from "./tlog-note.js";
import { TiledLog } from "./tlog-tiles.js";
import { Removals, differences, fits, isKeyOf, isWhole, judgeText } from "./verify-review.js";

const LAWFUL = new Set(["redacted", "removed", "withdrawn"]);
const isRight = (outcome) => ["stars", "stands"].includes(outcome) || LAWFUL.has(outcome);

/** Check `receipt` (of receipt-file.js) at `site`.

`site` has the `review` and the `origin` of the log that the page is about, and reads afresh:
`text(path)` and `bytes(path)` below the log's address, and `shown()`, the review, or null.
`tell.step(step, outcome, values)` hears each finding, whose outcome begins with "ok", "bad" or
"skip"; `tell.progress(done, total)` how far a search through the log has come.

Gives `{verdict, values}`; throws what `site` throws, or TileError. */
export function checkReceipt(receipt, site, tell) {
  return new Check(receipt, site, tell).run();
}

class Check {
  #receipt;
  #site;
  #tell;
  #wrong = false;
  #broken = false;

  constructor(receipt, site, tell) {
    [this.#receipt, this.#site, this.#tell] = [receipt, site, tell];
  }

  async run() {
    const receipt = this.#receipt;
    if (receipt.proof.origin !== this.#site.origin) {
      return { verdict: "otherlog", values: { origin: receipt.proof.origin } };
    }
    // The shop is asked before the log, which must then hold all that is shown.
    const shown = await this.#site.shown();
    const announced = (await this.#site.text("key")).trim();
    const seen = await this.#signed(receipt.log?.key ?? announced);
    if (!seen) return { verdict: receipt.log ? "broken" : "unnamed" };
    if (receipt.entry && !(await this.#includes(seen, receipt.leaf))) return { verdict: "broken" };

    const live = await this.#live(receipt.log?.key ?? announced, announced, seen);
    const log = live && new TiledLog(live.size, (path) => this.#site.bytes(path));
    const grown = live && (await this.#consistent(seen, live, log));
    const entry = receipt.entry ?? (grown ? await this.#fetched(seen, live, log) : null);
    if (!entry) return { verdict: this.#broken ? "broken" : "tampered" };
    if (entry.type !== "review.submitted") return { verdict: "elsewhere", values: {} };
    if (entry.review !== this.#site.review) {
      return { verdict: "elsewhere", values: { review: entry.review } };
    }
    if (!(await this.#words(entry))) return { verdict: "broken" };

    if (!shown) {
      this.#say("facts", "bad-gone");
      if (grown && live.unproven) await this.#search(live, log, []);
      return { verdict: "tampered" };
    }
    return this.#compare(entry, shown, grown ? live : null, log);
  }

  #say(step, outcome, values = {}) {
    this.#wrong ||= outcome.startsWith("bad");
    this.#tell.step(step, outcome, values);
  }

  /** The checkpoint of the receipt, or null: it is not signed by the key that it names. */
  async #signed(vkey) {
    try {
      const seen = await openCheckpoint(this.#receipt.proof.checkpoint, [await parseKey(vkey)]);
      this.#say("signature", this.#receipt.log ? "ok" : "ok-announced", { size: seen.size });
      return seen;
    } catch (error) {
      if (!(error instanceof SignatureError || error instanceof MalformedError)) throw error;
      this.#say("signature", this.#receipt.log ? "bad" : "bad-announced");
      return null;
    }
  }

  async #includes(seen, leaf) {
    const { index, hashes } = this.#receipt.proof;
    try {
      await checkInclusion(index, seen.size, await leafHash(leaf), hashes, seen.root);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      this.#say("inclusion", "bad", { index });
      this.#broken = true;
      return false;
    }
    this.#say("inclusion", "ok", { index });
    return true;
  }

  /** Whether the words and the author key in the file belong to the entry. */
  async #words(entry) {
    const { words, authorKey } = this.#receipt;
    if (authorKey !== null && !(await isKeyOf(authorKey, entry.author))) {
      this.#say("words", "bad-key");
      return false;
    }
    if (words && !(await fits(words, entry.commitment))) {
      this.#say("words", "bad");
      return false;
    }
    if (words) this.#say("words", authorKey === null ? "ok" : "ok-key");
    else this.#say("words", entry.item === null ? "ok-stars" : "skip-none");
    return true;
  }

  /** Today's checkpoint, signed by the log; `unproven` where only a key that still has to be found
  in the log has signed it. Null when it is not signed at all. */
  async #live(own, announced, seen) {
    const note = await this.#site.text("checkpoint");
    for (const vkey of new Set([own, announced])) {
      try {
        const live = await openCheckpoint(note, [await parseKey(vkey)]);
        if (live.origin !== seen.origin) continue;
        if (vkey === own) this.#say("key", this.#receipt.log ? "ok" : "skip-announced");
        return { ...live, vkey, unproven: vkey !== own };
      } catch (error) {
        if (!(error instanceof SignatureError || error instanceof MalformedError)) throw error;
      }
    }
    this.#say("key", own === announced ? "bad-unsigned" : "bad-neither");
    this.#say("consistency", "skip-unsigned");
    return null;
  }

  async #consistent(seen, live, log) {
    const values = { seen: seen.size, size: live.size };
    let outcome = "ok";
    try {
      if (live.size < seen.size) outcome = "bad-shorter";
      else await log.checkBeginsWith(seen.size, seen.root, live.root);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      outcome = "bad";
    }
    this.#say("consistency", outcome, values);
    // An entry that announces the new key would have to stand in the log that we know.
    if (outcome !== "ok" && live.unproven) this.#say("key", "bad-swapped");
    return outcome === "ok";
  }

  /** A bare proof brings no entry: it is in the log, which holds what the proof has seen. */
  async #fetched(seen, live, log) {
    const { index } = this.#receipt.proof;
    const leaf = index < seen.size ? await log.entry(index) : new Uint8Array();
    if (index < seen.size && !(await this.#holds(log, live, index, leaf))) return null;
    return (await this.#includes(seen, leaf)) ? readEntry(leaf) : null;
  }

  async #holds(log, live, index, leaf) {
    try {
      await log.checkHolds(index, leaf, live.root);
      return true;
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      this.#say("consistency", "bad-files", { index });
      return false;
    }
  }

  async #compare(entry, shown, live, log) {
    const place = { index: this.#receipt.proof.index, origin: this.#site.origin };
    const found = differences(entry, place, shown);
    this.#say("facts", found.length ? "bad" : "ok", { score: entry.score, differences: found });

    const texts = await this.#texts(entry, shown, live, log);
    const questionable = [];
    for (const { logged, seen } of texts) {
      if (logged?.item && !(await isWhole(logged, seen))) questionable.push(logged.item);
    }
    const wanted = live && (questionable.length || live.unproven);
    const removals = wanted ? await this.#search(live, log, questionable) : new Removals([]);

    const [own, ...followUps] = texts;
    const text = await judgeText(own.logged, own.seen, this.#receipt.words, removals);
    this.#sayText(text, own.seen, live);
    await this.#sayFollowUps(followUps, removals, live);
    const verdict = LAWFUL.has(text.outcome) ? text.outcome : "stands";
    return { verdict: this.#wrong ? "tampered" : verdict, values: { chain: text.chain } };
  }

  /** What is shown of the review's text and its follow-ups, each with its entry: `{logged, seen}`,
  whose `logged` is null where the log has no such entry. */
  async #texts(entry, shown, live, log) {
    const texts = [{ logged: entry, seen: { ...shown, name: shown.display_name } }];
    for (const followUp of shown.follow_ups) {
      texts.push({
        logged: live && (await this.#followUp(followUp, live, log, entry)),
        seen: { ...followUp, name: followUp.display_name },
      });
    }
    return texts;
  }

  #sayText({ outcome, chain }, seen, live) {
    const right = isRight(outcome);
    const written = this.#receipt.words?.text ?? null;
    const values = { index: chain.at(-1)?.index };
    if (!right && written !== null && seen.text !== written) {
      values.quotes = { written, shown: seen.text };
    }
    if (outcome === "missing" && !live) outcome = "unsearched";
    if (outcome === "redacted" && written === null) outcome = "redacted-unseen";
    this.#say("text", `${right ? "ok" : "bad"}-${outcome}`, values);
  }

  async #sayFollowUps(followUps, removals, live) {
    const outcomes = new Set();
    for (const { logged, seen } of live ? followUps : []) {
      const judged = logged && (await judgeText(logged, seen, null, removals));
      outcomes.add(judged !== null && isRight(judged.outcome));
    }
    const checked = outcomes.has(false) ? "bad" : "ok";
    const unchecked = followUps.length ? "skip-unchecked" : "skip-none";
    this.#say("followups", outcomes.size ? checked : unchecked, { count: followUps.length });
  }

  /** The entry of a follow-up that is shown, proven to be in the log and to be about this review. */
  async #followUp(followUp, live, log, entry) {
    const index = followUp.log?.index;
    if (!Number.isSafeInteger(index) || index < 0 || index >= live.size) return null;
    const leaf = await log.entry(index);
    const logged = readEntry(leaf);
    if (logged?.type !== "followup.published" || logged.review !== entry.review) return null;
    if (!(await this.#holds(log, live, index, leaf))) return null;
    return { ...logged, author: entry.author };
  }

  /** Read the log from the review on, for the removals of `items` and a change of the key. */
  async #search(live, log, items) {
    const removals = new Removals(items);
    const first = this.#receipt.proof.index + 1;
    let rotated = null;
    for await (const { start, leaves } of log.bundles(first)) {
      for (const [at, leaf] of leaves.entries()) {
        const entry = readEntry(leaf);
        if (!entry) continue;
        const index = start + at;
        const isKey = entry.type === "key.rotated" && entry.key === live.vkey;
        if (!isKey && !removals.take(index, entry)) continue;
        // Only what is found counts, and it must stand in the tree that was signed.
        if (!(await this.#holds(log, live, index, leaf))) return new Removals([]);
        if (isKey) rotated = index;
      }
      this.#tell.progress(start + leaves.length - first, live.size - first);
    }
    if (live.unproven && rotated === null) this.#say("key", "bad-swapped");
    else if (live.unproven) this.#say("key", "ok-rotated", { index: rotated });
    return removals;
  }
}
