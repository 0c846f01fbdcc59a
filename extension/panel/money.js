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

export const FIELDS = ["work_email", "work_phone", "personal_email", "mobile_phone"];

/** The fields that have a button of their own: those the book says, else mobiles. */
export const unlockFields = (prices) => (prices ? FIELDS.filter((f) => prices.fields[f]?.unlock) : ["mobile_phone"]);

const plainFields = (prices, all) => FIELDS.filter((f) => (prices ? prices.fields[f] : true) && (all || !unlockFields(prices).includes(f)));

/** The server's price of some fields together; undefined where it says none. Nothing is added up here: some fields are paid for together. */
const together = (atMost, fields) => atMost?.[FIELDS.filter((f) => fields.includes(f)).join(",")];

/**
 * What capturing somebody costs at most.
 * @param {object} look the server's lookup
 * @param {object|null} prices {fields: per field {credit, amount, unlock}, at_most: per combination}; null: not known
 * @param {boolean} all with the fields that have a button of their own, as auto-unlock does
 */
export const captureCost = (look, prices, all) => together(look.at_most, plainFields(prices, all)) || look.would_cost;

/** What unlocking costs at most. */
export const unlockCost = (look, prices) => together(look.at_most, unlockFields(prices)) || look.would_cost;

/** What capturing anybody costs at most, before it is known what there is; null without a price list. */
export const blindCost = (prices, all) => together(prices?.at_most, plainFields(prices, all)) || null;
