// The page that checks a receipt: takes a file, a paste or the shop's own receipt, runs the check and
// shows what it says, in sentences that the server has put into the page. The file is read here and
// sent nowhere.

import { ReceiptFileError, readReceipt, readText } from "./receipt-file.js";
import { openNote, parseKey } from "./tlog-note.js";
import { TileError } from "./tlog-tiles.js";
import { checkReceipt } from "./verify-check.js";

/** What the server answered, or did not, when it was needed. */
class ServerError extends Error {
  name = "ServerError";
}

const PATIENCE = 30_000; // in milliseconds, for one answer
const REVIEW = /^rv_[a-z2-7]{26}$/;

// The example of c2sp.org/signed-note: a browser that cannot open it cannot check anything.
const EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const EXAMPLE =
  "This is an example message.\n\n\u2014 example.com/foo " +
  "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

const root = document.querySelector("[data-verify]");
const part = (name) => root.querySelector(`[data-${name}]`);
const sentences = part("sentences").content;
const lang = document.documentElement.lang;
const number = new Intl.NumberFormat(lang);
const day = new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: root.dataset.timezone });

// --- Sentences --------------------------------------------------------------------------------------

/** A copy of the sentence, its places {like this} filled in. Values stay text. */
function says(key, values = {}) {
  const copy = document.importNode(sentences.querySelector(`[data-says="${key}"]`), true);
  copy.removeAttribute("data-says");
  const walker = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    walker.currentNode.data = walker.currentNode.data.replace(/\{(\w+)\}/g, (place, name) =>
      name in values ? shown(values[name]) : place,
    );
  }
  return copy;
}

const shown = (value) => (typeof value === "number" ? number.format(value) : String(value ?? "–"));

/** The word for a key of a fixed vocabulary, or the key where there is none. */
function word(kind, key) {
  const found = Array.from(sentences.querySelectorAll(`[data-${kind}]`)).find(
    (element) => element.getAttribute(`data-${kind}`) === String(key),
  );
  return found?.textContent ?? String(key ?? "–");
}

function difference({ field, logged, shown: seen }) {
  const [kind, aspect] = field.split(/\.(.*)/s);
  const said = (value) => {
    if (field === "at") return Number.isFinite(value) ? new Date(value * 1000).toISOString() : "–";
    return kind === "stage" ? word("stage", value) : value;
  };
  const values = { logged: said(logged), shown: said(seen) };
  if (kind === "score") return says("difference.score", values);
  const name = aspect === undefined ? word("field", kind) : word("aspect", aspect);
  return says("difference.other", { name, ...values });
}

function quotes({ written, shown: seen }) {
  const copy = says(seen === null ? "quote" : "quotes");
  copy.querySelector("[data-written]").textContent = written;
  if (seen !== null) copy.querySelector("[data-shown]").textContent = seen;
  return copy;
}

/** On what a text went: the report and its answer, or the author's own key. */
function removal({ index, entry, report, verdict }) {
  const on = { index, day: day.format(entry.at * 1000) };
  if (!report) return says("withdrawal", on);
  return says("report", {
    ...on,
    authority: report.authority,
    number: report.report_no,
    filed: report.filed_on,
    ground: word("ground", report.ground),
    verdict: word("verdict", verdict ?? "none"),
  });
}

// --- The steps and the verdict ----------------------------------------------------------------------

let wrong = [];

function showStep(step, outcome, values) {
  const row = root.querySelector(`[data-step="${step}"]`);
  const found = [];
  if (outcome !== "skip") found.push(says(`${step}.${outcome}`, values));
  if (values.differences?.length) {
    const list = document.createElement("ul");
    list.append(...values.differences.map(difference));
    found.push(list);
  }
  if (values.quotes) found.push(quotes(values.quotes));
  row.dataset.outcome = outcome.split("-")[0];
  row.querySelector("[data-found]").replaceChildren(...found);
  if (row.dataset.outcome === "bad") wrong.push(...found.map((each) => each.cloneNode(true)));
}

function clearSteps() {
  wrong = [];
  for (const row of root.querySelectorAll("[data-step]")) {
    delete row.dataset.outcome;
    row.querySelector("[data-found]").replaceChildren();
  }
}

function showVerdict(name, values = {}, more = []) {
  const verdict = says(`verdict.${name}`, values);
  const box = part("verdict");
  box.dataset.kind = verdict.dataset.kind;
  box.replaceChildren(...verdict.childNodes, ...more);
  box.hidden = false;
  part("status").textContent = "";
  part("progress").hidden = true;
  box.focus();
}

function showResult({ verdict, values = {} }, isPublic) {
  const more = [];
  if (verdict === "tampered") more.push(...wrong, says("evidence"));
  if (verdict === "broken") more.push(...wrong);
  more.push(...(values.chain ?? []).map(removal));
  if (verdict === "elsewhere" && REVIEW.test(values.review)) {
    const link = says("elsewhere.link");
    link.href = root.dataset.page.replace(root.dataset.review, values.review);
    more.push(link);
  }
  if (isPublic && verdict in { stands: 1, redacted: 1, removed: 1, withdrawn: 1 }) {
    more.push(says("public"));
  }
  showVerdict(verdict, values, more);
}

