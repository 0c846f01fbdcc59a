/** What the panel knows now. One object, changed by those who learn something, and who wants to hear of it. */
export const state = {
  status: { state: "loading", queue: { waiting: 0, offline: false } },
  view: "people", // or "settings", or "like"
  like: null, // the view of people like these, see directory.js
  tab: null, // the tab that is looked at
  reading: { kind: "none" }, // none, reading, moved, problem {code}, done {url, cut}
  entries: [], // the people on the page, see page.js
  company: "", // of people whose page names none
  list: "", // to capture to
  lists: [],
  balance: null,
  unread: false, // the balance was asked for, and the server could not answer
  prices: null, // the price list, per field and for fields together; null: not known
  settings: null, // {auto_unlock, managed}; null: not known
  short: null, // the problem that credits ran out with
  total: null, // {key, sum}: what those chosen cost together, as the server added it up; sum null: it did not
  batch: null, // {id, total, done, stopped, failed, charges, said, short}
};

const hears = new Set();

/** Calls `then` after every change. */
export const onChange = (then) => hears.add(then);

let due = false;

/** Changes the state; those who listen are told once, before the next frame. */
export const change = (news = {}) => {
  Object.assign(state, news);
  if (due) return;
  due = true;
  queueMicrotask(() => {
    due = false;
    for (const then of hears) then();
  });
};

/** Whether a capture unlocks premium too: by the setting, and as long as the setting is not known. */
export const unlocksAll = () => (state.settings ? state.settings.managed === "on" || (state.settings.managed !== "off" && state.settings.auto_unlock) : true);
