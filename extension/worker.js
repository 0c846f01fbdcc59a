/**
 * The worker: the only part that knows tokens and talks to the server. It acts on messages of
 * its own panel, on its toolbar button and on its alarm, and on nothing else.
 */
import { message, fromPanel } from "./worker/shape.js";
import { session, local } from "./worker/vault.js";
import { call, connection, inWorkspace } from "./worker/server.js";
import { readTab } from "./worker/read.js";
import * as connecting from "./worker/connect.js";
import * as queue from "./worker/queue.js";

const status = async () => {
  const c = await connection();
  const p = await session.get("pending");
  const known = { ok: true, queue: await queue.state(), ended: (await session.get("ended")) || "", last_server: (await local.get("server")) || "" };
  if (c) return { ...known, state: "connected", server: c.server, workspace: c.workspace, member: c.member };
  if (p) return { ...known, state: "pending", server: p.server, approve_url: p.approve_url, code: p.code, expires_at: p.expires_at };
  return { ...known, state: "disconnected" };
};

const PEOPLE = 50; // of one page of a search: as many as fair use counts as one

const post = (rest, body, key) => call(inWorkspace(rest), { method: "POST", body: JSON.stringify(body), key });

const ANSWERS = {
  status,
  connect: (m) => connecting.begin(m.server, m.name),
  poll: async () => {
    const answer = await connecting.poll();
    if (answer.state === "connected") await queue.retry();
    return answer;
  },
  cancel: () => connecting.cancel(),
  disconnect: async () => {
    await queue.clear();
    return connecting.disconnect();
  },
  read: (m) => readTab(m.tab),
  lookup: (m) => post("/lookups", { person: m.person }),
  people: ({ type, ...wanted }) => call(inWorkspace(`/people?${new URLSearchParams({ ...wanted, prices: "true", limit: String(PEOPLE) })}`)),
  capture: (m) => queue.add(m),
  results: (m) => queue.results(m.keys),
  stop: (m) => queue.stop(m.batch),
  retry: () => queue.retry(),
  balance: () => call(inWorkspace((member) => `/balance?member=${member}`)),
  prices: () => call(inWorkspace("/prices")),
  total: (m) => post("/totals", { amounts: m.amounts }),
  lists: () => call(inWorkspace("/lists")),
  settings: () => call(inWorkspace((member) => `/members/${member}/settings`)),
  auto_unlock: (m) => call(inWorkspace((member) => `/members/${member}/settings`), { method: "PUT", body: JSON.stringify({ auto_unlock: m.on }) }),
  ask: async (m) => {
    const c = await connection();
    return c ? post("/credit-requests", { member: c.member.id, credit: m.credit, amount: m.amount, reason: m.reason }, m.key) : call(inWorkspace("/credit-requests"));
  },
};

chrome.runtime.onMessage.addListener((raw, sender, respond) => {
  if (!fromPanel(sender, chrome.runtime)) return false;
  const m = message(raw);
  if (!m) {
    respond({ ok: false, code: "refused", detail: "The worker does not know this message." });
    return false;
  }
  ANSWERS[m.type](m).then(respond, () => respond({ ok: false, code: "internal", detail: "Something failed in the extension. Sending it again is safe." }));
  return true;
});

// The press is what gives access to the page; opening must follow it at once, or the browser refuses.
chrome.action.onClicked.addListener((tab) => {
  if (chrome.sidePanel) chrome.sidePanel.open({ windowId: tab.windowId });
  else chrome.sidebarAction.open();
  chrome.runtime.sendMessage({ type: "pressed", tab: tab.id }).catch(() => {}); // a panel that is open already
});

chrome.alarms.onAlarm.addListener((alarm) => {
  if (queue.isAlarm(alarm)) queue.wake();
});
queue.wake(); // what an earlier life of this worker left behind
