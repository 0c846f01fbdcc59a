import { SAID } from "./said.js";
/** Answers of a worker for each state of the panel. Nobody in them exists. */

const queue = { waiting: 0, elsewhere: 0, offline: false, next_at: null };
const connected = { ok: true, state: "connected", queue, ended: "", server: "https://leads.northlight.example", workspace: { id: "ws_1", name: "Northlight Sales" }, member: { id: "mem_1", name: "Grace Abara" } };
const refills = "Refills Apr 1, 2027, 00:00 (Berlin)"; // whatever the browser's own zone is
const balance = (standard, premium) => ({
  ok: true, data: {
    period: { starts_at: "2027-03-01T00:00:00Z", ends_at: "2027-04-01T00:00:00Z" }, status: "active",
    credits: { standard: { allowance: 250, used: 250 - standard, held: 0, available: standard }, premium: { allowance: 25, used: 25 - premium, held: 0, available: premium } },
    member: { id: "mem_1", standard: { mode: "pool", amount: null, used: 9, held: 0, available: standard, of: 250, refills_at: "2027-03-31T22:00:00Z", refills }, premium: { mode: "limit", amount: 5, used: 5 - Math.min(5, premium), held: 0, available: Math.min(5, premium), of: 5, refills_at: "2027-03-31T22:00:00Z", refills } },
    refills_at: "2027-03-31T22:00:00Z", refills, note: refills,
    shown: [{ credit: "standard", available: standard, of: 250, whose: "in the pool", refills }, { credit: "premium", available: Math.min(5, premium), of: 5, whose: "yours", refills }],
  },
});
// What the server writes of amounts.
const text = (cost) => Object.entries(cost).filter(([, n]) => n > 0).map(([credit, n]) => `${n} ${credit}`).join(" + ");
const texts = (atMost) => Object.fromEntries(Object.entries(atMost).map(([fields, cost]) => [fields, text(cost) ? `at most ${text(cost)}` : "free"]));
const shortOf = (credit, needed, available) => ({ credit, needed, available, limited_by: "member", heading: `Not enough ${credit} credits`, limit: "your own limit", detail: `${needed} ${credit} ${needed === 1 ? "is" : "are"} needed, and ${available} of your own limit is left.`, advice: "Ask your admin for a higher limit, or wait for the refill.", refills_at: "2027-03-31T22:00:00Z", refills });
const total = (left) => ({ amounts }) => {
  const sum = { standard: 0, premium: 0 };
  for (const one of amounts) for (const credit of Object.keys(sum)) sum[credit] += one[credit] || 0;
  const said = text(sum);
  return { ok: true, data: { total: sum, at_most_text: said ? `at most ${said}` : "free", charged_text: said ? `charged ${said}` : "free", short: Object.keys(sum).filter((c) => sum[c] > left[c]).map((c) => shortOf(c, sum[c], left[c])) } };
};
// The book `classic`: every field by itself.
const combined = (price) => Object.fromEntries(Array.from({ length: 15 }, (_, n) => ["work_email", "work_phone", "personal_email", "mobile_phone"].filter((f, at) => ((n + 1) >> at) & 1)).map((fields) => [fields.join(","), { standard: fields.filter((f) => f !== "mobile_phone" && price(f)).length, premium: fields.filter((f) => f === "mobile_phone" && price(f)).length }]));
const prices = { ok: true, data: { at_most: combined(() => true), at_most_text: texts(combined(() => true)), fields: { work_email: { credit: "standard", amount: 1, unlock: false }, work_phone: { credit: "standard", amount: 1, unlock: false }, personal_email: { credit: "standard", amount: 1, unlock: false }, mobile_phone: { credit: "premium", amount: 1, unlock: true } } } };

const people = [
  ["Adaeze Obi", "Chief Executive Officer", "Tundra Systems"], ["Björn van der Berg", "VP Sales, Europe, the Middle East and Africa", "Tundra Systems"],
  ["Siobhán O'Neill", "People & Culture", "Tundra Systems"], ["Lin Wei", "Principal Scientist", "Tundra Systems"], ["Marta Ruiz", "Accountant", "Tundra Systems"], ["Kofi Mensah", "Buyer", "Tundra Systems"],
].map(([full_name, title, company]) => ({ full_name, title, company, company_domain: "tundra.example.com", source: "team" }));

