// The Merkle tree of a transparency log (RFC 6962, section 2.1, over SHA-256), and checking its
// proofs as RFC 9162, sections 2.1.3.2 and 2.1.4.2, describes it. Hashes are Uint8Arrays of 32 bytes.
// Positions and sizes are Numbers or BigInts; they are computed with as BigInts, because the bitwise
// operators of Numbers end at 32 bits.

/** A proof that shows nothing, or that contradicts what it should show. */
export class ProofError extends Error {
  name = "ProofError";
}

const HASH_SIZE = 32;

export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let start = 0;
  for (const part of parts) {
    whole.set(part, start);
    start += part.length;
  }
  return whole;
}

export const sha256 = async (...parts) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));

export const same = (one, other) =>
  one.length === other.length && one.every((byte, at) => byte === other[at]);

/** MTH({d}) = SHA-256(0x00 || d). */
export const leafHash = (leaf) => sha256([0], leaf);

/** MTH(D) = SHA-256(0x01 || left || right). */
export const nodeHash = (left, right) => sha256([1], left, right);

/** Check that leaf `index` of the tree of `size` leaves under `root` has the hash `leaf`.

Take `size` and `root` from one signed checkpoint: a proof does not bind them to each other. */
export async function checkInclusion(index, size, leaf, proof, root) {
  [index, size] = [BigInt(index), BigInt(size)];
  if (index < 0n || index >= size) throw new ProofError(`a tree of ${size} has no leaf ${index}`);
  const { inner, border } = shape(index, size);
  checkHashes([leaf, root, ...proof], 2 + inner + border);
  let computed = await climb(leaf, proof.slice(0, inner), index);
  computed = await climbBorder(computed, proof.slice(inner));
  if (!same(root, computed)) throw new ProofError("the proof leads to another root");
}

/** Check that the tree under `newRoot` begins with the leaves of the one under `oldRoot`.

Every tree begins with nothing, so an empty old tree proves nothing and is refused. */
export async function checkConsistency(oldSize, oldRoot, newSize, newRoot, proof) {
  [oldSize, newSize] = [BigInt(oldSize), BigInt(newSize)];
  if (oldSize <= 0n || oldSize > newSize) {
    throw new ProofError(`there is no consistency proof from ${oldSize} to ${newSize} leaves`);
  }
  if (oldSize === newSize) {
    checkHashes([oldRoot, newRoot, ...proof], 2);
    if (!same(oldRoot, newRoot)) throw new ProofError("two roots for one size");
    return;
  }
  // The proof climbs from the greatest complete subtree at the old tree's right edge. Where that is
  // the whole old tree, its hash is the old root and is left out of the proof.
  const level = bitLength(oldSize & -oldSize) - 1;
  const { inner: above, border } = shape(oldSize - 1n, newSize);
  const inner = above - level;
  const whole = oldSize === 1n << BigInt(level);
  checkHashes([oldRoot, newRoot, ...proof], 2 + (whole ? 0 : 1) + inner + border);
  const [seed, path] = whole ? [oldRoot, proof] : [proof[0], proof.slice(1)];
  const position = (oldSize - 1n) >> BigInt(level);
  const [below, edge] = [path.slice(0, inner), path.slice(inner)];
  const old = await climbBorder(await climb(seed, below, position, true), edge);
  if (!same(oldRoot, old)) throw new ProofError("the proof leads to another old root");
  const grown = await climbBorder(await climb(seed, below, position), edge);
  if (!same(newRoot, grown)) throw new ProofError("the proof leads to another new root");
}

/** PATH(index, D[size]) of RFC 6962, section 2.1.1. `read([level, index])` gives the hash of a
complete subtree, as a promise. */
export function proveInclusion(index, size, read) {
  [index, size] = [BigInt(index), BigInt(size)];
  if (index < 0n || index >= size) throw new ProofError(`a tree of ${size} has no leaf ${index}`);
  const siblings = [];
  for (let [start, end] = [0n, size]; end - start > 1n; ) {
    const middle = start + split(end - start);
    if (index < middle) {
      siblings.push([middle, end]);
      end = middle;
    } else {
      siblings.push([start, middle]);
      start = middle;
    }
  }
  return readRanges(siblings.reverse(), read);
}

/** PROOF(oldSize, D[newSize]) of RFC 6962, section 2.1.2, where 0 < oldSize <= newSize. */
export function proveConsistency(oldSize, newSize, read) {
  [oldSize, newSize] = [BigInt(oldSize), BigInt(newSize)];
  if (oldSize <= 0n || oldSize > newSize) {
    throw new ProofError(`there is no consistency proof from ${oldSize} to ${newSize} leaves`);
  }
  const ranges = [];
  let [start, end] = [0n, newSize];
  while (oldSize !== end) {
    const middle = start + split(end - start);
    if (oldSize <= middle) {
      ranges.push([middle, end]);
      end = middle;
    } else {
      ranges.push([start, middle]);
      start = middle;
    }
  }
  if (start > 0n) ranges.push([start, end]); // otherwise it is the old tree itself
  return readRanges(ranges.reverse(), read);
}

const bitLength = (value) => (value === 0n ? 0 : value.toString(2).length);

/** The k of RFC 6962: the greatest power of two below `size`, which is at least 2. */
const split = (size) => 1n << BigInt(bitLength(size - 1n) - 1);

/** How many steps of a path lie below the right edge of the tree, and how many on it. */
function shape(index, size) {
  const inner = bitLength(index ^ (size - 1n));
  const onEdge = (index >> BigInt(inner)).toString(2);
  return { inner, border: onEdge.replaceAll("0", "").length };
}

/** The complete subtrees over the leaves from `start` to `end`, left to right. */
function cover(start, end) {
  const nodes = [];
  while (start < end) {
    const level = bitLength(end - start) - 1;
    nodes.push([level, start >> BigInt(level)]);
    start += 1n << BigInt(level);
  }
  return nodes;
}

async function readRanges(ranges, read) {
  const hashes = [];
  for (const [start, end] of ranges) {
    const nodes = await Promise.all(cover(start, end).map(read));
    let root = nodes.pop();
    while (nodes.length) root = await nodeHash(nodes.pop(), root);
    hashes.push(root);
  }
  return hashes;
}

/** Hash upwards. With `onlyLeft` siblings on the right are left out: the tree before they came. */
async function climb(seed, path, position, onlyLeft = false) {
  for (const [height, sibling] of path.entries()) {
    if ((position >> BigInt(height)) & 1n) seed = await nodeHash(sibling, seed);
    else if (!onlyLeft) seed = await nodeHash(seed, sibling);
  }
  return seed;
}

async function climbBorder(seed, path) {
  for (const sibling of path) seed = await nodeHash(sibling, seed);
  return seed;
}

function checkHashes(hashes, expected) {
  if (hashes.length !== expected) {
    throw new ProofError(`a proof of ${hashes.length - 2} hashes where ${expected - 2} are needed`);
  }
  if (hashes.some((hash) => hash.length !== HASH_SIZE)) {
    throw new ProofError(`a hash that is not ${HASH_SIZE} bytes long`);
  }
}
