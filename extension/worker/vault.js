/**
 * What the worker remembers between its lives. `session` is memory that pages cannot read and that
 * ends with the browser: tokens, results. `local` is on disk: the queue, the last server, the theme.
 */
const read = async (area, key) => (await chrome.storage[area].get(key))[key];

export const session = {
  get: (key) => read("session", key),
  set: (key, value) => (value === undefined ? chrome.storage.session.remove(key) : chrome.storage.session.set({ [key]: value })),
};

export const local = {
  get: (key) => read("local", key),
  set: (key, value) => (value === undefined ? chrome.storage.local.remove(key) : chrome.storage.local.set({ [key]: value })),
};

let turn = Promise.resolve();

/** Runs changes of what is stored one after another, so that none reads what another is about to write. */
export const alone = (change) => {
  const done = turn.then(change, change);
  turn = done.catch(() => {});
  return done;
};
