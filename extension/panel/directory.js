/** People of the directory at the company of somebody on the page: what is asked for, and the server's answers. */
import { ask } from "./call.js";
import { announce, whenDrawn } from "./dom.js";
import { state, change } from "./state.js";
import { number } from "./money.js";
import { plural, trouble } from "./words.js";

/** The company of a person on the page, {label, company?, domain?}; null where the page names none. A domain says which company exactly, a name only by its words. */
export const companyOf = ({ company, company_domain: domain }) => {
  const name = company || state.company.trim();
  if (!name && !domain) return null;
  return { label: name || domain, ...(domain ? { domain } : { company: name }) };
};

/** The companies of the people on the page, the most frequent first. */
export const companies = () => {
  const found = new Map();
  for (const { person } of state.entries) {
    const one = companyOf(person);
    if (!one) continue;
    const known = found.get(one.label) || { one, times: 0 };
    found.set(one.label, { one, times: known.times + 1 });
  }
  return [...found.values()].sort((a, b) => b.times - a.times).map(({ one }) => one);
};

const shaped = (d) => Array.isArray(d?.data) && d.data.every((p) => typeof p?.person?.id === "string" && p.has && Array.isArray(p.owned) && p.at_most && p.at_most_text);

const entryOf = ({ person, ...look }, n) => ({
  id: `found-${n}`, found: true, person: { full_name: String(person.full_name), title: person.title, company: person.company }, ref: { id: person.id }, look: { ok: true, person, ...look },
  sending: null, result: null, checked: false,
});

let turn = 0; // of searches: an answer to an earlier one is late

const learn = (news) => change({ like: { ...state.like, ...news } });

/** How many were found, for reading. */
export const foundText = ({ total, over }) => (over ? `${number(total)}+ people` : plural(total, "person", "people"));

/** Asks for the first page, or with a cursor for the one after those that are shown. */
const fetchPage = async (cursor) => {
  const mine = ++turn;
  const { company, title, entries } = state.like;
  learn({ busy: true, problem: null });
  const { label, ...where } = company;
  const answer = await ask({ type: "people", ...where, ...(title.trim() && { title: title.trim() }), ...(cursor && { cursor }) });
  if (mine !== turn || !state.like) return undefined;
  if (!answer.ok || !shaped(answer.data)) {
    const problem = answer.ok ? { code: "bad_answer", detail: "The server is older than this extension. Ask its operator for an upgrade." } : answer;
    announce(trouble(problem));
    return learn({ busy: false, problem });
  }
  const d = answer.data;
  const before = cursor ? entries : [];
  learn({ busy: false, asked: true, entries: [...before, ...d.data.map((p, n) => entryOf(p, before.length + n))], total: d.total, over: d.more_than_total === true, partial: d.indexing === true, next: d.next_cursor || "" });
  if (!cursor) announce(`${foundText(state.like)} at ${label}.`);
  return undefined;
};

/** Searches by what the form says. */
export const search = () => fetchPage("");

/** Asks for the page after those that are shown. */
export const searchMore = () => fetchPage(state.like.next);

/** Shows the people of a company. @param {string} from the data-focus of what was pressed: the focus goes back there */
export const openLike = (company, from) => {
  change({ view: "like", like: { company, title: "", entries: [], next: "", total: 0, over: false, partial: false, asked: false, busy: false, problem: null, from } });
  search();
  whenDrawn(() => document.querySelector("main h1")?.focus({ preventScroll: true }));
};

/** Goes back to the people on the page. */
export const closeLike = () => {
  const { from } = state.like;
  turn += 1;
  change({ view: "people", like: null });
  whenDrawn(() => document.querySelector(`[data-focus="${CSS.escape(from)}"]`)?.focus());
};
