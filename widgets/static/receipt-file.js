// Reading what somebody hands over as a receipt: the JSON file of the receipt page, or a bare
// .tlog-proof. Whatever it is, it is read as data and nothing of it is believed yet.

import { parseProof } from "./tlog-note.js";

/** Not a receipt. `code` says why: huge, empty, binary, cut, unknown, newer or altered. */
export class ReceiptFileError extends Error {
  name = "ReceiptFileError";

  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** In bytes; a receipt has some ten thousand. */
export const MAX_FILE = 1_000_000;

const VERSION = 1;

function refuse(code) {
  throw new ReceiptFileError(code);
}

/** The text of a File. */
export async function readText(file) {
  if (file.size > MAX_FILE) refuse("huge");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    return refuse("binary");
  }
}

/** A receipt from the text of a file or of the clipboard.

`log`, `leaf`, `entry`, `words` and `authorKey` are null where the file does not say them. */
export function readReceipt(text) {
  if (text.length > MAX_FILE) refuse("huge");
  // Copying through mails and editors changes the ends of lines, and drops the last one.
  const clean = text.replaceAll("\r\n", "\n").trim();
  if (clean === "") refuse("empty");
  if (clean.startsWith("{")) return fromJson(clean);
  if (clean.startsWith("c2sp.org/tlog-proof")) return fromProof(clean);
  return refuse("unknown");
}

function fromProof(text) {
  const nothing = { log: null, leaf: null, entry: null, words: null, authorKey: null };
  return { ...nothing, proof: proofIn(`${text}\n`) };
}

function proofIn(text) {
  try {
    return parseProof(text);
  } catch {
    return refuse("cut");
  }
}

function fromJson(text) {
  let file;
  try {
    file = JSON.parse(text);
  } catch {
    refuse("cut");
  }
  if (!("proof" in file && "leaf" in file)) refuse("unknown");
  if (file.version !== VERSION) refuse("newer");
  const { log, index, leaf, item, salt, name, text: written, author_key: authorKey } = file;
  const wanted = [
    [log?.origin, log?.key, leaf, file.proof].every((value) => typeof value === "string"),
    [item, name, written].every((value) => value === null || typeof value === "string"),
    [salt, authorKey].every((value) => value === null || isHex32(value)),
    // The words come and go together.
    new Set([salt === null, name === null, written === null]).size === 1,
  ];
  if (wanted.includes(false)) refuse("altered");
  const proof = proofIn(file.proof);
  const entry = readEntry(leaf);
  if (proof.index !== index || proof.origin !== log.origin || entry?.item !== item) refuse("altered");
  return {
    log: { origin: log.origin, key: log.key },
    leaf: new TextEncoder().encode(leaf),
    entry,
    words: salt === null ? null : { name, text: written, salt },
    authorKey,
    proof,
  };
}

const isHex32 = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);

// Without ignoreBOM, a leaf with a byte order mark would be read as the one without.
const exact = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The entry that a leaf, bytes or a string, writes in canonical JSON (RFC 8785); null if none. */
export function readEntry(leaf) {
  try {
    const text = typeof leaf === "string" ? leaf : exact.decode(leaf);
    const entry = JSON.parse(text);
    return entry?.v === 1 && canonical(entry) === text ? entry : null;
  } catch {
    return null;
  }
}

/** For what an entry may hold. JSON.stringify writes strings and whole numbers as RFC 8785 wants. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}
