// A shop's link to the reviews, in whose place the reviews appear (docs/embedding.md). Registered by define.js; the
// server sends both as one. The page around is somebody else's: what its elements may cover by their names (a form with
// the id "fetch") and its scripts may replace is taken hold of at once; what it adds to Object.prototype is not read.
const {
  AbortController, AbortSignal, CSS, CSSStyleSheet, DOMParser, Event, FormData, IntersectionObserver, URL,
  URLSearchParams, console, fetch, history, location, navigator, setTimeout, trustedTypes,
} = globalThis;
const make = (tag, properties) => Object.assign(Document.prototype.createElement.call(document, tag), properties);
const HOME = new URL("../", import.meta.url);
const CREDENTIALS = HOME.origin === location.origin ? "omit" : "same-origin"; // No cookie; it matches preloads.
const SHEET = new URL("reviews.css", import.meta.url); // The server puts the versioned name here.
const PATIENCE = 20_000; // milliseconds
const MOST_SUMMARIES = 50; // in one request: the server refuses more
// What the server cannot say, because it did not answer.
const WORDS = {
  "zh-CN": { failed: "评价暂时没有加载出来。", retry: "再试一次", shown: "已列出 {n} 条评价" },
  "zh-TW": { failed: "評價暫時沒有載入。", retry: "再試一次", shown: "已列出 {n} 則評價" },
  en: { failed: "The reviews could not be loaded.", retry: "Try again", shown: "{n} reviews listed" },
};
const languageOf = (element) => element.closest("[lang]")?.lang ?? "";
const spoken = (tag) => (/^zh-(hant|tw|hk|mo)\b/i.test(tag) ? "zh-TW" : { zh: "zh-CN", en: "en" }[tag.slice(0, 2)]);
const wordsFor = (element) =>
  WORDS[[languageOf(element), ...navigator.languages].map(spoken).find(Boolean) ?? "zh-CN"];
const sheetOf = (css, sheet = new CSSStyleSheet()) => (sheet.replaceSync(css), sheet);
// What holds before the style sheet is there, and under a host's `* { all: unset }`, which ends at .frame.
const BASE = sheetOf(`
:host { display: block } :host([hidden]), [hidden] { display: none !important }
.frame { all: initial; display: block; width: 100%; color: inherit; font-family: inherit; color-scheme: inherit; visibility: inherit; pointer-events: inherit }
:host([theme="light"]) .frame { color-scheme: light } :host([theme="dark"]) .frame { color-scheme: dark }
:host([theme="auto"]) .frame { color-scheme: light dark }
.fallback, [role] { overflow-anchor: none } [aria-busy="true"] { opacity: .6 }
[role="status"] { position: absolute; height: 1px; overflow: hidden; clip-path: inset(50%) }`);
// Space for what is to come. What stands below a wall begins outside of the window and stays there.
const ROOM = sheetOf(":host { min-height: var(--insurance-reviews-room, 100vh) }");
const LINE = sheetOf(`:host { display: inline-block; vertical-align: top; min-height: 44px;
  min-width: var(--insurance-reviews-line, 13rem) }`);

/** The text at an address of ours. What is not of this `kind`, or not from us, is an error. */
async function get(url, kind, signal = AbortSignal.timeout(PATIENCE)) {
  const answer = await fetch(url, { __proto__: null, mode: "cors", credentials: CREDENTIALS, signal });
  const type = answer.headers.get("Content-Type") ?? "";
  if (answer.ok && type.startsWith(kind) && new URL(answer.url).origin === HOME.origin) return answer.text();
  throw Object.assign(new Error(`${url} answered ${answer.status} ${type}`), { status: answer.status });
}

let sheet; // the promise of one that all elements of the page share
async function dress(root) {
  sheet ??= get(SHEET, "text/css").then((css) => new CSSStyleSheet().replace(css));
  sheet.catch(() => (sheet = undefined)); // The next who needs it tries again.
  const loaded = await sheet;
  root.adoptedStyleSheets = [...new Set([...root.adoptedStyleSheets, loaded])];
}

const PLAIN = { createHTML: (text) => text };
let policy; // made at the first use, because a second copy of this file may find the name taken
/** The one place where text becomes elements. Nothing comes here but what our server answered. */
async function getFragment(path, query, signal) {
  const html = await get(new URL(`${path}?${query}`, HOME), "text/html", signal);
  try {
    policy ??= trustedTypes.createPolicy("insurance-reviews", PLAIN);
  } catch {
    policy = PLAIN; // No Trusted Types, or not by this name. Where they are required, the next line throws.
  }
  return new DOMParser().parseFromString(policy.createHTML(html), "text/html");
}

const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) target.reload();
}, { __proto__: null, rootMargin: "100% 0%" }); // One for all: those who come near together are asked for together.

