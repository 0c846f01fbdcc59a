/**
 * Reads the page of one tab, once, because the user asked. The readers are injected as files into
 * an isolated world; what the last of them comes to is the injection's result. No message goes
 * either way, so a page has nobody to talk to.
 */
import { reading } from "./shape.js";

/** The files of a reading, in their order. */
export const READERS = Object.freeze([
  "registry", "text", "names", "person", "schema", "network", "jsonld", "microdata", "rdfa", "hcard", "vcard", "team", "links", "read", "inject",
].map((name) => `readers/${name}.js`));

const TIMEOUT = 10000; // milliseconds that a page may keep its main thread to itself

/**
 * @param {number} tab the tab's id
 * @returns {Promise<object>} {ok, people, cut, ms, url, title} or {ok: false, code}: no_access (the browser wants the
 *   user to press the button on this page), busy (the page did not answer), unreadable
 */
export const readTab = async (tab) => {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve("late"), TIMEOUT);
  });
  try {
    const about = await chrome.tabs.get(tab);
    const results = await Promise.race([chrome.scripting.executeScript({ target: { tabId: tab, frameIds: [0] }, files: [...READERS], world: "ISOLATED" }), late]);
    if (results === "late") return { ok: false, code: "busy" };
    const found = reading(results?.[0]?.result);
    if (!found) return { ok: false, code: "unreadable" };
    return { ok: true, ...found, url: about.url || "", title: about.title || "" };
  } catch {
    return { ok: false, code: "no_access" };
  } finally {
    clearTimeout(timer);
  }
};
