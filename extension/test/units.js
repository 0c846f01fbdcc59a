/** What needs no page: amounts, messages, addresses, keys, names. Each is true or what went wrong. */
import { number, captureCost, unlockCost, blindCost } from "../panel/money.js";
import { message, fromPanel, reading } from "../worker/shape.js";
import { serverOrigin, pattern } from "../shared/address.js";
import { uuid7, isUuid7 } from "../shared/uuid.js";
import { reference } from "../shared/reference.js";
import { outcome } from "../panel/words.js";
import { SAID } from "./said.js";
import { h, fill } from "../panel/dom.js";
import "./readers.js";

const { looksLikeName, looksLikeTitle, nameOf, titleAndCompany, profile, email, phone } = globalThis.leadmeterReaders.tools;
const same = (got, want) => JSON.stringify(got) === JSON.stringify(want) || `got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`;
const each = (pairs, f) => pairs.map(([value, want]) => (f(value) === want ? "" : `${JSON.stringify(value)}: got ${JSON.stringify(f(value))}`)).find(Boolean) || true;

const runtime = { id: "abc", getURL: (path) => `chrome-extension://abc/${path}` };
const panel = "chrome-extension://abc/panel/panel.html";
// The book `universal`, where both emails are paid for once, and both phones.
const u = (amount) => ({ universal: amount });
const atMost = { "work_email,personal_email": u(1), "work_phone,mobile_phone": u(10), "work_email,work_phone,personal_email,mobile_phone": u(11) };
const prices = {
  fields: { work_email: { credit: "universal", amount: 1 }, work_phone: { credit: "universal", amount: 10, unlock: true }, personal_email: { credit: "universal", amount: 1 }, mobile_phone: { credit: "universal", amount: 10, unlock: true } },
  at_most: atMost, at_most_text: Object.fromEntries(Object.entries(atMost).map(([fields, cost]) => [fields, `at most ${cost.universal} universal`])),
};
const said = (price) => price && price.text;
const look = { has: { work_email: true, work_phone: true, personal_email: false, mobile_phone: true }, owned: [], would_cost: u(11), at_most: prices.at_most, at_most_text: prices.at_most_text };
const key = uuid7();
const capture = { type: "capture", key, batch: key, person: { id: "per_1" }, mode: "capture" };

/** A button that is drawn again while it is held down, and what stands there before and after it is let go. */
const heldButton = async () => {
  const [box, pressed] = [h("div"), []];
  const button = (n) => h("button", { type: "button", onclick: () => pressed.push(n) }, `Press ${n}`);
  document.body.append(box);
  fill(box, button(1));
  const first = box.firstChild;
  const end = (type) => first.dispatchEvent(new PointerEvent(type, { bubbles: true }));
  end("pointerdown");
  fill(box, button(2));
  fill(box, button(3));
  const kept = first.isConnected;
  end("pointerup");
  first.click();
  await new Promise((done) => setTimeout(done, 20));
  const now = box.textContent;
  box.remove();
  return [kept, pressed, now];
};

