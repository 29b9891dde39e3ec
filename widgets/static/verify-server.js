// What the check asks the server for: public answers, without credentials and past every cache.

/** What the server answered, or did not, when it was needed. */
export class ServerError extends Error {
  name = "ServerError";
}

const PATIENCE = 30_000; // in milliseconds, for one answer

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

/** The bytes at an address that must be there. */
async function wanted(url) {
  const bytes = await get(url);
  if (bytes === null) throw new ServerError(`${url} (404)`);
  return bytes;
}

/** The text at an address that must be there. */
export const textAt = async (url) => textOf(await wanted(url));

const textOf = (bytes) => new TextDecoder().decode(bytes);

async function reviewAt(url) {
  const bytes = await get(url);
  if (bytes === null) return null;
  try {
    const review = JSON.parse(textOf(bytes));
    if (review.follow_ups.every((each) => typeof each === "object" && each)) return review;
  } catch {
    // It is no review, as below.
  }
  throw new ServerError(url);
}

/** Where `review` stands: in the log of this `origin` at this `address`, and shown at `url`. */
export const siteAt = (review, origin, address, url) => ({
  review,
  origin,
  bytes: (path) => wanted(address + path),
  text: (path) => textAt(address + path),
  shown: () => reviewAt(url),
});
