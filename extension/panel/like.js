/** The view of people like these: those whom the directory knows at one company. */
import { h, whenDrawn } from "./dom.js";
import { state, change } from "./state.js";
import { trouble } from "./words.js";
import { companies, closeLike, foundText, search, searchMore } from "./directory.js";
import { listOf } from "./rows.js";

let shown = null; // the entries whose list is on the page
let list = null;

const form = (s) => h("form.row.like", { role: "search", onsubmit: (e) => { e.preventDefault(); search(); } },
  h("label.field", null, h("span", null, "Company"), h("input", {
    type: "text", list: "companies", maxlength: 200, required: true, value: s.company.label, "data-focus": "like-company",
    oninput: (e) => { state.like.company = companies().find((c) => c.label === e.target.value) || { label: e.target.value, company: e.target.value }; },
  })),
  h("label.field", null, h("span", null, "Title"), h("input", { type: "text", maxlength: 200, placeholder: "Any", value: s.title, "data-focus": "like-title", oninput: (e) => { state.like.title = e.target.value; } })),
  h("button", { type: "submit", "data-focus": "like-search" }, "Search"),
  h("datalist", { id: "companies" }, companies().slice(0, 50).map((c) => h("option", { value: c.label }))));

const next = async () => {
  const seen = state.like.entries.length;
  await searchMore();
  whenDrawn(() => list?.children[seen]?.focus());
};

const status = (s) => {
  if (s.problem) return h("p.notice.warning", { role: "alert" }, trouble(s.problem));
  if (s.busy && s.entries.length === 0) return h("p.muted.center", { role: "status" }, h("span.spinner", { "aria-hidden": "true" }), "Searching the directory …");
  if (s.asked && s.entries.length === 0) return h("p.notice", null, "The directory knows nobody like this. Try another form of the company's name, or no title.");
  return null;
};

/** The view: whom the directory knows at a company, each with one button to capture. */
export const like = () => {
  const s = state.like;
  if (shown !== s.entries) {
    shown = s.entries;
    list = listOf(s.entries, "People in the directory");
  }
  return [
    h("div.spread.title", null,
      h("h1", { tabindex: "-1", "data-focus": "like-head" }, s.asked ? foundText(s) : "People", h("small", null, " in the directory")),
      h("button.quiet.small", { type: "button", "data-focus": "back", onclick: closeLike }, "Back")),
    form(s), status(s),
    s.partial && h("p.help", null, "Some people are missing: the server is still making its directory searchable."),
    s.entries.length > 0 && list,
    s.next && h("button.wide", { type: "button", disabled: s.busy, "data-focus": "like-more", onclick: next }, s.busy ? "Searching …" : "Show more"),
    state.list.trim() && h("p.help.center", null, `Captured to the list ${state.list.trim()}.`, " ", h("button.link", { type: "button", onclick: () => change({ list: "" }) }, "No list")),
  ];
};
