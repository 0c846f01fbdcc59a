/**
 * Shows the panel in one state without a browser's extension API and without a server:
 * test/panel.html?state=NAME&theme=light|dark. The names are those of STATES.
 */
import { STATES } from "./states.js";

const asked = new URLSearchParams(location.search);
const scene = STATES[asked.get("state") || "people"];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const listeners = [];
const event = () => ({ addListener: () => {} });

/** News from the worker to the panel. */
const news = (message) => listeners.forEach((f) => f(message, { id: "mock" }));

const answer = async (message) => {
  await sleep(1);
  const known = scene.answers[message.type];
  if (message.type === "capture" && typeof known === "function") {
    const result = known(message);
    if (result) setTimeout(() => news({ type: "result", key: message.key, result }), 5);
    return { ok: true };
  }
  return structuredClone(typeof known === "function" ? known(message) : known) ?? { ok: true };
};

globalThis.chrome = {
  runtime: { id: "mock", getURL: (path) => `chrome-extension://mock/${path}`, sendMessage: answer, onMessage: { addListener: (f) => listeners.push(f) } },
  storage: { local: { get: async () => ({ theme: asked.get("theme") || "system", ...scene.stored }), set: async () => {} } },
  permissions: { request: async () => true, contains: async () => scene.allowed ?? true },
  tabs: { query: async () => [{ id: 1 }], create: async () => {}, onActivated: event(), onUpdated: event() },
};

await import("../panel/panel.js");
await sleep(60);
for (const press of scene.press || []) {
  for (let n = 0; n < 100 && !document.querySelector(press); n++) await sleep(20);
  document.querySelector(press).click();
  await sleep(80);
}
document.title = `shown ${asked.get("state")}`;
