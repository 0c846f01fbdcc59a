/** Captures, previews and unlocks: asked for with a key of their own, followed until the server has answered. */
import { ask } from "./call.js";
import { announce } from "./dom.js";
import { state, change } from "./state.js";
import { unlockFields } from "./money.js";
import { added } from "./total.js";
import { trouble } from "./words.js";
import { refreshSoon, showShort } from "./credits.js";
import { look } from "./look.js";
import { uuid7 } from "../shared/uuid.js";

const jobs = new Map(); // key → {entry, kind, batch}
let redraw = () => {};

/** Who redraws the row of an entry. */
export const onEntry = (then) => {
  redraw = then;
};

const start = async (entry, kind, batch) => {
  const key = uuid7();
  jobs.set(key, { entry, kind, batch });
  entry.sending = { key, kind, waiting: false };
  redraw(entry);
  const person = entry.look?.ok ? { id: entry.look.person.id } : entry.ref;
  const message = { type: "capture", key, batch, person, mode: kind === "preview" ? "preview" : "capture" };
  if (kind === "unlock") message.fields = unlockFields(state.prices);
  if (state.list.trim() && kind !== "preview") message.list = state.list.trim().slice(0, 100);
  const answer = await ask(message);
  const job = jobs.get(key); // gone where the answer to the capture was quicker
  if (!answer.ok) finish(key, answer);
  else if (job) job.queued = true;
  return key;
};

/** Captures one person. @param {"capture"|"preview"|"unlock"} kind */
export const capture = (entry, kind) => start(entry, kind, uuid7());

/** Captures many; the progress is in state.batch. */
export const captureAll = async (entries) => {
  const batch = { id: uuid7(), total: entries.length, done: 0, stopped: 0, failed: 0, charges: [], said: "", short: null };
  change({ batch, short: null });
  for (const entry of entries) await start(entry, "capture", batch.id);
};

/** Takes back what was not sent yet. */
export const stopBatch = () => ask({ type: "stop", batch: state.batch.id });

const count = (job, result) => {
  const batch = state.batch;
  if (!batch || job.batch !== batch.id) return;
  batch.done += 1;
  if (result.ok) batch.charges.push(result.data.charged);
  else if (result.code === "stopped") batch.stopped += 1;
  else batch.failed += 1;
  if (result.code === "insufficient_credits") batch.short = result;
  if (batch.done === batch.total) sayCharged(batch);
  change();
};

/** Says what a batch that is done was charged. */
const sayCharged = async (batch) => {
  batch.said = (await added(batch.charges))?.charged_text || "";
  announce(`${[`${batch.charges.length} captured`, batch.said].filter(Boolean).join(", ")}.`);
  change();
};

/** Takes the server's answer to a capture. */
export const finish = (key, result) => {
  const job = jobs.get(key);
  if (!job) return;
  jobs.delete(key);
  const { entry, kind } = job;
  entry.sending = null;
  entry.result = { ...result, kind, before: entry.result?.ok ? entry.result : null };
  if (result.ok) {
    const merged = entry.result.before && kind === "unlock" ? { ...entry.result.before.data.fields, ...result.data.fields } : result.data.fields;
    entry.result.data = { ...result.data, fields: merged, short: [...(result.data.short || []), ...(entry.result.before?.data.short || [])] };
    entry.checked = false;
    if (kind !== "preview" && entry.look?.ok) entry.look = { ...entry.look, lead: result.data.lead };
    look(entry, true);
    if (job.batch !== state.batch?.id) announce(`${entry.person.full_name}: ${kind === "preview" ? "shown" : kind === "unlock" ? "unlocked" : "captured"}, ${result.data.charged_text}.`);
  } else {
    if (result.code === "insufficient_credits") showShort(result);
    if (result.code !== "stopped") announce(`${entry.person.full_name}: ${trouble(result)}`);
  }
  count(job, result);
  refreshSoon();
  redraw(entry);
};

/** Asks the worker for answers that came while nobody listened, and marks what still waits. Starts it again where it died. */
export const catchUp = async () => {
  const keys = [...jobs].filter(([, job]) => job.queued).map(([key]) => key).slice(0, 500);
  if (keys.length === 0) return;
  const answer = await ask({ type: "results", keys });
  if (!answer.ok) return;
  for (const { key, result } of answer.results) finish(key, result);
  for (const key of keys) {
    const job = jobs.get(key);
    const waiting = answer.waiting.includes(key);
    if (!job) continue;
    if (!waiting) finish(key, { ok: false, code: "lost", detail: "The outcome of this capture is not known. Press again: what you already paid for is free." });
    else if (state.status.queue.offline !== job.entry.sending?.waiting && job.entry.sending) {
      job.entry.sending.waiting = state.status.queue.offline;
      redraw(job.entry);
    }
  }
};