const has = (work_email, work_phone, personal_email, mobile_phone) => ({ work_email, work_phone, personal_email, mobile_phone });
const LOOKS = {
  "Adaeze Obi": { has: has(true, true, false, true), owned: ["work_email", "work_phone", "mobile_phone"], would_cost: { standard: 0, premium: 0 }, lead: "lead_1" },
  "Björn van der Berg": { has: has(true, true, true, true), owned: [], would_cost: { standard: 3, premium: 1 }, lead: null },
  "Siobhán O'Neill": { has: has(true, false, true, true), owned: ["work_email"], would_cost: { standard: 1, premium: 1 }, lead: "lead_3" },
  "Marta Ruiz": { has: has(true, false, false, false), owned: [], would_cost: { standard: 0, premium: 0 }, lead: null },
  "Kofi Mensah": { has: has(true, true, false, true), owned: [], would_cost: { standard: 2, premium: 1 }, lead: null },
};
const atMost = (name) => combined((f) => LOOKS[name].has[f] && !LOOKS[name].owned.includes(f) && (f !== "work_email" || LOOKS[name].would_cost.standard > 0));
const lookup = ({ person }) => (LOOKS[person.full_name]
  ? { ok: true, data: { person: { id: `per_${person.full_name}`, full_name: person.full_name, title: "", company: person.company }, ...LOOKS[person.full_name], at_most: atMost(person.full_name), at_most_text: texts(atMost(person.full_name)) } }
  : { ok: false, code: "not_found", status: 404, detail: "Nobody in the directory matches. Nothing was charged." });
const field = (outcome, values = [], credit = "standard", amount = 0) => ({ outcome, values, credit, amount, ...JSON.parse(JSON.stringify(SAID[outcome]).replaceAll("standard", credit)) });
const captured = (fields, charged, mode = "capture", short = []) => ({ ok: true, data: { short, charged_text: text(charged) ? `charged ${text(charged)}` : "free", id: "cap_1", mode, person: { id: "per_1", full_name: "" }, lead: mode === "capture" ? "lead_9" : null, fields, charged, balance: balance(240, 4).data.credits } });
const refused = { ok: false, status: 402, code: "insufficient_credits", ...shortOf("premium", 1, 0) };

// Whom the directory knows at the company: a page of two, and one of one.
const colleague = (id, full_name, title, owned = [], lead = null) => ({ person: { id, full_name, title, company: "Tundra Systems", company_domain: "tundra.example.com", location: "Tromsø" }, ...LOOKS["Kofi Mensah"], owned, lead, at_most: combined((f) => LOOKS["Kofi Mensah"].has[f] && !owned.includes(f)), at_most_text: texts(combined((f) => LOOKS["Kofi Mensah"].has[f] && !owned.includes(f))) });
const directory = ({ cursor }) => ({ ok: true, data: cursor
  ? { data: [colleague("per_c", "Nils Aakre", "Buyer")], total: 3, more_than_total: false, next_cursor: null }
  : { data: [colleague("per_a", "Ingrid Solberg", "Head of Procurement"), colleague("per_b", "Tariq Rahman", "Procurement Lead, Nordics and the Baltic States", ["work_email", "work_phone", "mobile_phone"], "lead_4")], total: 3, more_than_total: false, next_cursor: "c1" } });
const overdone = { ok: false, status: 429, code: "fair_use", detail: "You have used the 100 pages of search results of today. There are more tomorrow at 00:00 (Berlin)." };

const base = {
  status: connected, balance: balance(241, 4), prices, lists: { ok: true, data: { data: [{ name: "Spring campaign" }, { name: "Partners" }] } },
  settings: { ok: true, data: { auto_unlock: false, managed: null } }, read: { ok: true, people, cut: false, ms: 12, url: "https://www.tundra.example.com/team", title: "Team" }, lookup,
  results: { ok: true, results: [], waiting: [] }, total: total({ standard: 241, premium: 4 }), people: directory,
};
const scene = (answers, more = {}) => ({ answers: { ...base, ...answers }, ...more });
const gone = (state, more) => ({ ok: true, state, queue, ended: "", last_server: "", ...more });

const allOutcomes = captured({
  work_email: field("charged", [{ value: "bjorn.vandenberg@tundra.example.com", status: "verified" }], "standard", 1),
  work_phone: field("same_as_main_line", [{ value: "+31205550100", text: "+31 20 555 0100" }]), personal_email: field("not_found"),
  mobile_phone: field("insufficient_credits", [], "premium"),
}, { standard: 1 }, "capture", [shortOf("premium", 1, 0)]);
const otherOutcomes = captured({
  work_email: field("not_verified", [{ value: "siobhan@tundra.example.com", status: "likely" }]), work_phone: field("provider_error"),
  personal_email: field("already_owned", [{ value: "s.oneill@mail.example" }]), mobile_phone: field("charged", [{ value: "+353855550123", text: "+353 85 555 0123" }, { value: "+353855550124", text: "+353 85 555 0124" }], "premium", 1),
}, { premium: 1 }, "preview");

