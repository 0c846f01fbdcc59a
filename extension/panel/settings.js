/** Settings: the switch that unlocks premium at every capture, the theme, the connection. */
import { h, announce } from "./dom.js";
import { ask } from "./call.js";
import { state, change } from "./state.js";
import { refreshStatus } from "./connect.js";
import { plural } from "./words.js";

/** Applies a theme to the panel: "system", "light" or "dark". */
export const applyTheme = (theme) => {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
};

export const loadTheme = async () => {
  const { theme } = await chrome.storage.local.get("theme");
  applyTheme(theme);
  return theme || "system";
};

const setTheme = async (theme) => {
  applyTheme(theme);
  await chrome.storage.local.set({ theme });
  change({ theme });
};

const setUnlock = async (on) => {
  const before = state.settings;
  change({ settings: { ...before, auto_unlock: on } });
  const answer = await ask({ type: "auto_unlock", on });
  if (answer.ok) announce(on ? "Premium is unlocked at every capture." : "Premium is unlocked by its own button.");
  else change({ settings: before, settingsProblem: answer.detail || "The switch could not be set." });
};

const unlock = () => {
  const s = state.settings;
  const managed = s && (s.managed === "on" || s.managed === "off");
  const on = Boolean(s) && (managed ? s.managed === "on" : s.auto_unlock);
  return h("section.card.stack", { "aria-labelledby": "unlock-title" },
    h("h2", { id: "unlock-title" }, "Premium"),
    h("label.switch", null,
      h("span", null, h("b", null, "Unlock premium at every capture"), h("small", null, on ? "A capture asks for the mobile too, for at most its price." : "The mobile has its own button and is charged only when you press it.")),
      h("input", { type: "checkbox", role: "switch", checked: on, disabled: !s || managed, "data-focus": "auto-unlock", onchange: (e) => setUnlock(e.target.checked) })),
    managed && h("p.notice", null, `Managed: your workspace has switched this ${s.managed} for everybody.`),
    !s && h("p.help", null, "The server has not said how this is set. Prices on the buttons include premium until it does."),
    state.settingsProblem && h("p.problem", { role: "alert" }, state.settingsProblem));
};

const theme = () => h("section.card.stack", { "aria-labelledby": "theme-title" },
  h("h2", { id: "theme-title" }, "Theme"),
  h("div.segments", { role: "radiogroup", "aria-labelledby": "theme-title" },
    [["system", "System"], ["light", "Light"], ["dark", "Dark"]].map(([value, label]) => h("label", null,
      h("input", { type: "radio", name: "theme", value, checked: (state.theme || "system") === value, "data-focus": `theme-${value}`, onchange: () => setTheme(value) }), h("span", null, label)))));

const signOut = async () => {
  await ask({ type: "disconnect" });
  change({ view: "people", like: null, entries: [], reading: { kind: "none" }, balance: null, settings: null, prices: null, short: null, batch: null, leaving: false });
  await refreshStatus();
};

const connection = () => {
  const s = state.status;
  const waiting = s.queue.waiting + (s.queue.elsewhere || 0);
  const fact = (name, value) => h("div", null, h("dt", null, name), h("dd", null, value));
  return h("section.card.stack", { "aria-labelledby": "connection-title" },
    h("h2", { id: "connection-title" }, "Connection"),
    h("dl.facts.wide", null, fact("Workspace", s.workspace.name || s.workspace.id), fact("You", s.member.name || s.member.id), fact("Server", new URL(s.server).host)),
    state.leaving && waiting > 0 && h("p.notice.warning", { role: "alert" }, `${plural(waiting, "capture waits", "captures wait")} to be sent. Signing out drops ${waiting === 1 ? "it" : "them"}.`),
    h("div.buttons", null,
      h("button.danger", { type: "button", "data-focus": "sign-out", onclick: () => (waiting > 0 && !state.leaving ? change({ leaving: true }) : signOut()) }, state.leaving && waiting > 0 ? "Sign out and drop them" : "Sign out"),
      h("a.button.quiet", { href: `${s.server}/settings`, target: "_blank", rel: "noreferrer" }, "Open web settings")));
};

/** The settings view. */
export const settings = () => h("div.col", null,
  h("div.spread", null, h("h1", null, "Settings"), h("button.quiet", { type: "button", "data-focus": "done", onclick: () => change({ view: state.like ? "like" : "people", leaving: false }) }, "Done")),
  unlock(), theme(), connection());
