/** Credits: exact to six decimals, counted as whole millionths, and how they are written. */

const UNIT = 1000000;
const micros = (amount) => Math.round(Number(amount) * UNIT);

/** Adds amounts per credit type. */
export const sum = (...costs) => {
  const total = new Map();
  for (const cost of costs) for (const [credit, amount] of Object.entries(cost || {})) total.set(credit, (total.get(credit) || 0) + micros(amount));
  return Object.fromEntries([...total].map(([credit, n]) => [credit, n / UNIT]));
};

/** An amount for reading: "1,204.5"; null is unlimited. */
export const number = (amount) => (amount === null || amount === undefined ? "unlimited" : new Intl.NumberFormat("en", { maximumFractionDigits: 6 }).format(amount));

export const isFree = (cost) => Object.values(cost).every((amount) => micros(amount) === 0);

/** The entries of amounts per credit type, premium last: JSON objects come in the order of the alphabet. */
export const inOrder = (byCredit) => Object.entries(byCredit).sort(([a], [b]) => (a === "premium") - (b === "premium"));

/** "2 standard + 1 premium", or "free". */
export const costText = (cost) => inOrder(cost).filter(([, a]) => micros(a) > 0).map(([credit, a]) => `${number(a)} ${credit}`).join(" + ") || "free";

/** The end of a button that can spend (rule U3). */
export const atMost = (cost) => (isFree(cost) ? "free" : `at most ${costText(cost)}`);

const STANDARD = ["work_email", "work_phone", "personal_email"];
export const FIELDS = [...STANDARD, "mobile_phone"];

/** The fields that have a button of their own: those the book says, else mobiles. */
export const unlockFields = (prices) => (prices ? FIELDS.filter((f) => prices[f]?.unlock) : ["mobile_phone"]);

/** What some fields of a person cost at most by the price list, never more than the lookup says of all of them together. */
const listed = (look, prices, fields) => {
  const cost = sum(...fields.filter((f) => prices[f] && look.has[f] && !look.owned.includes(f)).map((f) => ({ [prices[f].credit]: prices[f].amount })));
  return Object.fromEntries(Object.entries(cost).map(([credit, a]) => [credit, Math.min(a, look.would_cost[credit] ?? 0)]));
};

/**
 * What capturing somebody costs at most.
 * @param {object} look the server's lookup
 * @param {object|null} prices per field {credit, amount, unlock}; null: not known
 * @param {boolean} all with the fields that have a button of their own, as auto-unlock does
 */
export const captureCost = (look, prices, all) => {
  if (all) return look.would_cost;
  if (prices) return listed(look, prices, FIELDS.filter((f) => !unlockFields(prices).includes(f)));
  const { premium, ...rest } = look.would_cost;
  return rest;
};

/** What unlocking costs at most. */
export const unlockCost = (look, prices) => {
  if (prices) return listed(look, prices, unlockFields(prices));
  return "premium" in look.would_cost ? { premium: look.would_cost.premium } : look.would_cost;
};

/** What capturing anybody costs at most, before it is known what there is; null without a price list. */
export const blindCost = (prices, all) => (prices ? sum(...FIELDS.filter((f) => prices[f] && (all || !prices[f].unlock)).map((f) => ({ [prices[f].credit]: prices[f].amount }))) : null);
