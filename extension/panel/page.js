/** Which page is looked at, and the people on it. */
import { ask } from "./call.js";
import { announce } from "./dom.js";
import { state, change } from "./state.js";
import { plural } from "./words.js";
import { reference } from "../shared/reference.js";
import { pattern } from "../shared/address.js";

/** The tab whose page is read: the one in front, or the one that the panel's own address names. */
export const findTab = async () => {
  const named = new URLSearchParams(location.search).get("tab");
  if (named !== null && /^\d{1,15}$/.test(named)) return Number(named);
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
  return tab?.id ?? null;
};

const entry = (person, id) => ({ id, person, ref: reference(person, state.company), look: null, sending: null, result: null, checked: false });

let turn = 0; // of readings: an answer to an earlier one is late

/** Reads the page of the tab in front. */
export const readPage = async () => {
  const mine = ++turn;
  const tab = await findTab();
  change({ tab, reading: { kind: "reading" }, entries: [], batch: null, view: state.view === "like" ? "people" : state.view, like: null });
  if (tab === null) return change({ reading: { kind: "problem", code: "no_access" } });
  const answer = await ask({ type: "read", tab });
  if (mine !== turn) return undefined;
  if (!answer.ok) return change({ reading: { kind: "problem", code: answer.code } });
  const entries = answer.people.map(entry);
  announce(entries.length > 0 ? `${plural(entries.length, "person", "people")} on this page.` : "Nobody found on this page.");
  const url = answer.url;
  return change({ entries, reading: { kind: "done", url, cut: answer.cut, allowed: await allowed(url) } });
};

/** The person's company, typed once for all whose page names none. */
export const setCompany = (company) => {
  state.company = company;
  for (const e of state.entries) {
    if (e.ref && !e.lent) continue;
    e.ref = reference(e.person, company);
    e.lent = true;
    e.look = null;
  }
};

const webOrigin = (url) => {
  try {
    return /^https?:$/.test(new URL(url).protocol) ? new URL(url).origin : "";
  } catch {
    return "";
  }
};

const allowed = async (url) => {
  const origin = webOrigin(url);
  return !origin || chrome.permissions.contains({ origins: [pattern(origin)] });
};

/** Asks the browser that this site may be read without a press of the toolbar button. Still only when the user says so. */
export const allowSite = async () => {
  const origin = webOrigin(state.reading.url);
  if (origin && await chrome.permissions.request({ origins: [pattern(origin)] })) change({ reading: { ...state.reading, allowed: true } });
};

/** Asks for every site at once, from where the page's own address is not known. */
export const allowAll = async () => {
  if (await chrome.permissions.request({ origins: ["https://*/*", "http://*/*"] })) await readPage();
};

const moved = () => {
  if (state.reading.kind === "done" || state.reading.kind === "problem") change({ reading: { ...state.reading, kind: "moved" } });
};

/** Notices that another page is in front, and reads nothing of it before the user says so. */
export const watchTabs = () => {
  if (new URLSearchParams(location.search).has("tab")) return;
  chrome.tabs.onActivated.addListener(async () => {
    if (await findTab() !== state.tab) moved();
  });
  chrome.tabs.onUpdated.addListener((tab, info) => {
    if (tab === state.tab && (info.url || info.status === "loading")) moved();
  });
};
