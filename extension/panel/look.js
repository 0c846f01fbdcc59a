/** The free lookups: for those in sight first, a few at a time. */
import { ask } from "./call.js";
import { state } from "./state.js";

const AT_ONCE = 4; // lookups on their way
const queue = [];
let running = 0;
let tell = () => {};

/** Who hears that an entry's lookup changed. */
export const onLook = (then) => {
  tell = then;
};

const shaped = (d) => d && typeof d === "object" && typeof d.has === "object" && d.has && typeof d.at_most === "object" && d.at_most && typeof d.at_most_text === "object" && d.at_most_text && Array.isArray(d.owned);

const run = async (entry) => {
  const answer = await ask({ type: "lookup", person: entry.ref });
  if (answer.ok && shaped(answer.data)) entry.look = { ok: true, ...answer.data };
  else entry.look = { ok: false, code: answer.ok ? "bad_answer" : answer.code, detail: answer.ok ? "The server is older than this extension. Ask its operator for an upgrade." : answer.detail };
  tell(entry);
};

const next = () => {
  while (running < AT_ONCE && queue.length > 0) {
    const entry = queue.shift();
    if (!state.entries.includes(entry) && !state.like?.entries.includes(entry)) continue;
    running += 1;
    run(entry).finally(() => {
      running -= 1;
      entry.done?.();
      next();
    });
  }
};

/** Looks somebody up, unless that was done; `again` does it again. */
export const look = (entry, again = false) => {
  if (!entry.ref || entry.look === "asking" || (entry.look && !again)) return;
  if (!again) entry.look = "asking";
  queue.push(entry);
  next();
};

const observer = new IntersectionObserver((seen) => {
  for (const s of seen) if (s.isIntersecting) look(s.target.entry);
}, { rootMargin: "200px" });

/** Looks up the entry of a row whenever the row comes into sight; once, unless it is wanted again. */
export const watchRow = (row) => observer.observe(row);

/** Looks up all of some entries; resolves when each has an answer. */
export const lookAll = (entries) => Promise.all(entries.filter((e) => e.ref && (!e.look || e.look === "asking" || e.look.code === "offline")).map((e) => new Promise((resolve) => {
  e.done = resolve;
  if (e.look?.code === "offline") e.look = null;
  look(e);
})));