/** What both elements share: when to load, the fallback until then, and the events of <img>. */
class Embed extends HTMLElement {
  static observedAttributes = ["product", "lang", "page-size"];
  complete = false;
  view = "";
  content = make("div");
  frame = make("div", { className: "frame" });
  #fallback = make("div", { className: "fallback" });
  #control; // of the load that counts

  constructor() {
    super();
    this.frame.append(this.content);
    this.#fallback.append(make("slot"));
    this.attachShadow({ mode: "open" }).append(this.frame, this.#fallback);
    this.shadowRoot.adoptedStyleSheets = [BASE, new.target.space];
  }

  connectedCallback() {
    if (this.complete) return; // It was moved.
    if (this.hasAttribute("lazy")) near.observe(this);
    else this.reload();
  }

  disconnectedCallback() {
    near.unobserve(this);
    this.#control?.abort();
    this.#control = undefined;
  }

  attributeChangedCallback(name, before, after) {
    if (before === after || !this.#control) return;
    if (name === "product") this.view = this.content.textContent = ""; // One's reviews are not another's.
    this.reload();
  }

  /** Do `job(signal)` in place of what is under way, then call what it gives. Rejects never. */
  async run(job) {
    near.unobserve(this);
    this.#control?.abort();
    const control = (this.#control = new AbortController());
    const isOver = () => control !== this.#control; // Another load took its place, or nobody waits.
    this.complete = false;
    this.#fallback.hidden = this.content.hasChildNodes();
    await null; // Attributes set one after the other make one request; so do the summaries of a page.
    if (isOver()) return;
    this.dispatchEvent(new Event("loadstart"));
    this.content.ariaBusy = "true";
    setTimeout(() => control.abort(new Error("No answer in time")), PATIENCE);
    try {
      const [show] = await Promise.all([job(control.signal), dress(this.shadowRoot)]);
      if (isOver()) return;
      show();
      this.complete = this.#fallback.hidden = true;
    } catch (error) {
      if (isOver()) return;
      console.error("<insurance-reviews>", error);
      this.failed?.(job);
    }
    this.content.ariaBusy = null;
    this.dispatchEvent(new Event(this.complete ? "load" : "error"));
    this.dispatchEvent(new Event("loadend"));
  }
}

const KEY = "insurance-reviews"; // in the history's state
const walls = new Map(); // the name in the address → the wall that has it
EventTarget.prototype.addEventListener.call(globalThis, "popstate", () => walls.forEach((wall) => wall.restore()));

/** The wall's own parameters among `parameters`, as text: "stage=claim&sort=lowest". */
function viewOf(parameters) {
  const isOurs = ([name, value]) => value && !["product", "lang", "limit", "styles"].includes(name);
  return String(new URLSearchParams([...new URLSearchParams(parameters)].filter(isOurs)));
}

/** The wall of `product`. Its links and its search change it in place. */
export class InsuranceReviews extends Embed {
  static space = ROOM;
  #name;
  #alert = make("div", { role: "alert", className: "insurance-reviews ir-alert" });
  #status = make("p", { role: "status" });

  constructor() {
    super();
    this.frame.append(this.#alert, this.#status);
    this.shadowRoot.addEventListener("click", (event) => {
      const link = event.target.closest("a[href]:not([target])");
      if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      this.#follow(event, link, link.search, link.rel === "next");
    });
    this.shadowRoot.addEventListener("submit", (event) =>
      this.#follow(event, new URL(event.target.getAttribute("action"), HOME), new FormData(event.target)));
  }

  connectedCallback() {
    const free = walls.has("reviews") ? `reviews-${this.getAttribute("product")}` : "reviews";
    walls.set((this.#name = this.getAttribute("address") ?? free), this);
    const shared = this.#viewInAddress();
    this.view = viewOf(history.state?.[KEY]?.[this.#name] ?? shared ?? this.view);
    super.connectedCallback();
    // Somebody was sent here. On the way back, browsers scroll by themselves.
    if (shared !== undefined && !history.state?.[KEY]) this.scrollIntoView();
  }

  disconnectedCallback() {
    walls.delete(this.#name);
    super.disconnectedCallback();
  }

  /** Ask again for what is shown, or for the view that shows `more`. Resolves when it is there or has failed. */
  reload(more) {
    const [product, limit] = [this.getAttribute("product"), this.getAttribute("page-size")];
    const ours = { product, limit, lang: languageOf(this), styles: "none" };
    const ask = async (view, signal) => {
      const query = new URLSearchParams(view);
      for (const [name, value] of Object.entries(ours)) if (value) query.set(name, value);
      return (await getFragment("embed/wall", query, signal)).querySelector("[data-wall]");
    };
    return this.run(async (signal) => {
      const wall = await ask(more ?? this.view, signal).catch((error) => {
        if (error.status !== 422 || !this.view) throw error;
        return ask((this.view = ""), signal); // A mistyped address is no reason to show nothing.
      });
      return () => this.#show(wall, more);
    });
  }

  /** Put `wall` in place of the old one, or its reviews below the others when they are `more`. */
  #show(wall, more) {
    const find = (key) => this.content.querySelector(`[data-key="${key}"]`);
    const focused = this.shadowRoot.activeElement;
    const open = this.content.querySelectorAll("[open]");
    const isFirst = !this.content.hasChildNodes();
    const reviews = [...wall.querySelectorAll(".ir-list > *")];
    if (more) {
      this.content.querySelector(".ir-list").append(...reviews);
      find("more").replaceWith(...wall.querySelectorAll('[data-key="more"]'));
    } else this.content.replaceChildren(wall);
    for (const { dataset } of open) find(dataset.key)?.setAttribute("open", "");
    this.#alert.replaceChildren();
    if (focused) {
      // The same control has the focus again, or a heading, which Tab alone does not reach.
      const next = (more ? reviews[0]?.querySelector("h3") : find(focused.dataset.key)) ?? wall.querySelector("h2");
      if (next.tabIndex < 0) next.tabIndex = -1;
      next.focus();
    }
    if (!isFirst) {
      const found = (wall.querySelector(".ir-total, .ir-empty") ?? wall.querySelector(".ir-count"))?.textContent;
      const { length } = this.content.querySelectorAll("article");
      this.#status.textContent = ""; // The same words are said again only if they come anew.
      setTimeout(() => (this.#status.textContent = more ? wordsFor(this).shown.replace("{n}", length) : found), 100);
    } else if (this.getBoundingClientRect().top > globalThis.innerHeight) {
      // Below the window, nobody sees anything move: a short wall need not keep its space.
      this.shadowRoot.adoptedStyleSheets = this.shadowRoot.adoptedStyleSheets.filter((one) => one !== ROOM);
    }
  }

  /** The failed `job` can be tried again, by a button that stays in sight. */
  failed(job) {
    const { failed, retry } = wordsFor(this);
    const button = make("button", { className: "ir-button", textContent: retry, onclick: () => this.run(job) });
    this.#alert.replaceChildren(make("slot", { name: "error", textContent: failed }), button);
  }

  #viewInAddress() {
    const [name, view = ""] = location.hash.slice(1).split(/\?(.*)/s);
    return name === this.#name ? view : undefined;
  }

  /** On to another view of this wall, if `url` leads there; the back button leads to this one. */
  #follow(event, url, parameters, more) {
    if (event.defaultPrevented || url.origin + url.pathname !== this.content.firstElementChild?.dataset.wall) return;
    event.preventDefault();
    const view = viewOf(parameters);
    if (more) return this.reload(view);
    const state = (view) => ({ ...history.state, [KEY]: { ...history.state?.[KEY], [this.#name]: view } });
    const before = state(this.view);
    this.view = view;
    this.reload();
    const address = new URL(location);
    // A fragment that is the host's stays; then the history alone knows the view.
    if (!address.hash || this.#viewInAddress() !== undefined) address.hash = this.#name + (view && `?${view}`);
    // At last, because documents without an address throw here, and browsers that have seen too many entries.
    history.replaceState(before, "");
    history.pushState(state(view), "", address.href);
  }

  restore() {
    const none = location.href.includes("#") ? this.view : ""; // A fragment of the host's says nothing of ours.
    const view = viewOf(history.state?.[KEY]?.[this.#name] ?? this.#viewInAddress() ?? none);
    if (view === this.view) return;
    this.view = view;
    this.reload();
  }
}

const batches = new Map(); // language → the next request, which gathers products
function gather(product, lang) {
  if (!(batches.get(lang)?.products.size < MOST_SUMMARIES)) {
    const products = new Set();
    const answer = Promise.resolve().then(() => {
      batches.delete(lang);
      const query = new URLSearchParams({ lang, styles: "none" });
      for (const one of products) query.append("product", one);
      return getFragment("embed/summary", query);
    });
    batches.set(lang, { products, answer });
  }
  batches.get(lang).products.add(product);
  return batches.get(lang).answer;
}

/** Stars and count of `product`, in a line. All of a page are asked for in one request. */
export class InsuranceReviewsSummary extends Embed {
  static space = LINE;

  reload() {
    return this.run(async () => {
      const product = this.getAttribute("product") ?? "";
      const summaries = await gather(product, languageOf(this));
      const summary = summaries.querySelector(`a[data-product="${CSS.escape(product)}"]`);
      if (!summary) throw new Error(`No product ${product}`);
      return () => this.content.replaceChildren(summary.cloneNode(true));
    });
  }
}
