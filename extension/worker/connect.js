/** Connecting to a server that the user names: asked for here, approved there in a tab, its tokens fetched with a proof that only this worker has. */
import { session, local } from "./vault.js";
import { request, call, connection, keepTokens } from "./server.js";
import { serverOrigin } from "../shared/address.js";

const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** A secret, and its hash as the server is shown it first. */
export const proof = async () => {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return { verifier, challenge: base64url(new Uint8Array(hash)) };
};

/** Asks a server for a connection and opens the tab where it is approved. */
export const begin = async (typed, name) => {
  const where = serverOrigin(typed);
  if (where.problem) return { ok: false, code: "invalid_request", detail: where.problem };
  const { verifier, challenge } = await proof();
  const answer = await request(`${where.origin}/v1/extension/connections`, { method: "POST", body: JSON.stringify({ name, challenge }) });
  if (!answer.ok) {
    const detail = answer.code === "offline" ? "No server answers at this address." : answer.status === 404 ? "This is not a leadmeter server, or one too old for the extension." : answer.detail;
    return { ...answer, detail };
  }
  const { id, code, expires_at } = answer.data || {};
  const path = answer.data?.approve_url; // a path where the server was not told its own address
  const approve_url = typeof path === "string" && URL.canParse(path, where.origin) ? new URL(path, where.origin).href : "";
  if (typeof id !== "string" || !approve_url || new URL(approve_url).origin !== where.origin) {
    return { ok: false, code: "bad_answer", detail: "The server's answer makes no sense: the page to approve on is not its own." };
  }
  await session.set("pending", { server: where.origin, id, code: typeof code === "string" ? code : "", verifier, approve_url, expires_at });
  await session.set("ended", undefined);
  await local.set("server", where.origin);
  await chrome.tabs.create({ url: approve_url });
  return { ok: true };
};

/** Asks whether it was approved. Answers {ok, state: "pending" | "connected" | "disconnected"}. */
export const poll = async () => {
  const p = await session.get("pending");
  if (!p) return { ok: true, state: (await connection()) ? "connected" : "disconnected" };
  const answer = await request(`${p.server}/v1/extension/connections/${encodeURIComponent(p.id)}/token`, { method: "POST", body: JSON.stringify({ verifier: p.verifier }) });
  if (answer.ok && answer.status === 202) return { ok: true, state: "pending" };
  if (answer.ok && await keepTokens(p.server, p.id, answer.data)) {
    await session.set("pending", undefined);
    return { ok: true, state: "connected" };
  }
  if (!answer.ok && (answer.code === "offline" || answer.status >= 500 || answer.status === 429)) return { ok: true, state: "pending" };
  await session.set("pending", undefined);
  const ended = { 403: "The connection was refused on the server.", 410: "Nobody approved in time. Connect again." }[answer.status] || "The connection did not come about. Connect again.";
  await session.set("ended", ended);
  return { ok: true, state: "disconnected" };
};

/** Stops waiting for an approval. */
export const cancel = async () => {
  await session.set("pending", undefined);
  return { ok: true };
};

/** Signs out: the connection is ended on the server where that can be reached, and forgotten here in any case. */
export const disconnect = async () => {
  const c = await connection();
  if (c) await call((now) => `/v1/extension/connections/${encodeURIComponent(now.id)}`, { method: "DELETE" });
  for (const key of ["connection", "pending", "results", "ended", "offline"]) await session.set(key, undefined);
  return { ok: true };
};