const stored = { prices: { workspace: "ws_1", list: prices.data } };

let looks = 0;
// The server has too much to do for the first two requests.
const later = () => (++looks > 2 ? balance(241, 4) : { ok: false, status: 503, code: "overloaded", detail: "The server has more to do than it can take." });

export const STATES = {
  unread: scene({ balance: later }),
  disconnected: scene({ status: gone("disconnected") }),
  ended: scene({ status: gone("disconnected", { ended: "The connection was ended on the server. Connect again.", last_server: "https://leads.northlight.example" }) }),
  "bad-address": scene({ status: gone("disconnected", { last_server: "http://leads.northlight.example" }) }, { press: ["button.primary"] }),
  pending: scene({ status: gone("pending", { server: "https://leads.northlight.example", approve_url: "https://leads.northlight.example/x", code: "K7QM-2RXD" }), poll: { ok: true, state: "pending" } }),
  people: scene({}),
  "site-not-allowed": scene({}, { allowed: false }),
  chosen: scene({}, { press: ['[data-focus="check-1"]', '[data-focus="check-5"]'] }),
  menu: scene({}, { press: ['[data-focus="menu-1"]'] }),
  "unlocks-all": scene({ settings: { ok: true, data: { auto_unlock: true, managed: null } } }),
  like: scene({}, { press: ['[data-focus="like"]'] }),
  "like-more": scene({}, { press: ['[data-focus="like"]', '[data-focus="like-more"]', '[data-focus="capture-found-2"]'] }),
  "like-refused": scene({ people: overdone }, { press: ['[data-focus="like"]'] }),
  "no-credits": scene({ balance: balance(0, 0), total: total({ standard: 0, premium: 0 }) }),
  reading: scene({ read: () => new Promise(() => {}) }),
  empty: scene({ read: { ok: true, people: [], cut: false, ms: 3, url: "https://example.com/", title: "" } }),
  "no-access": scene({ read: { ok: false, code: "no_access" } }),
  "no-company": scene({ read: { ok: true, people: people.slice(0, 3).map(({ full_name, title, source }) => ({ full_name, title, source })), cut: true, ms: 9, url: "", title: "" } }),
  captured: scene({ capture: ({ person }) => (person.id === "per_Björn van der Berg" ? allOutcomes : otherOutcomes) }, { press: ['[data-focus="capture-1"]', '[data-focus="menu-2"]', '[data-item="preview"]'] }),
  "out-of-credits": scene({ balance: balance(12, 0), capture: () => refused }, { press: ['[data-focus="menu-1"]', '[data-item="unlock"]'] }),
  asked: scene({ balance: balance(12, 0), capture: () => refused, ask: { ok: true } }, { press: ['[data-focus="menu-1"]', '[data-item="unlock"]', '[data-focus="ask-send"]'] }),
  "not-enough": scene({ balance: balance(2, 4), total: total({ standard: 2, premium: 4 }) }),
  "in-part": scene({ balance: balance(12, 0), capture: () => allOutcomes }, { press: ['[data-focus="capture-1"]', "button.link.why"] }),
  all: scene({ capture: ({ person }) => (person.id === "per_Kofi Mensah" ? null : captured({ work_email: field("charged", [{ value: "someone@tundra.example.com", status: "verified" }], "standard", 1) }, { standard: 1 })) }, { press: ['[data-focus="capture-all"]'] }),
  offline: scene({ status: { ...connected, queue: { waiting: 2, elsewhere: 0, offline: true, next_at: 0 } }, balance: { ok: false, code: "offline" }, prices: { ok: false, code: "offline" }, lookup: { ok: false, code: "offline" } }, { stored }),
  settings: scene({}, { press: ['[data-focus="gear"]'] }),
  "settings-managed": scene({ settings: { ok: true, data: { auto_unlock: false, managed: "on" } } }, { press: ['[data-focus="gear"]'] }),
  "sign-out": scene({ status: { ...connected, queue: { waiting: 2, elsewhere: 0, offline: false, next_at: 0 } } }, { press: ['[data-focus="gear"]', '[data-focus="sign-out"]'] }),
  hostile: scene({ read: { ok: true, cut: false, ms: 1, url: "", title: "", people: [{ full_name: "<img src=x onerror=alert(1)> Eve Mallory", title: "<b>CEO</b> ".repeat(12), company: "W".repeat(120), source: "hcard" }] } }),
};
