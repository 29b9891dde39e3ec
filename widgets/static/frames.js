// For pages that frame our walls: makes each frame as high as the wall in it, so that it needs no scroll bar
// of its own. Only what our pages say counts, and only in the frame that they are in (docs/embedding.md).
const { getComputedStyle, location } = globalThis;
const findAll = Document.prototype.querySelectorAll.bind(document);
const OURS = new URL(import.meta.url).origin;

/** Begin; once for a page, whatever frames come and go. */
export function fitFrames() {
  EventTarget.prototype.addEventListener.call(globalThis, "message", fit);
  for (const { contentDocument, contentWindow } of findAll("iframe")) {
    // A frame that was here first has told nobody. One that is still empty, or the host's, has a document.
    if (!contentDocument || OURS === location.origin)
      contentWindow.postMessage({ type: "insurance-reviews:height?" }, OURS);
  }
}

function fit({ origin, source, data }) {
  if (origin !== OURS || data?.type !== "insurance-reviews:height" || !(data.height > 0)) return;
  const frame = [...findAll("iframe")].find((one) => one.contentWindow === source);
  if (!frame) return;
  const border = getComputedStyle(frame).boxSizing === "border-box" ? frame.offsetHeight - frame.clientHeight : 0;
  frame.style.height = `${Math.ceil(data.height) + border}px`;
}

fitFrames();
