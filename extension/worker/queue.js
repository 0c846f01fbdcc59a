/**
 * Captures on their way. Each is on disk with its idempotency key and its exact body before it is
 * sent, and leaves the disk when the server has answered; sent again after a restart of the server,
 * of the browser or of this worker, it is the same request, so it happens once (rule C9).
 */
import { session, local, alone } from "./vault.js";
import { call, connection, inWorkspace } from "./server.js";

export const MAX_WAITING = 1000; // captures
const MAX_AGE = 7 * 24 * 3600 * 1000; // milliseconds; older ones are dropped unsent
const MAX_RESULTS = 300; // answers kept in memory for a panel that was closed
const PAUSE = [1000, 2000, 5000, 10000, 30000, 60000, 120000, 300000]; // milliseconds after so many failures
const ALARM = "queue";

const load = async () => (await local.get("queue")) || [];
const mine = (c) => (item) => c && item.server === c.server && item.workspace === c.workspace.id && item.member === c.member.id;

/** How the queue stands, as the panel shows it. */
export const state = async () => {
  const c = await connection();
  const items = await load();
  const here = items.filter(mine(c));
  return { waiting: here.length, elsewhere: items.length - here.length, offline: Boolean(await session.get("offline")), next_at: Math.min(...here.map((i) => i.next_at), Infinity) };
};

const tell = async (message) => {
  try {
    await chrome.runtime.sendMessage(message);
  } catch { /* no panel is open */ }
};

const tellState = async () => tell({ type: "queue", queue: await state() });

const keepResult = (key, result) => alone(async () => {
  const results = (await session.get("results")) || [];
  await session.set("results", [...results.filter((r) => r.key !== key), { key, result }].slice(-MAX_RESULTS));
});

/** The answers to some captures, in so far as they came and are still in memory. */
export const results = async (keys) => {
  const wanted = new Set(keys);
  const known = ((await session.get("results")) || []).filter((r) => wanted.has(r.key));
  const waiting = new Set((await load()).map((i) => i.key));
  return { ok: true, results: known, waiting: keys.filter((k) => waiting.has(k)) };
};

/** Puts a capture on the queue; the same key a second time changes nothing. */
export const add = async ({ key, batch, person, mode, fields, list }) => {
  const c = await connection();
  if (!c) return { ok: false, code: "unauthenticated", detail: "Not connected." };
  const body = JSON.stringify({ member: c.member.id, person, mode, channel: "extension", ...(fields && { fields }), ...(list && { list }) });
  const answer = await alone(async () => {
    const items = (await load()).filter((i) => i.at > Date.now() - MAX_AGE);
    if (items.some((i) => i.key === key)) return { ok: true };
    if (items.length >= MAX_WAITING) return { ok: false, code: "overloaded", detail: `${MAX_WAITING} captures are waiting already. Nothing was sent.` };
    items.push({ key, batch, body, at: Date.now(), server: c.server, workspace: c.workspace.id, member: c.member.id, tries: 0, next_at: 0 });
    await local.set("queue", items);
    return { ok: true };
  });
  if (answer.ok) await wake();
  return answer;
};

const remove = (gone) => alone(async () => {
  const items = await load();
  const out = items.filter(gone);
  if (out.length > 0) await local.set("queue", items.filter((i) => !gone(i)));
  return out;
});

/** Takes back what of a batch was not sent yet. What is on its way stays. */
export const stop = async (batch, why = { ok: false, code: "stopped", detail: "Stopped before it was sent. Nothing was charged." }) => {
  const out = await remove((i) => i.batch === batch && i.key !== sending && i.tries === 0);
  for (const item of out) await deliver(item.key, why);
  await tellState();
  return { ok: true, stopped: out.length };
};

/** Drops everything, at sign-out. */
export const clear = () => remove(() => true);

const deliver = async (key, result) => {
  await keepResult(key, result);
  await tell({ type: "result", key, result });
};

const passing = (answer) => answer.code === "offline" || answer.code === "unauthenticated" || answer.code === "bad_answer" || answer.status === 429 || answer.status >= 500;

const later = (key, answer) => alone(async () => {
  const items = await load();
  const item = items.find((i) => i.key === key);
  if (!item) return;
  const pause = Math.max(PAUSE[Math.min(item.tries, PAUSE.length - 1)], (answer.retry_after || 0) * 1000);
  item.tries += 1;
  for (const i of items) if (i.next_at < Date.now() + pause) i.next_at = Date.now() + pause; // the server is down for all of them
  await local.set("queue", items);
});

let sending = null; // the key that is on its way

/** Sends one capture. False: the server cannot be had now. */
const send = async (item) => {
  sending = item.key;
  try {
    const answer = await call(inWorkspace("/captures"), { method: "POST", body: item.body, key: item.key });
    if (passing(answer)) {
      await session.set("offline", answer.code !== "unauthenticated");
      await later(item.key, answer);
      return false;
    }
    await session.set("offline", undefined);
    await remove((i) => i.key === item.key);
    await deliver(item.key, answer);
    if (answer.status === 402 || answer.code === "subscription_cancelled") {
      await stop(item.batch, { ok: false, code: "stopped", detail: "Not sent: the credits ran out before it. Nothing was charged." });
    }
    return true;
  } finally {
    sending = null;
  }
};

let draining = null;
let timer = null;

/** Sends what is due, one after another, and sees to it that the rest is sent later, whatever becomes of this worker. */
export const wake = async () => {
  const c = await connection();
  const due = (await load()).filter(mine(c));
  if (due.length === 0) {
    await chrome.alarms.clear(ALARM);
    return;
  }
  await chrome.alarms.create(ALARM, { periodInMinutes: 0.5 });
  draining = draining || drain().finally(() => {
    draining = null;
  });
};

const drain = async () => {
  for (;;) {
    const c = await connection();
    const items = (await load()).filter(mine(c));
    const next = items.find((i) => i.next_at <= Date.now());
    await tellState();
    if (!next) {
      clearTimeout(timer);
      if (items.length > 0) timer = setTimeout(wake, Math.max(50, Math.min(...items.map((i) => i.next_at)) - Date.now()));
      else await chrome.alarms.clear(ALARM);
      return;
    }
    await send(next);
  }
};

/** Tries now what waits for later. */
export const retry = async () => {
  await alone(async () => local.set("queue", (await load()).map((i) => ({ ...i, next_at: 0 }))));
  await wake();
  return { ok: true };
};

export const isAlarm = (alarm) => alarm.name === ALARM;
