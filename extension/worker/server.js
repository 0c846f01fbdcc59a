/** Talks to the leadmeter server: bearer tokens, never cookies; each answer is data or a problem, never an exception. */
import { session } from "./vault.js";

const TIMEOUT = 20000; // milliseconds for one request
const MAX_ANSWER = 2000000; // characters of one answer
const EARLY = 30000; // milliseconds before its end at which a token is renewed

const offline = { ok: false, status: 0, code: "offline", detail: "The server could not be reached." };

const phrase = (text) => (typeof text === "string" ? text.slice(0, 200) : "");

const problemOf = (status, body, headers) => {
  const p = typeof body === "object" && body !== null ? body : {};
  const wait = Number(headers.get("Retry-After"));
  return {
    ok: false, status, code: typeof p.code === "string" ? p.code : `status_${status}`, detail: typeof p.detail === "string" ? p.detail.slice(0, 500) : "",
    credit: p.credit, needed: p.needed, available: p.available, heading: phrase(p.heading), limit: phrase(p.limit), advice: phrase(p.advice), refills_at: p.refills_at,
    retry_after: Number.isFinite(wait) && wait > 0 ? Math.min(wait, 3600) : undefined,
  };
};

/**
 * One request without a token.
 * @param {string} url absolute
 * @param {{method?: string, body?: string, key?: string, token?: string}} [ask] body: JSON text; key: idempotency key
 * @returns {Promise<object>} {ok: true, status, data} or a problem with `code`; "offline" where no answer came
 */
export const request = async (url, { method = "GET", body, key, token } = {}) => {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  if (token) headers.Authorization = `Bearer ${token}`;
  try {
    const answer = await fetch(url, {
      method, headers, body, credentials: "omit", redirect: "error", referrerPolicy: "no-referrer", cache: "no-store", signal: AbortSignal.timeout(TIMEOUT),
    });
    const said = await answer.text();
    if (said.length > MAX_ANSWER) return { ...offline, code: "bad_answer", detail: "The server's answer is too long." };
    let data = null;
    try {
      data = said ? JSON.parse(said) : null;
    } catch {
      if (answer.ok) return { ...offline, code: "bad_answer", detail: "This does not answer like a leadmeter server." };
    }
    return answer.ok ? { ok: true, status: answer.status, data } : problemOf(answer.status, data, answer.headers);
  } catch {
    return offline;
  }
};

/** The connection, or undefined: {server, id, access_token, refresh_token, expires_at, workspace, member}. */
export const connection = () => session.get("connection");

const named = (v) => typeof v === "object" && v !== null && typeof v.id === "string" && v.id.length <= 200;

/** Keeps the tokens of an answer; false where it is not one. */
export const keepTokens = async (server, id, data) => {
  if (!data || typeof data.access_token !== "string" || typeof data.refresh_token !== "string" || !named(data.workspace) || !named(data.member)) return false;
  const label = (v) => ({ id: v.id, name: String(v.name || "").slice(0, 200) });
  const lasts = Number(data.expires_in) > 0 ? Number(data.expires_in) * 1000 : 300000;
  await session.set("connection", {
    server, id, access_token: data.access_token, refresh_token: data.refresh_token, expires_at: Date.now() + lasts, workspace: label(data.workspace), member: label(data.member),
  });
  return true;
};

let renewing = null;

/** Renews the token, once for all who wait and for those who come late with the old one. Answers the new connection, or a problem. */
const renew = (old) => {
  renewing = renewing || (async () => {
    const now = await connection();
    if (now && now.refresh_token !== old.refresh_token) return now;
    const answer = await request(`${old.server}/v1/extension/token`, { method: "POST", body: JSON.stringify({ refresh_token: old.refresh_token }) });
    if (answer.ok && await keepTokens(old.server, old.id, answer.data)) return connection();
    if (!answer.ok && [400, 401, 403, 404, 410].includes(answer.status)) {
      await session.set("connection", undefined);
      await session.set("ended", "The connection was ended on the server. Connect again.");
      return { ok: false, status: 401, code: "unauthenticated", detail: "The connection was ended on the server." };
    }
    return answer.ok ? offline : answer;
  })().finally(() => {
    renewing = null;
  });
  return renewing;
};

/**
 * One request of the connected member.
 * @param {(c: object) => string} path of the connection, such as c => `/v1/workspaces/${c.workspace.id}/balance`
 * @param {object} [ask] as for request
 */
export const call = async (path, ask = {}) => {
  let c = await connection();
  if (!c) return { ok: false, status: 401, code: "unauthenticated", detail: "Not connected." };
  if (c.expires_at - EARLY < Date.now()) {
    const fresh = await renew(c);
    if (fresh.ok === false) return fresh;
    c = fresh;
  }
  const answer = await request(c.server + path(c), { ...ask, token: c.access_token });
  if (answer.status !== 401) return answer;
  const fresh = await renew(c);
  if (fresh.ok === false) return fresh;
  return request(fresh.server + path(fresh), { ...ask, token: fresh.access_token });
};

/** A workspace's path, its ids escaped. */
export const inWorkspace = (rest) => (c) => `/v1/workspaces/${encodeURIComponent(c.workspace.id)}${typeof rest === "function" ? rest(encodeURIComponent(c.member.id)) : rest}`;