// --- The server -------------------------------------------------------------------------------------

async function get(url) {
  let answer;
  try {
    answer = await fetch(url, {
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
  } catch {
    throw new ServerError(url);
  }
  if (answer.status === 404) return null;
  throw new ServerError(`${url} (${answer.status})`);
}

async function wanted(url) {
  const bytes = await get(url);
  if (bytes === null) throw new ServerError(`${url} (404)`);
  return bytes;
}

const textOf = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

async function shownReview() {
  const bytes = await get(root.dataset.data);
  if (bytes === null) return null;
  try {
    const review = JSON.parse(textOf(bytes));
    if (review.follow_ups.every((each) => typeof each === "object" && each)) return review;
  } catch {
    // It is no review, as below.
  }
  throw new ServerError(root.dataset.data);
}

/** Where a receipt of this log is checked; the address in the receipt is never asked. */
function logOf(receipt) {
  const logs = Array.from(root.querySelectorAll("[data-log]"));
  return logs.find((each) => each.dataset.origin === receipt.proof.origin) ?? logs[0];
}

function siteOf({ dataset: { log, origin } }) {
  return {
    review: root.dataset.review,
    origin,
    bytes: (path) => wanted(log + path),
    text: async (path) => textOf(await wanted(log + path)),
    shown: shownReview,
  };
}

// --- A run ------------------------------------------------------------------------------------------

let runs = 0;

async function run(read, isPublic = false) {
  const mine = ++runs;
  const isCurrent = () => mine === runs;
  clearSteps();
  part("verdict").hidden = true;
  part("status").textContent = word("status", "running");
  try {
    const receipt = readReceipt(await read());
    if (!isCurrent()) return;
    const log = logOf(receipt);
    await showCommand(receipt, log);
    const result = await checkReceipt(receipt, siteOf(log), {
      step: (...said) => isCurrent() && showStep(...said),
      progress: (done, total) => isCurrent() && showProgress(done, total),
    });
    if (isCurrent()) showResult(result, isPublic);
  } catch (error) {
    if (isCurrent()) showFailure(error);
  }
}

function showProgress(done, total) {
  const bar = part("progress");
  if (bar.hidden) part("status").textContent = word("status", "searching");
  bar.hidden = false;
  bar.max = total;
  bar.value = done;
}

function showFailure(error) {
  if (error instanceof ReceiptFileError) return showVerdict(`file-${error.code}`);
  if (error instanceof ServerError) return showVerdict("server", { address: error.message });
  if (error instanceof TileError) return showVerdict("server", { address: error.message });
  showVerdict("failed");
  throw error; // a fault of ours belongs in the console
}

/** The command names the key that the receipt brought: that is the one its keeper trusts. */
async function showCommand(receipt, log) {
  const command = root.querySelector("pre");
  if (log.dataset.origin === receipt.proof.origin) {
    command.querySelector("[data-url]").textContent = log.dataset.url;
  }
  try {
    const { text } = await parseKey(receipt.log?.key ?? "");
    command.querySelector("[data-vkey]").textContent = text;
  } catch {
    // No key is better than one that is none.
  }
}

// --- What the page offers ---------------------------------------------------------------------------

function listen() {
  const file = part("file");
  const paste = part("paste");
  file.addEventListener("change", () => file.files.length && take(file.files));
  part("paste-check").addEventListener("click", () => run(async () => paste.value));
  part("public")?.addEventListener("click", () =>
    run(async () => textOf(await wanted(root.dataset.receipt)), true),
  );
  const drop = part("drop");
  // Anywhere on the page: a file that missed the field would otherwise replace the page.
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    drop.dataset.over = "";
  });
  addEventListener("dragleave", (event) => event.relatedTarget ?? delete drop.dataset.over);
  addEventListener("drop", (event) => {
    delete drop.dataset.over;
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  file.addEventListener("click", () => {
    file.value = ""; // so that the same file can be taken again
  });
}

function take(files) {
  if (files.length > 1) {
    runs += 1;
    clearSteps();
    showVerdict("file-many");
  } else {
    run(() => readText(files[0]));
  }
}

/** Whether this browser can check a signature: crypto.subtle is missing on plain http, Ed25519 in
browsers before 2025. */
const isAble = async () => {
  try {
    await openNote(EXAMPLE, [await parseKey(EXAMPLE_KEY)]);
    return true;
  } catch {
    return false;
  }
};

// It stays where no module of ours could be loaded, too.
const isHere = await isAble();
part("scriptless").hidden = true;
if (isHere) {
  listen();
  part("tool").hidden = false;
} else {
  part("unable").hidden = false;
}
