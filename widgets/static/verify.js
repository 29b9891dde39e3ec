// The page that checks a receipt: takes a file, a paste or the shop's own receipt, runs the check, and
// shows what it says. The file is read here and sent nowhere.

import { ReceiptFileError, readReceipt, readText } from "./receipt-file.js";
import { openNote, parseKey } from "./tlog-note.js";
import { TileError } from "./tlog-tiles.js";
import { checkReceipt } from "./verify-check.js";
import { ServerError, siteAt, textAt } from "./verify-server.js";
import { difference, quotes, removal, says, word } from "./verify-words.js";

const HOLDS = new Set(["stands", "redacted", "removed", "withdrawn"]);
const REVIEW = /^rv_[a-z2-7]{26}$/;

// The example of c2sp.org/signed-note: a browser that cannot open it cannot check anything.
const EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const EXAMPLE =
  "This is an example message.\n\n\u2014 example.com/foo " +
  "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

const root = document.querySelector("[data-verify]");
const part = (name) => root.querySelector(`[data-${name}]`);

// --- The steps and the verdict ------------------------------------------------------------------

let wrong = [];

function showStep(step, outcome, values) {
  const row = root.querySelector(`[data-step="${step}"]`);
  const found = [says(`${step}.${outcome}`, values)];
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
  if (HOLDS.has(verdict)) more.push(...values.chain.map(removal));
  if (verdict === "elsewhere" && REVIEW.test(values.review)) {
    const link = says("elsewhere.link");
    link.href = root.dataset.page.replace(root.dataset.review, values.review);
    more.push(link);
  }
  if (isPublic && HOLDS.has(verdict)) more.push(says("public"));
  showVerdict(verdict, values, more);
}

// --- A run --------------------------------------------------------------------------------------

/** Where a receipt of this log is checked; the address in the receipt is never asked. */
function logOf(receipt) {
  const logs = Array.from(root.querySelectorAll("[data-log]"));
  return logs.find((each) => each.dataset.origin === receipt.proof.origin) ?? logs[0];
}

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
    const { review, data } = root.dataset;
    const site = siteAt(review, log.dataset.origin, log.dataset.log, data);
    const result = await checkReceipt(receipt, site, {
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

/** The key that the log announces, as the page came with it. */
const ANNOUNCED = root.querySelector("[data-vkey]").textContent;

/** The command names the key that the receipt brought, which is the one its keeper trusts; and where
the log has another one by now, that too, because the old one opens nothing new. */
async function showCommand(receipt, log) {
  const command = root.querySelector("pre");
  if (log.dataset.origin === receipt.proof.origin) {
    command.querySelector("[data-url]").textContent = log.dataset.url;
  }
  try {
    const { text, name } = await parseKey(receipt.log?.key ?? "");
    command.querySelector("[data-vkey]").textContent = text;
    const newest = await parseKey(ANNOUNCED);
    if (newest.name === name && newest.text !== text) {
      command.querySelector("[data-vkey]").textContent = `${text} \\\n  --key ${newest.text}`;
    }
  } catch {
    // No key is better than one that is none.
  }
}

// --- What the page offers -----------------------------------------------------------------------

function listen() {
  const file = part("file");
  const paste = part("paste");
  file.addEventListener("change", () => file.files.length && take(file.files));
  part("paste-check").addEventListener("click", () => run(async () => paste.value));
  part("public")?.addEventListener("click", () =>
    run(() => textAt(root.dataset.receipt), true),
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