export const units = [
  ["what is held down is not replaced until it is let go", async () => same(await heldButton(), [true, [1], "Press 3"])],
  ["amounts as they are read", () => same([number(1204.5), number(0.333333), number(null)], ["1,204.5", "0.333333", "unlimited"])],
  ["U3: a book of one credit type, in the server's words", () => same([captureCost(look, prices, false), unlockCost(look, prices), captureCost(look, prices, true), blindCost(prices, false)].map(said), ["at most 1 universal", "at most 10 universal", "at most 11 universal", "at most 1 universal"])],
  ["without a price list the bound is never too low", () => same([captureCost(look, null, false), unlockCost(look, null), blindCost(null, false), blindCost({ fields: prices.fields }, false)].map(said), ["at most 11 universal", "at most 11 universal", null, null])],
  ["C10: an outcome is told in the server's words", () => same([
    ...Object.entries(SAID).map(([code, said]) => outcome({ outcome: code, credit: "premium", ...said }).why === said.why), outcome({ outcome: "charged", credit: "premium", ...SAID.charged }).look,
    outcome({ outcome: "not_found", look: "x.y", badge: "", why: "" }), outcome({ outcome: "suppressed" }).badge,
  ], [...Object.keys(SAID).map(() => true), "paid premium", { badge: "not found", why: "", look: "free" }, "suppressed"])],
  ["messages of the right shape alone", () => same([
    message(capture) !== null, message({ ...capture, key: "x" }), message({ ...capture, extra: 1 }), message({ ...capture, fields: ["salary"] }), message({ ...capture, person: {} }),
    message({ type: "constructor" }), message({ type: "__proto__" }), message(null), message("status"), message({ type: "read", tab: -1 }), message({ type: "status" }) !== null,
    message({ type: "total", amounts: [{ standard: 1 }] }) !== null, message({ type: "total", amounts: [{ standard: -1 }] }), message({ type: "total", amounts: ["x"] }),
  ], [true, null, null, null, null, null, null, null, null, null, true, true, null, null])],
  ["senders: the panel alone", () => same([
    fromPanel({ id: "abc", url: `${panel}?tab=3` }, runtime), fromPanel({ id: "abc", url: "https://evil.example/panel/panel.html", tab: {} }, runtime), fromPanel({ id: "xyz", url: panel }, runtime),
    fromPanel({ id: "abc", url: "chrome-extension://abc/other.html" }, runtime), fromPanel({ id: "abc" }, runtime), fromPanel({ id: "abc", url: panel, frameId: 4 }, runtime), fromPanel(undefined, runtime),
  ], [true, false, false, false, false, false, false])],
  ["a reading is checked like a stranger's", () => same([
    reading({ people: [{ full_name: "Ada", source: "team" }], cut: false, ms: 1 }) !== null, reading({ people: [{ full_name: "Ada", source: "team", evil: 1 }], cut: false, ms: 1 }), reading({ people: "x", cut: false, ms: 1 }), reading(undefined), reading({ people: [{ full_name: "A".repeat(201), source: "team" }], cut: false, ms: 1 }),
  ], [true, null, null, null, null])],
  ["keys are UUIDv7 and in order", () => isUuid7(uuid7()) && uuid7(1) < uuid7(2) && uuid7(Date.now()) < uuid7(Date.now() + 1) && parseInt(uuid7(1700000000000).replace(/-/g, "").slice(0, 12), 16) === 1700000000000],
  ["server addresses", () => same(["leads.example.com", "https://leads.example.com/x?y", "localhost:8080", "http://127.0.0.1:8080/", "http://leads.example.com", "https://a:b@leads.example.com", "", "ftp://x.example"].map((t) => serverOrigin(t).origin || "no"),
    ["https://leads.example.com", "https://leads.example.com", "http://localhost:8080", "http://127.0.0.1:8080", "no", "no", "no", "no"])],
  ["the permission of a server names no port", () => pattern("http://127.0.0.1:8080") === "http://127.0.0.1/*"],
  ["whom the server is told of", () => same([reference({ full_name: "Ada M", phones: ["1"], title: "CTO" }), reference({ full_name: "Ada M", title: "CTO" }, "Ridge"), reference({ full_name: "Ada M", linkedin_url: "https://www.linkedin.com/in/ada", company: "Ridge", emails: ["a@ridge.example", "b@ridge.example"] })],
    [null, { full_name: "Ada M", company: "Ridge" }, { linkedin_url: "https://www.linkedin.com/in/ada", email: "a@ridge.example", full_name: "Ada M", company: "Ridge" }])],
  ["names", () => each([["Ada Lovelace", true], ["Ludwig van Beethoven", true], ["O'Neill Siobhán", true], ["Jean-Luc d'Arc", true], ["田中太郎", true], ["ADA LOVELACE", true], ["Contact Us", false], ["Sales Director", false], ["Ada", false], ["Learn More About Us", false], ["ada lovelace", false], ["Q3 Results", false], ["<b>Ada</b> Lovelace", false]], looksLikeName)],
  ["names as said", () => each([["Dr. Lin Wei, PhD", "Lin Wei"], ["Ada Marsh (She/Her)", "Ada Marsh"], ["Bilal Cooper 🚀", "Bilal Cooper"], ["Ada Marsh · 2nd", "Ada Marsh"], ["Max Planck Jr.", "Max Planck"]], nameOf)],
  ["titles", () => each([["VP Sales", true], ["Geschäftsführerin", true], ["Head of People", true], ["We answer within the hour.", false], ["Keep it all.", false]], looksLikeTitle)],
  ["title and company", () => same([titleAndCompany("CTO at Ridge Robotics"), titleAndCompany("CTO @ Ridge"), titleAndCompany("Plant Manager")], [{ title: "CTO", company: "Ridge Robotics" }, { title: "CTO", company: "Ridge" }, { title: "Plant Manager", company: "" }])],
  ["profiles", () => each([["https://de.linkedin.com/in/Ada/?x=1", "https://www.linkedin.com/in/Ada"], ["https://www.linkedin.com/company/x", ""], ["https://notlinkedin.com/in/ada", ""], ["javascript:alert(1)//linkedin.com/in/ada", ""], ["https://www.linkedin.com/sales/people/AC1,NAME,x", "https://www.linkedin.com/sales/lead/AC1"]], (u) => profile(u, "https://x.example/"))],
  ["emails and phones", () => each([["mailto:A%2Bb@x.example?subject=s", "a+b@x.example"], ["not an email", ""], ["a@b", ""]], email) === true && each([["tel:+49-30;ext=1", ""], ["tel:+49-30-555010;ext=1", "+49-30-555010"], ["javascript:1234567", ""]], phone)],
];
