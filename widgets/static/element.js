// Reviews in place of a link (docs/embedding.md). define.js registers them; the server sends both as one. What a page may
// cover (by a form with the id "fetch") or replace is taken hold of at once; what it adds to Object.prototype is not read.
const {
  AbortController, AbortSignal, CSS, CSSStyleSheet, DOMParser, Event, FormData, IntersectionObserver, URL,
  URLSearchParams, console, fetch, history, location, navigator, setTimeout, trustedTypes,
} = globalThis;
const make = (tag, properties) => Object.assign(Document.prototype.createElement.call(document, tag), properties);
const HOME = new URL("../", import.meta.url);
const CREDENTIALS = HOME.origin === location.origin ? "omit" : "same-origin"; // no cookie; as preloads
const PATIENCE = 20_000; // milliseconds
const MOST = 50; // reviews or summaries in one request
const WORDS = { // What the server cannot say, because it has not answered yet.
  "zh-CN": { failed: "评价暂时没有加载出来。", retry: "再试一次" },
  "zh-TW": { failed: "評價暫時沒有載入。", retry: "再試一次" },
  en: { failed: "The reviews could not be loaded.", retry: "Try again" },
};
const languageOf = (element) => element.closest("[lang]")?.lang ?? "";
const spoken = (tag) => (/^zh-(hant|tw|hk|mo)\b/i.test(tag) ? "zh-TW" : { zh: "zh-CN", en: "en" }[tag.slice(0, 2)]);
const sheetOf = (css, sheet = new CSSStyleSheet()) => (sheet.replaceSync(css), sheet);
// Before the style sheet is there, and under a host's `* { all: unset }`, which ends at .frame.
const BASE = sheetOf(`
:host { display: block } :host([hidden]), [hidden] { display: none !important }
.frame { all: initial; display: block; width: 100%; color: inherit; font-family: inherit; color-scheme: inherit; visibility: inherit; pointer-events: inherit }
:host([theme="light"]) .frame { color-scheme: light } :host([theme="dark"]) .frame { color-scheme: dark } :host([theme="auto"]) .frame { color-scheme: light dark }
.fallback, [role] { display: block; overflow-anchor: none } [aria-busy="true"] { opacity: .6 } [role="status"] { position: absolute; height: 1px; overflow: hidden; clip-path: inset(50%) }`);
const ROOM = sheetOf(":host { min-height: var(--insurance-reviews-room, 100vh) }"); // What follows is below the window.
const LINE = sheetOf(":host { display: inline-block; vertical-align: top; min-height: 44px; min-width: var(--insurance-reviews-line, 13rem) }");

/** The text at a path from here. What is not of this `kind`, or not from us, is an error. */
async function get(path, kind, signal = AbortSignal.timeout(PATIENCE)) {
  const answer = await fetch(new URL(path, import.meta.url), { __proto__: null, credentials: CREDENTIALS, signal });
  const type = answer.headers.get("Content-Type") ?? "";
  if (answer.ok && type.startsWith(kind) && new URL(answer.url).origin === HOME.origin) return answer.text();
  throw Object.assign(new Error(`${path} answered ${answer.status} ${type}`), { status: answer.status });
}

let sheet; // the promise of one for all
async function dress(root) {
  sheet ??= get("reviews.css", "text/css").then(sheetOf); // by the server: its versioned name
  sheet.catch(() => (sheet = undefined)); // The next who needs it tries again.
  if (!root.adoptedStyleSheets.includes(await sheet)) root.adoptedStyleSheets.push(await sheet);
}

const PLAIN = { createHTML: (text) => text };
let policy; // made at the first use: a second copy of this file may find the name taken
/** The one place where text becomes elements: what our server answered. */
async function getFragment(path, query, signal) {
  try {
    policy ??= trustedTypes.createPolicy("insurance-reviews", PLAIN);
  } catch {
    policy = PLAIN; // No Trusted Types, or not by this name: where they are required, the next line throws.
  }
  return new DOMParser().parseFromString(policy.createHTML(await get(`../${path}?${query}`, "text/html", signal)), "text/html");
}

const comes = (entries) => entries.forEach(({ isIntersecting, target }) => isIntersecting && target.reload());
const near = new IntersectionObserver(comes, { __proto__: null, rootMargin: "100% 0%" }); // one for all

