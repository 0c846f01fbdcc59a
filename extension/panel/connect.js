/** Not connected, and waiting for an approval. */
import { h } from "./dom.js";
import { ask } from "./call.js";
import { state, change } from "./state.js";
import { serverOrigin, pattern } from "../shared/address.js";
import { browserName } from "../shared/browser.js";

const EVERY = 2000; // milliseconds between two questions whether it was approved

/** Asks the worker how things stand, and shows it. */
export const refreshStatus = async () => {
  const answer = await ask({ type: "status" });
  if (answer.ok) change({ status: answer });
  return answer;
};

const connect = async (input, said, button) => {
  const where = serverOrigin(input.value);
  if (where.problem) {
    said.textContent = where.problem;
    input.setAttribute("aria-invalid", "true");
    input.focus();
    return;
  }
  // The browser asks the user here and now: only this one origin, and only to send requests to it.
  const granted = await chrome.permissions.request({ origins: [pattern(where.origin)] }).catch(() => false);
  if (!granted) {
    said.textContent = "Without the permission to reach this server, the extension cannot ask it anything.";
    return;
  }
  button.disabled = true;
  const answer = await ask({ type: "connect", server: where.origin, name: browserName() });
  button.disabled = false;
  if (!answer.ok) said.textContent = answer.detail || "It did not work. Try again.";
  else await refreshStatus();
};

/** Asks where the server is. */
export const disconnected = () => {
  const said = h("p.problem", { role: "alert", id: "server-problem" });
  const input = h("input", { id: "server", type: "text", inputmode: "url", autocomplete: "url", spellcheck: "false", placeholder: "https://leads.example.com", value: state.status.last_server || "", "aria-describedby": "server-problem server-help" });
  const button = h("button.primary.wide", { type: "submit" }, "Connect");
  return h("section.gate", null,
    h("h1", null, "Connect to your workspace"),
    h("p.muted", null, "leadmeter lists the people on the page you are on, and shows what each would cost before you press."),
    state.status.ended && h("p.notice.warning", { role: "status" }, state.status.ended),
    h("form.card.stack", { novalidate: true, onsubmit: (e) => { e.preventDefault(); connect(input, said, button); } },
      h("div.field", null, h("label", { for: "server" }, "Server address"), input, said, h("p.help", { id: "server-help" }, "The address you open leadmeter at in the browser.")),
      button),
    h("p.help", null, "A tab opens there, where you approve this browser. No password is typed here; the connection is listed in your settings and can be ended there."));
};

let timer = 0;
const wait = () => {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const answer = await ask({ type: "poll" });
    if (answer.ok && answer.state !== "pending") await refreshStatus();
    else wait();
  }, EVERY);
};

/** Waits for the approval in the tab that was opened. */
export const pending = () => {
  wait();
  const s = state.status;
  return h("section.gate", null,
    h("h1", null, "Waiting for your approval"),
    h("div.card.stack", null,
      h("p", null, "Approve ", h("b", null, browserName()), " in the tab that opened on"),
      h("p.server", null, new URL(s.server).host),
      s.code && h("p", null, "if that page shows this code:"),
      s.code && h("p.code", { "aria-label": `Code ${s.code}` }, s.code),
      h("p.help.waiting", { role: "status" }, h("span.spinner", { "aria-hidden": "true" }), "This panel continues by itself."),
      h("div.buttons", null,
        h("button", { type: "button", onclick: () => chrome.tabs.create({ url: s.approve_url }) }, "Open the tab again"),
        h("button.quiet", { type: "button", onclick: async () => { clearTimeout(timer); await ask({ type: "cancel" }); await refreshStatus(); } }, "Cancel"))));
};
