/** What several prices or charges come to: the server adds them up, and says which limit they would meet. */
import { ask } from "./call.js";
import { state, change } from "./state.js";

const SOON = 100; // milliseconds, once for many changes
const MOST = 1000; // amounts of one request

let wanted = "";
let soon = 0;

/** The sum of some amounts, {at_most_text, charged_text, short}; null where the server has not said it, or cannot. */
export const added = async (amounts) => {
  const answer = await ask({ type: "total", amounts: amounts.slice(0, MOST) });
  return answer.ok && amounts.length <= MOST && typeof answer.data?.at_most_text === "string" ? answer.data : null;
};

/** The same for what is drawn: null until the answer came, which draws again. It is asked for again when the balance changes. */
export const total = (amounts) => {
  const key = JSON.stringify([amounts, state.balance?.shown, state.status.queue.offline]);
  if (state.total?.key === key) return state.total.sum;
  if (wanted !== key) {
    wanted = key;
    clearTimeout(soon);
    soon = setTimeout(async () => {
      const sum = await added(amounts);
      if (wanted === key) change({ total: { key, sum } });
    }, SOON);
  }
  return null;
};