/** When to load, the fallback until then, and the events of <img>. */
class Embed extends HTMLElement {
  static observedAttributes = ["product", "lang", "page-size"];
  complete = false;
  view = "";
  content = make("div");
  frame = make("div", { className: "frame" });
  #fallback = make("slot", { className: "fallback" });
  #control; // of the load that counts

  constructor() {
    super();
    this.frame.append(this.content);
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
    this.#control = this.#control?.abort(); // There is none.
  }

  attributeChangedCallback(name, before, after) {
    if (before === after || !this.#control) return;
    if (name === "product") this.view = this.content.textContent = ""; // not another's reviews
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
    await null; // Attributes set one after the other make one request.
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
    for (const type of [this.complete ? "load" : "error", "loadend"]) this.dispatchEvent(new Event(type));
  }
}

const KEY = "insurance-reviews"; // in the history's state
const MORE = '[data-key="more"]';
const stateOf = (name, view) => ({ ...history.state, [KEY]: { ...history.state?.[KEY], [name]: view } });
const walls = new Map(); // the name in the address → the wall that has it
EventTarget.prototype.addEventListener.call(globalThis, "popstate", () => walls.forEach((wall) => wall.restore()));

/** The wall's own parameters among `parameters`, as text: "stage=claim&sort=lowest". */
function viewOf(parameters) {
  const isOurs = ([name, value]) => value && !["product", "lang", "limit", "styles"].includes(name);
  return String(new URLSearchParams([...new URLSearchParams(parameters)].filter(isOurs)));
}

/** Continue `above` by `wall`. In a search either may have no reviews. */
function join(above, wall) {
  const reviews = [...wall.querySelectorAll(".ir-list > *")];
  if (above.querySelector(".ir-list")) above.querySelector(".ir-list").append(...reviews);
  else above.querySelector(".ir-empty").replaceWith(...wall.querySelectorAll(".ir-list, .ir-empty"));
  above.querySelector(MORE).replaceWith(...wall.querySelectorAll(MORE));
  return reviews;
}

/** The wall of `product`. Its links and its search change it in place. */
export class InsuranceReviews extends Embed {
  static space = ROOM;
  #name;
  #alert = make("div", { role: "alert", className: "insurance-reviews ir-alert" });
  #status = make("p", { role: "status", dir: "ltr" });

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
    this.view = history.state?.[KEY]?.[this.#name] ?? shared ?? this.view;
    super.connectedCallback();
    if (shared !== undefined && !history.state?.[KEY]) this.scrollIntoView(); // Sent here, not on the way back.
  }

