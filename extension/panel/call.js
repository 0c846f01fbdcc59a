/** Talks to the worker. The worker may be asleep or die; then an answer is a problem, never an exception. */

const lost = { ok: false, code: "lost", detail: "The extension's worker did not answer. Press again: nothing happens twice." };

const heard = new Map();

/** Sends a message and gives the worker's answer; once more where the worker was just being started again. */
export const ask = async (message) => {
  for (let n = 0; n < 2; n++) {
    try {
      const answer = await chrome.runtime.sendMessage(message);
      if (answer && typeof answer === "object") {
        if (answer.code === "unauthenticated") heard.get("ended")?.();
        return answer;
      }
    } catch { /* it died on the way: the same message again starts it again */ }
  }
  return lost;
};

/** Listens for the worker's own news, "queue", "result" and "pressed", and for "ended": an answer said that there is no connection any more. */
export const on = (type, then) => heard.set(type, then);

chrome.runtime.onMessage.addListener((message, sender) => {
  const own = sender.id === chrome.runtime.id && !sender.tab && (!sender.url || sender.url.startsWith(chrome.runtime.getURL("")));
  if (own && typeof message === "object" && message !== null && heard.has(message.type)) heard.get(message.type)(message);
  return false;
});
