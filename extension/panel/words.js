/** What the product says, in the words of the web app. */
import { number } from "./money.js";

const LABELS = { work_email: "Work email", personal_email: "Personal email", work_phone: "Work phone", mobile_phone: "Mobile" };
export const fieldName = (field) => LABELS[field] || field.replaceAll("_", " ");

const OUTCOMES = {
  charged: ["", "paid", ""],
  not_found: ["not found · free", "free", "Nothing was found, so nothing is charged."],
  same_as_main_line: ["free · main line", "free", "This is the company's main line. It is shown without a charge."],
  verified_in_directory: ["free · verified in directory", "free", "Already in the directory and checked lately. It is free."],
  not_verified: ["free · not verified", "free", "The address is not verified. It is shown without a charge."],
  already_owned: ["free · already owned", "free", "Your workspace has this already. It is free again."],
  suppressed: ["withheld · free", "free", "This person asked not to be listed. Nothing is shown or charged."],
  provider_error: ["no answer · free", "warn", "The source did not answer. Nothing is charged; try again later."],
  insufficient_credits: ["not enough credits", "stop", "There were not enough credits, so it was not revealed."],
  subscription_cancelled: ["subscription cancelled", "stop", "The subscription is cancelled, so it was not revealed."],
  not_allowed: ["daily cap reached", "warn", "The daily cap of the automatic unlock is reached. Its own button still unlocks it."],
};

/** Why a field was charged that could have been free. */
const because = (field) => ({
  fair_use: "fair use, as today's free emails are used up",
  verified_too_long_ago: `last verified on ${String(field.verified_at).slice(0, 10)}, too long ago to be free`,
  verified_at_unknown_time: "verified, but nobody knows when",
  fetched: "fetched or verified for this request",
}[field.reason]);

/** The outcome of a field: {badge, look, why}. */
export const outcome = (field) => {
  const [badge, look, why] = OUTCOMES[field.outcome] || [String(field.outcome).replaceAll("_", " ").slice(0, 60), "free", ""];
  if (field.outcome !== "charged") return { badge, look, why };
  const paid = `${number(field.amount)} ${field.credit}`;
  const reason = because(field);
  return {
    badge: field.reason === "fair_use" ? `${paid} · fair use` : paid, look: `paid ${field.credit === "premium" ? "premium" : "standard"}`,
    why: reason ? `Found. Charged ${paid}: ${reason}.` : `Found. Charged ${paid}, once for this person.`,
  };
};

/** "1 person", "12 people". */
export const plural = (n, one, many) => `${number(n)} ${n === 1 ? one : many}`;

/** Which limit stopped something, and what that means. */
export const limit = (name) => ({
  member: ["Your own limit", "The rest of the workspace's credits are not yours to use."],
  pool: ["The shared pool", "What is left is set aside for other members."],
  workspace: ["The workspace's allowance", "Nobody in the workspace has any left."],
}[name] || ["The credits", ""]);

/** A problem in a sentence that helps. */
export const trouble = (problem) => ({
  offline: "The server cannot be reached.",
  unauthenticated: "The connection has ended. Connect again.",
  not_found: "Nobody in the directory matches. Nothing is charged.",
  subscription_cancelled: "The subscription is cancelled. Nothing was charged.",
  rate_limited: "Too many requests at once. It is tried again.",
  not_allowed: "This connection may not do that. Nothing was charged.",
}[problem.code] || problem.detail || "The server did not accept it. Nothing was charged.");
