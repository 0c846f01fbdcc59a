/**
 * Captures on their way. Each is on disk with its idempotency key and its exact body before it is
 * sent, and leaves the disk when the server has answered; sent again after a restart of the server,
 * of the browser or of this worker, it is the same request, so it happens once (rule C9).
 */
import { session, local, alone } from "./vault.js";
import { call, connection, inWorkspace } from "./server.js";

export const MAX_WAITING = 1000; // captures
const MAX_KEPT = 300; // answers kept in memory for a panel that was closed
const MAX_AGE = 7 * 24 * 3600 * 1000; // milliseconds; older ones are dropped unsent
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

/** Takes captures off the queue with their answer. The answer is kept before the queue forgets them, so that at every moment one of the two knows each. */
const settle = async (gone, result) => {
  const out = await alone(async () => {
    const items = await load();
    const out = items.filter(gone);
    if (out.length === 0) return out;
    const keys = new Set(out.map((i) => i.key));
    const kept = ((await session.get("results")) || []).filter((r) => !keys.has(r.key));
    await session.set("results", [...kept, ...out.map((i) => ({ key: i.key, result }))].slice(-MAX_KEPT));
    await local.set("queue", items.filter((i) => !keys.has(i.key)));
    return out;
  });
  for (const item of out) await tell({ type: "result", key: item.key, result });
  return out;
};

/** The answers to some captures, in so far as they came and are still in memory. The queue is read first: what leaves it in between has its answer. */
export const results = async (keys) => {
  const waiting = new Set((await load()).map((i) => i.key));
  const wanted = new Set(keys);
  const known = ((await session.get("results")) || []).filter((r) => wanted.has(r.key));
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
  if (answer.ok) wake();
  return answer;
};

/** Takes back what of a batch was not sent yet. What may have reached the server stays. */
export const stop = async (batch, why = { ok: false, code: "stopped", detail: "Stopped before it was sent. Nothing was charged." }) => {
  const out = await settle((i) => i.batch === batch && !i.sent, why);
  await tellState();
  return { ok: true, stopped: out.length };
};

/** Drops everything, at sign-out. */
export const clear = () => alone(() => local.set("queue", []));

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

/** What is due next, marked as sent before it is: what Stop takes back was never sent, though this worker may have died in between. */
const take = async () => {
  const c = await connection();
  return alone(async () => {
    const items = await load();
    const here = items.filter(mine(c));
    const next = here.find((i) => i.next_at <= Date.now());
    if (next && !next.sent) {
      next.sent = true;
      await local.set("queue", items);
    }
    return { here, next };
  });
};

/** Sends one capture. */
const send = async (item) => {
  const answer = await call(inWorkspace("/captures"), { method: "POST", body: item.body, key: item.key });
  if (passing(answer)) {
    await session.set("offline", answer.code !== "unauthenticated");
    await later(item.key, answer);
    return;
  }
  await session.set("offline", undefined);
  await settle((i) => i.key === item.key, answer);
  if (answer.status === 402 || answer.code === "subscription_cancelled") {
    await stop(item.batch, { ok: false, code: "stopped", detail: `Not sent. ${answer.detail}`, short: answer.status === 402 ? answer : null });
  }
};

let draining = false;
let wanted = false; // somebody asked since the last look at the queue
let timer = null;

/** Sees to it that what is due is sent, one after another, and the rest later, whatever becomes of this worker. */
export const wake = async () => {
  wanted = true;
  if (draining) return;
  draining = true;
  try {
    while (wanted) {
      wanted = false;
      await drain();
    }
  } finally {
    draining = false;
  }
};

const drain = async () => {
  clearTimeout(timer);
  let alarmed = false;
  for (;;) {
    const { here, next } = await take();
    await tellState();
    if (here.length === 0) return chrome.alarms.clear(ALARM);
    if (!alarmed) await chrome.alarms.create(ALARM, { periodInMinutes: 0.5 });
    alarmed = true;
    if (!next) {
      timer = setTimeout(wake, Math.max(50, Math.min(...here.map((i) => i.next_at)) - Date.now()));
      return;
    }
    await send(next);
  }
};

/** Tries now what waits for later. */
export const retry = async () => {
  await alone(async () => local.set("queue", (await load()).map((i) => ({ ...i, next_at: 0 }))));
  wake();
  return { ok: true };
};

export const isAlarm = (alarm) => alarm.name === ALARM;
