/** The panel: what the user sees. It knows no token and asks the worker for everything. */
import { h, $, fill, icon } from "./dom.js";
import { GEAR } from "./icons.js";
import { ask, on } from "./call.js";
import { state, change, onChange } from "./state.js";
import { balanceLine, refresh, shortPanel } from "./credits.js";
import { disconnected, pending, refreshStatus } from "./connect.js";
import { settings, loadTheme } from "./settings.js";
import { people, bar } from "./people.js";
import { drawRows } from "./rows.js";
import { like } from "./like.js";
import { readPage, watchTabs } from "./page.js";
import { finish, catchUp } from "./capture.js";
import { plural, trouble } from "./words.js";

const PING = 3000; // milliseconds between two looks at captures that wait

const logo = () => h("img", { src: "../icons/32.png", alt: "", width: 22, height: 22 });

const head = () => {
  const s = state.status;
  const top = h("div.top", null, h("span.brand", null, logo(), "leadmeter"), s.state === "connected" && h("span.where", { title: s.workspace.name }, s.workspace.name),
    s.state === "connected" && h("button.quiet.square", { type: "button", "aria-label": state.view === "settings" ? "Back to the people" : "Settings", "aria-pressed": String(state.view === "settings"), "data-focus": "gear", onclick: () => change({ view: state.view !== "settings" ? "settings" : state.like ? "like" : "people" }) }, icon(...GEAR)));
  return [top, s.state === "connected" && balanceLine()];
};

const banner = () => {
  const q = state.status.queue;
  if (state.status.state !== "connected" || (!q.offline && !(q.waiting > 0 && !state.batch))) return [];
  const waits = q.waiting > 0 ? ` ${plural(q.waiting, "capture waits", "captures wait")} and ${q.waiting === 1 ? "is" : "are"} sent once, when it answers.` : "";
  if (!q.offline) return [];
  return [h("p.notice.warning.flat", null, h("span", null, `${trouble({ code: "offline" })}${waits}`), h("button.small", { type: "button", "data-focus": "retry", onclick: () => ask({ type: "retry" }) }, "Try now"))];
};

let place = ""; // which view is on the page, so that a form is not drawn again while it is typed in

const main = () => {
  const s = state.status;
  if (s.state !== "connected") {
    const here = `${s.state} ${s.ended || ""}`;
    if (here === place) return;
    place = here;
    if (s.state === "disconnected") fill($("main"), disconnected());
    else if (s.state === "pending") fill($("main"), pending());
    return;
  }
  place = s.state;
  if (state.view === "settings") fill($("main"), settings());
  else if (state.view === "like") fill($("main"), shortPanel(), like());
  else fill($("main"), shortPanel(), people(), state.entries.length > 0 && h("section.bar", { "aria-label": "Capture many" }, bar()));
};

const draw = () => {
  document.body.dataset.state = state.status.state;
  fill($("head"), head());
  fill($("banner"), banner());
  main();
};

// What the rows say beside what is known of each person.
const known = () => JSON.stringify([state.prices, state.settings, state.balance?.shown]);
let prices = known();

onChange(() => {
  if (known() !== prices) {
    prices = known();
    drawRows();
  }
  draw();
});

let was = "";
/** What begins when a connection comes about. */
const arrived = () => {
  if (state.status.state === was) return;
  was = state.status.state;
  if (was === "connected") {
    refresh(true);
    readPage();
  }
};
onChange(arrived);

on("queue", ({ queue }) => {
  const back = state.status.queue.offline && !queue.offline;
  change({ status: { ...state.status, queue } });
  if (back || !state.balance) refresh(true);
  catchUp();
});
on("ended", () => state.status.state === "connected" && refreshStatus());
on("result", ({ key, result }) => finish(key, result));
on("pressed", () => {
  if (state.status.state === "connected") readPage();
});

const ping = async () => {
  if (state.status.state === "connected" && state.status.queue.waiting > 0) await refreshStatus();
  await catchUp();
  setTimeout(ping, PING);
};

change({ theme: await loadTheme() });
watchTabs();
await refreshStatus();
ping();
