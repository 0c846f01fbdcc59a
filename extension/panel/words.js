/** What the product says, in the words of the web app. */
import { number } from "./money.js";

/** The names of the fields; a test of package words keeps them so. */
const LABELS = { work_email: "Work email", personal_email: "Personal email", work_phone: "Work phone", mobile_phone: "Mobile" };
export const fieldName = (field) => LABELS[field] || field.replaceAll("_", " ");

const LOOKS = { paid: "paid", free: "free", warn: "warn", stop: "stop" };
const short = (text) => String(text).slice(0, 300);

/** The outcome of a field, in the server's words: {badge, look, why}. A server of before it said them is told by its code. */
export const outcome = (field) => {
  const look = LOOKS[field.look] || "free";
  return {
    badge: short(field.badge || field.outcome).replaceAll("_", " "), why: short(field.why || ""),
    look: look === "paid" ? `paid ${field.credit === "premium" ? "premium" : "standard"}` : look,
  };
};

/** "1 person", "12 people". */
export const plural = (n, one, many) => `${number(n)} ${n === 1 ? one : many}`;

/** A problem in a sentence: the server's own, or what this extension alone knows. */
export const trouble = (problem) => ({
  offline: "The server cannot be reached.",
  unauthenticated: "The connection has ended. Connect again.",
}[problem.code] || short(problem.detail || "The server did not accept it."));
