// Reading a live log: its tiles of hashes and bundles of entries, as c2sp.org/tlog-tiles publishes
// them. Nothing that comes from here is believed: proofs that are made of it are checked against the
// root of a signed checkpoint.

import {
  checkConsistency,
  checkInclusion,
  leafHash,
  nodeHash,
  proveConsistency,
  proveInclusion,
} from "./tlog.js";

/** Tiles that have not the form of tiles. */
export class TileError extends Error {
  name = "TileError";
}

const HASH_SIZE = 32;
const WIDTH = 256;
const HEIGHT = 8n;

/** 1234067 is x001/x234/067; `level` is a number or "entries". */
export function tilePath(level, number, width = WIDTH) {
  const digits = String(number);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g);
  const last = groups.pop();
  const partial = width === WIDTH ? "" : `.p/${width}`;
  return `tile/${level}/${groups.map((group) => `x${group}/`).join("")}${last}${partial}`;
}

/** The log at `size` leaves. `get(path)` fetches bytes below the log's address, or throws. */
export class TiledLog {
  #get;
  #tiles = new Map();

  constructor(size, get) {
    this.size = size;
    this.#get = get;
  }

  /** Check that this log, whose root at this size is `root`, begins with an older tree. */
  async checkBeginsWith(oldSize, oldRoot, root) {
    const read = (node) => this.#node(node);
    const proof = oldSize < this.size ? await proveConsistency(oldSize, this.size, read) : [];
    await checkConsistency(oldSize, oldRoot, this.size, root, proof);
  }

  /** Check that the log under `root` has `leaf` at `index`. */
  async checkHolds(index, leaf, root) {
    const proof = await proveInclusion(index, this.size, (node) => this.#node(node));
    await checkInclusion(index, this.size, await leafHash(leaf), proof, root);
  }

  /** One entry's bytes. */
  async entry(index) {
    for await (const bundle of this.bundles(index, index + 1)) return bundle.leaves[0];
    throw new TileError(`there is no entry ${index}`);
  }

  /** The entries from `start` up to, not including, `end`, bundle by bundle. */
  async *bundles(start, end = this.size) {
    if (start >= end) return;
    let number = Math.floor(start / WIDTH);
    let next = this.#bundle(number);
    for (; number * WIDTH < end; number += 1) {
      const leaves = await next;
      const first = number * WIDTH;
      // The next one is on its way while this one is read.
      if (first + WIDTH < end) {
        next = this.#bundle(number + 1);
        next.catch(() => {}); // it is reported where it is awaited
      }
      const from = Math.max(start - first, 0);
      yield { start: first + from, leaves: leaves.slice(from, end - first) };
    }
  }

  async #bundle(number) {
    const width = Math.min(WIDTH, this.size - number * WIDTH);
    const leaves = parseBundle(await this.#get(tilePath("entries", number, width)));
    if (leaves.length !== width) throw new TileError(`a bundle of ${leaves.length}, not ${width}`);
    return leaves;
  }

  /** The hash of a complete subtree, computed from the tile below it where it is in none. */
  async #node([level, index]) {
    const height = BigInt(level) % HEIGHT;
    const row = Number(BigInt(level) / HEIGHT);
    const first = index << height;
    const tile = await this.#tile(row, first / BigInt(WIDTH));
    const start = Number(first % BigInt(WIDTH));
    let hashes = tile.slice(start, start + Number(1n << height));
    while (hashes.length > 1) {
      const pairs = hashes.flatMap((hash, at) => (at % 2 ? [[hashes[at - 1], hash]] : []));
      hashes = await Promise.all(pairs.map(([left, right]) => nodeHash(left, right)));
    }
    return hashes[0];
  }

  #tile(row, number) {
    const path = this.#path(row, number);
    if (!this.#tiles.has(path)) this.#tiles.set(path, this.#fetchTile(path));
    return this.#tiles.get(path);
  }

  #path(row, number) {
    const nodes = BigInt(this.size) >> (HEIGHT * BigInt(row));
    const left = nodes - number * BigInt(WIDTH);
    return tilePath(row, number, left < WIDTH ? Number(left) : WIDTH);
  }

  async #fetchTile(path) {
    const data = await this.#get(path);
    const width = Number(/\.p\/([0-9]+)$/.exec(path)?.[1] ?? WIDTH);
    if (data.length !== width * HASH_SIZE) throw new TileError(`a tile of ${data.length} bytes`);
    return Array.from({ length: width }, (_, at) =>
      data.slice(at * HASH_SIZE, (at + 1) * HASH_SIZE),
    );
  }
}

/** The leaves in a bundle: each after its length, a big-endian uint16. */
function parseBundle(data) {
  const leaves = [];
  for (let start = 0; start < data.length; ) {
    const end = start + 2 + (data[start] << 8) + data[start + 1];
    if (!(end <= data.length)) throw new TileError("a bundle that is cut short");
    leaves.push(data.slice(start + 2, end));
    start = end;
  }
  return leaves;
}
