/** The queue under a storage that answers when it likes: at every moment a capture waits or has its answer, and each is sent under one key. */
import { uuid7 } from "../shared/uuid.js";
import * as queue from "../worker/queue.js";

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const turn = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => resolve(port1.close());
  port2.postMessage(0);
});

/** A browser's extension API of which each call takes a while, by a chance that is the same in every run. */
const fakeBrowser = () => {
  let seed = 1;
  const chance = (n) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * n);
  };
  const area = () => {
    const held = {};
    const late = async () => {
      for (let n = chance(4); n > 0; n--) await turn();
    };
    return {
      get: async (key) => {
        await late();
        const value = structuredClone({ [key]: held[key] });
        await late();
        return value;
      },
      set: async (values) => {
        await late();
        Object.assign(held, structuredClone(values));
        await late();
      },
      remove: async (key) => {
        delete held[key];
      },
    };
  };
  return { storage: { local: area(), session: area() }, alarms: { create: async () => {}, clear: async () => {} }, runtime: { sendMessage: async () => {} } };
};

/** Runs a test in a browser and beside a server of its own, and puts back what was there. */
const within = async (serve, test) => {
  const [oldChrome, oldFetch] = [globalThis.chrome, globalThis.fetch];
  const sent = new Map(); // key → bodies
  globalThis.chrome = fakeBrowser();
  globalThis.fetch = async (_, { headers, body }) => {
    const key = headers["Idempotency-Key"];
    sent.set(key, [...(sent.get(key) || []), body]);
    return serve(sent.get(key).length);
  };
  try {
    await chrome.storage.session.set({ connection: { server: "https://leads.example", workspace: { id: "ws_1" }, member: { id: "mem_1" }, access_token: "t", expires_at: Date.now() + 3600000 } });
    const said = await test(sent);
    while ((await queue.state()).waiting > 0) await sleep(1);
    await sleep(20); // its last steps
    return said;
  } finally {
    globalThis.chrome = oldChrome;
    globalThis.fetch = oldFetch;
  }
};

const captured = () => new Response('{"charged":{"standard":1}}', { status: 200 });
const capture = (key, batch = key) => ({ key, batch, person: { id: "per_1" }, mode: "capture" });

/** Looks again and again until every capture has its answer; says which one was neither waiting nor answered. */
const follow = async (keys) => {
  for (let n = 0; n < 5000; n++) {
    const { results, waiting } = await queue.results(keys);
    const known = new Set([...waiting, ...results.map((r) => r.key)]);
    const lost = keys.filter((k) => !known.has(k));
    if (lost.length > 0) return `look ${n}: ${lost.length} of ${keys.length} neither wait nor have an answer`;
    if (waiting.length === 0) return results;
    await turn();
  }
  return "never done";
};

export const queueTests = [
  ["what is put on a queue that just ran empty is sent", () => within(captured, async (sent) => {
    for (let n = 0; n < 60; n++) {
      const key = uuid7();
      await queue.add(capture(key));
      while (!sent.has(key)) await turn();
      for (let wait = n; wait > 0; wait--) await turn(); // the next one falls into every moment of the end
    }
    return true;
  })],
  ["C9: a capture waits or has its answer, at every moment", () => within(captured, async (sent) => {
    const keys = Array.from({ length: 40 }, () => uuid7());
    for (const key of keys) await queue.add(capture(key));
    const results = await follow(keys);
    if (typeof results === "string") return results;
    return (results.length === 40 && [...sent.values()].every((bodies) => bodies.length === 1)) || `${results.length} answers, ${sent.size} sent`;
  })],
  ["C9: what the server could not take is sent again, the same under the same key", () => within((nth) => (nth === 1 ? new Response("{}", { status: 503 }) : captured()), async (sent) => {
    const key = uuid7();
    await queue.add(capture(key));
    while (!((await queue.state()).next_at > Date.now())) await sleep(1);
    await queue.retry();
    const results = await follow([key]);
    if (typeof results === "string") return results;
    const bodies = sent.get(key);
    return (results[0].result.ok && bodies.length === 2 && bodies[0] === bodies[1]) || JSON.stringify([results, bodies]);
  })],
  ["what is stopped has its answer too, and is never sent", () => within(async () => {
    await sleep(5);
    return captured();
  }, async (sent) => {
    const batch = uuid7();
    const keys = Array.from({ length: 20 }, () => uuid7());
    for (const key of keys) await queue.add(capture(key, batch));
    const [results, { stopped }] = await Promise.all([follow(keys), queue.stop(batch)]);
    if (typeof results === "string") return results;
    return (stopped > 0 && sent.size === 20 - stopped && results.filter((r) => r.result.code === "stopped").length === stopped) || `${stopped} stopped, ${sent.size} sent`;
  })],
  ["after signing out nothing of anybody is kept", () => within(async () => {
    await sleep(5);
    return captured();
  }, async (sent) => {
    const key = uuid7();
    await queue.add(capture(key));
    while (!sent.has(key)) await turn();
    await queue.clear();
    await sleep(30);
    const { results, waiting } = await queue.results([key]);
    return (results.length === 0 && waiting.length === 0) || JSON.stringify([results, waiting]);
  })],
];
