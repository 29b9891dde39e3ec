// Makes the review form and the author's forms more comfortable. Everything works without it.
//
// On the review form it also makes the author key here, so that the server never sees it: 32 random
// bytes, of which only SHA-256("insurance-reviews/author/v1" ‖ 00 ‖ key) is sent. The key waits in
// this tab's sessionStorage for the receipt page. Where a browser cannot do that, the key that the
// server put into the form stays in force.

const AUTHOR_DOMAIN = "insurance-reviews/author/v1";
const storageName = (invitation) => `insurance-reviews/author/${invitation}`;

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));

// The server counts code points after making CRLF of browsers LF; a form's value has LF already.
const codePoints = (text) => [...text].length;

async function authorHash(key) {
  const domain = new TextEncoder().encode(AUTHOR_DOMAIN);
  const input = new Uint8Array(domain.length + 1 + key.length);
  input.set(domain);
  input.set(key, domain.length + 1);
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", input)));
}

async function keepKeyHere(form) {
  if (!globalThis.crypto?.subtle) return; // not a secure context
  const name = storageName(form.dataset.invitation);
  try {
    const kept = sessionStorage.getItem(name);
    const key = kept ? unhex(kept) : crypto.getRandomValues(new Uint8Array(32));
    const hash = await authorHash(key);
    // Stored before it is sent: a key that cannot be shown later must not be used.
    sessionStorage.setItem(name, hex(key));
    form.elements.namedItem("author").value = hash;
    form.elements.namedItem("author_key").value = "";
  } catch {
    // Storage is switched off or full; the server's key stays.
  }
}

function countCharacters(form) {
  const counter = form.querySelector("[data-counter]");
  const field = form.querySelector("textarea[data-limit]");
  if (!counter || !field) return;
  const limit = Number(field.dataset.limit);
  const show = () => {
    const left = limit - codePoints(field.value);
    const words = left < 0 ? counter.dataset.over : counter.dataset.left;
    counter.textContent = words.replace("{n}", Math.abs(left).toLocaleString(document.documentElement.lang));
    counter.toggleAttribute("data-exceeded", left < 0);
  };
  counter.hidden = false;
  field.addEventListener("input", show);
  show();
}

// A second press while the first is on its way does nothing. The button is not disabled: a disabled
// button would not be sent, and its value says what was pressed.
function sendOnce(form) {
  const mark = (on) => {
    for (const button of form.querySelectorAll("button")) {
      if (on) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    }
  };
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
    mark(true);
  });
  // Back from the next page, out of the browser's cache.
  addEventListener("pageshow", () => {
    sent = false;
    mark(false);
  });
}

function previewLive(form) {
  const panel = document.querySelector("[data-preview]");
  if (!panel) return;
  const part = (name) => panel.querySelector(`[data-preview-${name}]`);
  const { masked, anonymous, wordless } = part("name").dataset;

  const aspects = () =>
    Array.from(form.querySelectorAll("[data-aspect]"), (group) => {
      const score = group.querySelector("input:checked")?.value;
      if (!score) return null;
      const row = document.createElement("div");
      const term = document.createElement("dt");
      const value = document.createElement("dd");
      term.textContent = group.dataset.aspect;
      value.textContent = score;
      row.append(term, value);
      return row;
    }).filter(Boolean);

  const show = () => {
    const data = new FormData(form);
    const text = data.get("text") ?? "";
    const name = data.get("display_name") === "masked" ? masked : anonymous;
    part("stars").setAttribute("width", String(20 * Number(data.get("score") ?? 0)));
    // A name is stored with words only, and goes with them.
    part("name").textContent = text.trim() ? name : wordless;
    part("text").textContent = text;
    part("none").hidden = text.trim() !== "";
    part("aspects").replaceChildren(...aspects());
  };
  panel.hidden = false;
  form.addEventListener("input", show);
  addEventListener("pageshow", show);
  show();
}

for (const form of document.querySelectorAll("form[data-review-form], form[data-once]")) {
  if ("reviewForm" in form.dataset) {
    keepKeyHere(form);
    previewLive(form);
  }
  countCharacters(form);
  sendOnce(form);
}
