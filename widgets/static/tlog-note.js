// Keys, signed notes, checkpoints and proofs of C2SP (signed-note, tlog-checkpoint, tlog-proof@v1),
// read strictly: one value has one spelling. docs/log-format.md shows the forms.

import { same, sha256 } from "./tlog.js";

/** What is not written as its format wants it. */
export class MalformedError extends Error {
  name = "MalformedError";
}

/** A note without a right signature of a known key. */
export class SignatureError extends Error {
  name = "SignatureError";
}

const ED25519 = 1;
const HASH_SIZE = 32;
const MAX_NOTE = 1_000_000;
const MAX_SIGNATURES = 100;
const MAX_HASHES = 63;
const PROOF_HEADER = "c2sp.org/tlog-proof@v1";
// Control characters other than newline, and surrogates without their other half.
const FORBIDDEN = /[\u0000-\u0009\u000b-\u001f\p{Surrogate}]/u;

const utf8 = new TextEncoder();

function refuse(what) {
  throw new MalformedError(what);
}

export function parseBase64(text, length) {
  let binary = "";
  try {
    binary = atob(text);
  } catch {
    refuse("not base64");
  }
  // atob skips white space and forgives missing padding and stray bits.
  if (btoa(binary) !== text) refuse("not canonical base64");
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  if (length !== undefined && bytes.length !== length) refuse(`not ${length} bytes`);
  return bytes;
}

/** A plain decimal that a Number holds exactly; no log comes near the end of those. */
export function parseDecimal(text) {
  const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : refuse("not a plain decimal");
}

const checkName = (name) => /^[^\s+]+$/u.test(name) || refuse("not a key's name");

/** A verifier key, `<name>+<key id in hex>+<base64(type || public key)>`, of type Ed25519. */
export async function parseKey(text) {
  const parts = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/su.exec(text) ?? refuse("not a verifier key");
  const [, name, id, encoded] = parts;
  checkName(name);
  const bytes = parseBase64(encoded);
  if (bytes[0] !== ED25519 || bytes.length !== 33) refuse("not an Ed25519 key");
  const digest = await sha256(utf8.encode(`${name}\n`), bytes);
  const expected = Array.from(digest.slice(0, 4), (byte) => byte.toString(16).padStart(2, "0"));
  if (expected.join("") !== id) refuse("wrong key id");
  const key = await crypto.subtle.importKey("raw", bytes.slice(1), "Ed25519", false, ["verify"]);
  return { text, name, id: digest.slice(0, 4), key };
}

/** Take a note apart without verifying anything: its text and its signatures. */
export function parseNote(note) {
  if (note.length > MAX_NOTE || FORBIDDEN.test(note)) refuse("not a note");
  const blank = note.lastIndexOf("\n\n");
  if (blank < 0 || blank + 2 >= note.length || !note.endsWith("\n")) refuse("no signature lines");
  const lines = note.slice(blank + 2, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) refuse("too many signatures");
  const signatures = lines.map((line) => {
    const parts = line.split(" ");
    if (parts.length !== 3 || parts[0] !== "\u2014") refuse("not a signature line");
    checkName(parts[1]);
    const data = parseBase64(parts[2]);
    if (data.length < 5) refuse("no signature after the key id");
    return { name: parts[1], id: data.slice(0, 4), signature: data.slice(4) };
  });
  return { text: note.slice(0, blank + 1), signatures };
}

/** Which of `keys` signed the note: at least one, or a SignatureError. A wrong signature of a known
key spoils the note. */
export async function openNote(note, keys) {
  const { text, signatures } = parseNote(note);
  const signers = new Set();
  for (const { name, id, signature } of signatures) {
    // Key ids are short: two known keys of one name might share one, and then either may sign.
    const known = keys.filter((key) => key.name === name && same(key.id, id));
    let right = known.length === 0;
    for (const { key, text: vkey } of known) {
      if (await crypto.subtle.verify("Ed25519", key, signature, utf8.encode(text))) {
        right = true;
        signers.add(vkey);
      }
    }
    if (!right) throw new SignatureError(`the signature of ${name} is wrong`);
  }
  if (signers.size === 0) throw new SignatureError("no signature of a known key");
  return { text, signers };
}

/** The three lines of a checkpoint: which log, how many leaves, and their root. */
export function parseCheckpoint(text) {
  const lines = text.split("\n");
  if (lines.length < 4 || lines.pop() !== "" || lines.includes("")) refuse("not a checkpoint");
  const [origin, size, root] = lines;
  return { origin, size: parseDecimal(size), root: parseBase64(root, HASH_SIZE) };
}

/** The checkpoint in a note that the log itself has signed, by one of `keys`. */
export async function openCheckpoint(note, keys) {
  const checkpoint = parseCheckpoint(parseNote(note).text);
  const own = keys.filter((key) => key.name === checkpoint.origin);
  const { signers } = await openNote(note, own);
  return { ...checkpoint, signers };
}

/** A `.tlog-proof`: the leaf's index, the hashes up to the root, and the signed checkpoint. */
export function parseProof(text) {
  const blank = text.indexOf("\n\n");
  const [header, ...lines] = text.slice(0, Math.max(blank, 0)).split("\n");
  if (header !== PROOF_HEADER) refuse("not a proof");
  if (lines[0]?.startsWith("extra ")) {
    if (parseBase64(lines.shift().slice(6)).length === 0) refuse("no extra data");
  }
  if (!lines[0]?.startsWith("index ")) refuse("no index");
  const index = parseDecimal(lines.shift().slice(6));
  if (lines.length > MAX_HASHES) refuse("too many hashes");
  const hashes = lines.map((line) => parseBase64(line, HASH_SIZE));
  const checkpoint = text.slice(blank + 2);
  const { origin } = parseCheckpoint(parseNote(checkpoint).text);
  return { index, hashes, checkpoint, origin };
}
