/** The credits that are left, and what to do when there are none. */
import { h, announce, whenDrawn } from "./dom.js";
import { ask } from "./call.js";
import { state, change } from "./state.js";
import { number } from "./money.js";
import { uuid7 } from "../shared/uuid.js";

const RETRIES = [2000, 5000, 15000, 60000]; // milliseconds until what was not answered is asked for again

let later = 0;
let failures = 0;

/** Asks again in a while for what the server could not answer now, as long as it is shown. */
const again = (answers) => {
  const passing = answers.filter((a) => !a.ok && (a.code === "lost" || a.code === "offline" || a.status === 429 || a.status >= 500));
  clearTimeout(later);
  failures = passing.length > 0 ? failures + 1 : 0;
  if (failures === 0) return;
  const wait = Math.max(RETRIES[Math.min(failures, RETRIES.length) - 1], ...passing.map((a) => (a.retry_after || 0) * 1000));
  later = setTimeout(() => state.status.state === "connected" && refresh(true), wait);
};

/** Asks for the balance, the price list, the lists and the settings; what a server does not tell stays unknown. */
export const refresh = async (all) => {
  const wanted = all ? ["balance", "prices", "lists", "settings"] : ["balance"];
  const answers = await Promise.all(wanted.map((type) => ask({ type })));
  const news = {};
  answers.forEach((answer, n) => {
    if (!answer.ok || !answer.data) return;
    if (wanted[n] === "prices") chrome.storage.local.set({ prices: { workspace: state.status.workspace?.id, list: answer.data } });
    if (wanted[n] === "balance") news.balance = answer.data;
    if (wanted[n] === "prices") news.prices = priceList(answer.data);
    if (wanted[n] === "lists") news.lists = (answer.data.data || []).map((l) => l.name).filter((name) => typeof name === "string").slice(0, 500);
    if (wanted[n] === "settings") news.settings = answer.data;
  });
  if (all && !news.prices && answers[1].code === "offline") news.prices = await lastPrices();
  again(answers);
  change({ ...news, unread: !news.balance && failures > 0 });
};

/** The price list as it was last told: what a capture costs at most while the server is away. */
const lastPrices = async () => {
  const { prices } = await chrome.storage.local.get("prices");
  return prices && prices.workspace === state.status.workspace?.id ? priceList(prices.list) : null;
};

const priceList = (data) => (data?.fields ? data : null);

let soon = 0;
/** Asks for the balance in a moment, once for many captures. */
export const refreshSoon = () => {
  clearTimeout(soon);
  soon = setTimeout(refresh, 400);
};

/** What the member may still use of each credit type, as the server shows it. */
const left = () => state.balance?.shown || [];

const meter = ({ credit, available: rest, of, whose }) => {
  const bar = h("progress", { max: of || 1, value: rest === null ? of || 1 : rest, "aria-hidden": "true" });
  return h(`li.${credit === "premium" ? "premium" : "standard"}`, null,
    h("span.dot", { "aria-hidden": "true" }),
    h("span", null, `${credit} `, h("b", null, number(rest)), rest === null ? "" : ` of ${number(of)}`, h("small", null, ` ${whose}`)),
    rest !== null && bar);
};

/** Whether a price asks for credits of a type of which none are left. */
export const isOut = (price) => left().some((l) => l.available !== null && l.available <= 0 && price.cost[l.credit] > 0);

/** The button that asks for more of what a problem lacked. */
export const askFor = (problem, look = "", props = {}) => h(`button.link${look}`, { type: "button", onclick: () => showShort(problem), ...props }, problem.credit ? `Ask for more ${problem.credit}` : "Ask for more");

/** Says that credits ran out, and offers to ask for more. What is not known of why is left out. */
export const showShort = (problem) => {
  change({ short: problem });
  whenDrawn(() => {
    panel?.scrollIntoView({ block: "nearest" });
    panel?.querySelector("h2").focus({ preventScroll: true });
  });
};

/** When there is more of a credit type, in the server's words; of a problem that waiting does not help, nothing. */
const more = (problem) => ("refills_at" in problem && !problem.refills_at ? "" : problem.refills || left().find((l) => l.credit === problem.credit)?.refills);

/** The header's line of what is left, with the day it refills. */
export const balanceLine = () => {
  if (!state.balance) return h("p.balance.muted", null, state.status.queue.offline ? "Credits unknown: the server cannot be reached" : state.unread ? "Your credits could not be read. Trying again …" : "Reading your credits …");
  const cancelled = state.balance.status === "cancelled";
  return h("div.balance", null,
    h("ul", { "aria-label": "Credits left" }, left().map(meter)),
    h("p.muted", null, state.balance.note, !cancelled && left().filter((l) => l.available !== null && l.available <= 0).map(({ credit, available }) => [" · ", askFor({ credit, available }, "", { "data-focus": `more-${credit}` })])));
};

const send = async (form, said) => {
  const amount = Number(form.elements.amount.value);
  if (!(amount > 0)) {
    said.textContent = "Say how many credits.";
    form.elements.amount.focus();
    return;
  }
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  const answer = await ask({ type: "ask", key: form.dataset.key, credit: state.short.credit, amount, reason: form.elements.reason.value.slice(0, 500) });
  button.disabled = false;
  if (answer.ok) {
    change({ short: { ...state.short, asked: amount } });
    announce("Asked. An admin of your workspace decides.");
  } else {
    said.textContent = answer.detail || "It could not be sent. Try again.";
  }
};

const form = () => {
  const said = h("p.problem", { role: "alert" });
  return h("form.stack", { "data-key": uuid7(), onsubmit: (e) => { e.preventDefault(); send(e.target, said); } },
    h("div.row",  null,
      h("label.field.narrow", null, h("span", null, `More ${state.short.credit}`), h("input", { name: "amount", type: "number", min: "0", step: "any", required: true, value: "10", "data-focus": "ask-amount" })),
      h("label.field", null, h("span", null, "Why (an admin reads it)"), h("input", { name: "reason", maxlength: 500, placeholder: "Two campaigns this week", "data-focus": "ask-reason" }))),
    said,
    h("button.primary", { type: "submit", "data-focus": "ask-send" }, "Ask for more"));
};

let shown = null; // the problem whose form is on the page, so that typing survives a redraw
let panel = null;

/** What stopped a capture for lack of credits, when there will be more, and a way to ask for them now. */
export const shortPanel = () => {
  const s = state.short;
  if (!s) return (shown = panel = null);
  if (shown === s) return panel;
  shown = s;
  const fact = (name, value) => h("div", null, h("dt", null, name), h("dd", null, value));
  panel = h("section.panel.stop", { "aria-labelledby": "short-title" },
    h("div.spread", null, h("h2", { id: "short-title", tabindex: "-1" }, s.heading || `More ${s.credit} credits`), h("button.quiet.small", { type: "button", onclick: () => change({ short: null }) }, "Close")),
    h("dl.facts", null,
      typeof s.needed === "number" && fact("Needed", number(s.needed)),
      typeof s.available === "number" && fact("Available", number(s.available)),
      s.limit && fact("Stopped by", s.limit),
      more(s) && fact("More", more(s))),
    s.advice && h("p", null, s.advice),
    s.asked ? h("p.notice.success", null, `You asked for ${number(s.asked)} ${s.credit}. An admin decides; what is granted shows above.`) : form());
  return panel;
};
