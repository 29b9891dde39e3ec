// The sentences of the page, which the server has put into it in the reader's language. Scripts choose
// them and fill in values, as text.

const root = document.querySelector("[data-verify]");
const sentences = root.querySelector("[data-sentences]").content;
const NOTHING = "\u2013"; // an en dash
const lang = document.documentElement.lang;
const number = new Intl.NumberFormat(lang);
const day = new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: root.dataset.timezone });

/** A copy of a sentence, its places {like this} filled in. */
export function says(key, values = {}) {
  const copy = document.importNode(sentences.querySelector(`[data-says="${key}"]`), true);
  copy.removeAttribute("data-says");
  const walker = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    walker.currentNode.data = walker.currentNode.data.replace(/\{(\w+)\}/g, (place, name) =>
      name in values ? shown(values[name]) : place,
    );
  }
  return copy;
}

const shown = (value) =>
  typeof value === "number" ? number.format(value) : String(value ?? NOTHING);

/** The word for a key of a fixed vocabulary, or the key where there is none. */
export function word(kind, key) {
  const found = Array.from(sentences.querySelectorAll(`[data-${kind}]`)).find(
    (element) => element.getAttribute(`data-${kind}`) === String(key),
  );
  return found?.textContent ?? String(key ?? NOTHING);
}

/** Seconds UTC as a Date; undefined where they are none, or beyond what a Date can be. */
function moment(seconds) {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Where the shop shows something else than the log has. */
export function difference({ field, logged, shown: seen }) {
  const [kind, aspect] = field.split(/\.(.*)/s);
  const said = (value) => {
    if (field === "at") return moment(value)?.toISOString();
    return kind === "stage" ? word("stage", value) : value;
  };
  const values = { logged: said(logged), shown: said(seen) };
  if (kind === "score") return says("difference.score", values);
  const name = aspect === undefined ? word("field", kind) : word("aspect", aspect);
  return says("difference.other", { name, ...values });
}

/** What was written, beside what is shown, if anything is. */
export function quotes({ written, shown: seen }) {
  const copy = says(seen === null ? "quote" : "quotes");
  copy.querySelector("[data-written]").textContent = written;
  if (seen !== null) copy.querySelector("[data-shown]").textContent = seen;
  return copy;
}

/** On what a text went: the report and its answer, or the author's own key. */
export function removal({ index, entry, report, verdict }) {
  const at = moment(entry.at);
  const on = { index, day: at && day.format(at) };
  if (!report) return says("withdrawal", on);
  return says("report", {
    ...on,
    authority: report.authority,
    number: report.report_no,
    filed: report.filed_on,
    ground: word("ground", report.ground),
    verdict: word("verdict", verdict ?? "none"),
  });
}
