/** The messages that the worker understands, and what each must look like. Everything else is refused. */
import { isUuid7 } from "../shared/uuid.js";

const text = (max, min = 1) => (v) => typeof v === "string" && v.length >= min && v.length <= max;
const maybe = (check) => (v) => v === undefined || check(v);
const whole = (v) => Number.isSafeInteger(v) && v >= 0;
const flag = (v) => typeof v === "boolean";
const list = (check, max, min = 0) => (v) => Array.isArray(v) && v.length >= min && v.length <= max && v.every(check);
const one = (...values) => (v) => values.includes(v);

/** Whether a value is a plain object of these members alone, each as its check says. */
export const fits = (value, members) => typeof value === "object" && value !== null && !Array.isArray(value)
  && Object.keys(value).every((key) => Object.hasOwn(members, key)) && Object.keys(members).every((key) => members[key](value[key]));

const REFERENCE = { id: maybe(text(200)), linkedin_url: maybe(text(500)), email: maybe(text(320)), full_name: maybe(text(200)), company: maybe(text(200)), company_domain: maybe(text(253)) };
const PERSON = {
  full_name: text(200), first_name: maybe(text(200)), last_name: maybe(text(200)), title: maybe(text(200)), company: maybe(text(200)), company_domain: maybe(text(253)),
  linkedin_url: maybe(text(500)), emails: maybe(list(text(320), 10)), phones: maybe(list(text(60), 10)), url: maybe(text(500)), source: text(20),
};
const FIELDS = one("work_email", "personal_email", "work_phone", "mobile_phone");
const refers = (v) => fits(v, REFERENCE) && Object.keys(v).length > 0;

const costs = (v) => typeof v === "object" && v !== null && Object.entries(v).every(([credit, amount]) => text(60)(credit) && typeof amount === "number" && amount >= 0);

const MESSAGES = {
  status: {},
  connect: { server: text(300), name: text(100) },
  poll: {},
  cancel: {},
  disconnect: {},
  read: { tab: whole },
  lookup: { person: refers },
  people: { company: maybe(text(200)), domain: maybe(text(253)), title: maybe(text(200)), cursor: maybe(text(2000)) },
  capture: { key: isUuid7, batch: isUuid7, person: refers, mode: one("capture", "preview"), fields: maybe(list(FIELDS, 4, 1)), list: maybe(text(100)) },
  results: { keys: list(isUuid7, 500) },
  stop: { batch: isUuid7 },
  retry: {},
  balance: {},
  prices: {},
  total: { amounts: list(costs, 1000) },
  lists: {},
  settings: {},
  auto_unlock: { on: flag },
  ask: { key: isUuid7, credit: text(60), amount: (v) => typeof v === "number" && v > 0 && v <= 1e9, reason: text(500, 0) },
};

/** The checked message, or null. */
export const message = (raw) => {
  if (typeof raw !== "object" || raw === null || !Object.hasOwn(MESSAGES, raw.type)) return null;
  const { type, ...rest } = raw;
  return fits(rest, MESSAGES[type]) ? { type, ...rest } : null;
};

/**
 * Whether a message comes from this extension's own panel. A content script has the page's
 * address, another extension another id; a web page cannot send at all.
 */
export const fromPanel = (sender, runtime) => {
  if (!sender || sender.id !== runtime.id || typeof sender.url !== "string") return false;
  const panel = new URL(runtime.getURL("panel/panel.html"));
  try {
    const url = new URL(sender.url);
    return url.origin === panel.origin && url.protocol === panel.protocol && url.pathname === panel.pathname && (sender.frameId === undefined || sender.frameId === 0);
  } catch {
    return false;
  }
};

/** What an injection brought back, checked as if the page itself had sent it; null: not a reading. */
export const reading = (raw) => {
  if (!fits(raw, { people: list((p) => fits(p, PERSON), 1000), cut: flag, ms: (v) => typeof v === "number" })) return null;
  return raw;
};