  disconnectedCallback() {
    walls.delete(this.#name);
    super.disconnectedCallback();
  }

  /** Ask again for what is shown, or for the view that shows `more`. Rejects never. */
  reload(more) {
    const ask = async (view, signal, requests = 4) => {
      const query = new URLSearchParams(view);
      const wanted = query.get("limit"); // as many as had been loaded
      const [product, size] = [this.getAttribute("product"), this.getAttribute("page-size")];
      const ours = { product, limit: Math.min(wanted ?? size, MOST), lang: languageOf(this), styles: "none" };
      for (const [name, value] of Object.entries(ours)) if (value) query.set(name, value);
      const wall = (await getFragment("embed/wall", query, signal)).querySelector("[data-wall]");
      const [missing, next] = [wanted - wall.querySelectorAll("article").length, wall.querySelector(MORE)];
      if (missing > 0 && next && --requests) join(wall, await ask(`${viewOf(next.search)}&limit=${missing}`, signal, requests));
      return wall;
    };
    return this.run(async (signal) => {
      const wall = await ask(more ?? this.view, signal).catch((error) => {
        if (error.status !== 422 || more || !this.view) throw error;
        return ask((this.view = ""), signal); // A mistyped address is no reason to show nothing.
      });
      return () => this.#show(wall, more);
    });
  }

  /** Put `wall` in place of the old one, or below it when it holds `more`. */
  #show(wall, more) {
    const find = (selector) => this.content.querySelector(selector);
    const focused = this.shadowRoot.activeElement;
    const open = this.content.querySelectorAll("[open]");
    const isFirst = !this.content.hasChildNodes();
    const added = more ? join(this.content, wall)[0] : this.content.replaceChildren(wall);
    const { length } = this.content.querySelectorAll("article");
    for (const { dataset } of open) find(`[data-key="${dataset.key}"]`)?.setAttribute("open", "");
    this.#alert.replaceChildren();
    if (focused) {
      // What was added, the same control, or a heading, which Tab alone does not reach.
      const headings = [...this.content.querySelectorAll("h2, h3")];
      const next = added?.querySelector("h3") ?? find(`[data-key="${focused.dataset.key}"]`) ?? headings.at(more ? -1 : 0);
      if (next.tabIndex < 0) next.tabIndex = -1;
      next.focus();
    }
    if (!isFirst) {
      const told = (find(more ? ".ir-empty" : ".ir-total, .ir-empty") ?? find(".ir-count"))?.textContent;
      Object.assign(this.#status, { lang: wall.lang, dir: "ltr", textContent: "" }); // or the same words are not said
      setTimeout(() => (more && length ? this.#say(this.#status, "shown", length) : (this.#status.textContent = told)), 100);
    } else if (this.getBoundingClientRect().top > globalThis.innerHeight) { // Nobody sees it give up its space.
      this.shadowRoot.adoptedStyleSheets = this.shadowRoot.adoptedStyleSheets.filter((one) => one !== ROOM);
    }
    if (!more) return;
    this.view = `${viewOf(this.view)}&limit=${length}`; // Who comes back finds as many.
    setTimeout(() => history.replaceState(stateOf(this.#name, this.view), "")); // It may throw, as below.
  }

  /** Offer to try `job` again, by a button that stays in sight. */
  failed(job) {
    const button = make("button", { className: "ir-button", onclick: () => this.run(job) });
    this.#alert.replaceChildren(this.#say(make("slot", { name: "error" }), "failed"), this.#say(button, "retry"));
  }

  /** Let `part` say what the page words (`text-…`), or the wall that is shown, or this file. */
  #say(part, key, n) {
    const [own, wall, asked] = [this.getAttribute(`text-${key}`), this.content.firstElementChild, languageOf(this)];
    const lang = own ? asked : (wall?.lang ?? [asked, ...navigator.languages].map(spoken).find(Boolean) ?? "zh-CN");
    const words = own || wall?.dataset[key] || WORDS[lang][key];
    return Object.assign(part, { lang, dir: own ? "" : "ltr", textContent: words?.replace("{n}", n) });
  }

  #viewInAddress() {
    const [name, view = ""] = location.hash.slice(1).split(/\?(.*)/s);
    if ([name, new URLSearchParams(`=${name}`).get("")].includes(this.#name)) return viewOf(view); // never throws
  }

  /** On to another view of this wall, if `url` leads there. */
  #follow(event, url, parameters, more) {
    if (event.defaultPrevented || url.origin + url.pathname !== this.content.firstElementChild?.dataset.wall) return;
    event.preventDefault();
    const view = viewOf(parameters);
    if (more) return this.reload(view);
    const before = stateOf(this.#name, this.view);
    this.view = view;
    this.reload();
    const address = new URL(location);
    // A fragment of the host's stays; then the history alone knows the view.
    if (!address.hash || this.#viewInAddress() !== undefined) address.hash = this.#name + (view && `?${view}`);
    // At last: documents without an address throw here, and browsers that have seen too many entries.
    history.replaceState(before, "");
    history.pushState(stateOf(this.#name, view), "", address.href);
  }

  restore() {
    const none = location.href.includes("#") ? this.view : ""; // A fragment of the host's says nothing of ours.
    const view = history.state?.[KEY]?.[this.#name] ?? this.#viewInAddress() ?? none;
    if (view === this.view) return;
    this.view = view;
    this.reload();
  }
}

const batches = new Map(); // language → the next request, gathered for a task: parsers end their turn at each element
function gather(product, lang) {
  let [query, answer] = batches.get(lang) ?? [];
  if (!(query?.getAll("product").length < MOST)) {
    query = new URLSearchParams({ lang, styles: "none" });
    answer = new Promise((gathered) => setTimeout(gathered)).then(() => (batches.delete(lang), getFragment("embed/summary", query)));
    batches.set(lang, [query, answer]);
  }
  query.append("product", product);
  return answer;
}

/** Stars and count of `product`, in a line. */
export class InsuranceReviewsSummary extends Embed {
  static space = LINE;

  reload() {
    return this.run(async () => {
      const product = this.getAttribute("product") ?? "";
      const summary = (await gather(product, languageOf(this))).querySelector(`a[data-product="${CSS.escape(product)}"]`);
      if (!summary) throw new Error(`No product ${product}`);
      return () => this.content.replaceChildren(summary.cloneNode(true));
    });
  }
}
