/** Credits: how a number is written, and which of the server's prices a button has. Nothing is added up here. */

/** An amount for reading: "1,204.5"; null is unlimited. */
export const number = (amount) => (amount === null || amount === undefined ? "unlimited" : new Intl.NumberFormat("en", { maximumFractionDigits: 6 }).format(amount));

/** Whether a price is nothing. */
export const isFree = (price) => Object.values(price.cost).every((amount) => amount === 0);

export const FIELDS = ["work_email", "work_phone", "personal_email", "mobile_phone"];

/** The fields that have a button of their own: those the book says, else mobiles. */
export const unlockFields = (prices) => (prices ? FIELDS.filter((f) => prices.fields[f]?.unlock) : ["mobile_phone"]);

const plainFields = (prices, all) => FIELDS.filter((f) => (prices ? prices.fields[f] : true) && (all || !unlockFields(prices).includes(f)));

/** The server's price of some fields together, {cost, text}; undefined where it says none: some fields are paid for together. */
const together = (of, fields) => {
  const name = FIELDS.filter((f) => fields.includes(f)).join(",");
  return of?.at_most?.[name] && of.at_most_text?.[name] ? { cost: of.at_most[name], text: of.at_most_text[name] } : undefined;
};

/**
 * What capturing somebody costs at most.
 * @param {object} look the server's lookup
 * @param {object|null} prices {fields: per field {credit, amount, unlock}, at_most, at_most_text: per combination}; null: not known
 * @param {boolean} all with the fields that have a button of their own, as auto-unlock does
 */
export const captureCost = (look, prices, all) => together(look, plainFields(prices, all)) || together(look, FIELDS);

/** What unlocking costs at most. */
export const unlockCost = (look, prices) => together(look, unlockFields(prices)) || together(look, FIELDS);

/** What capturing anybody costs at most, before it is known what there is; null without a price list. */
export const blindCost = (prices, all) => together(prices, plainFields(prices, all)) || null;
