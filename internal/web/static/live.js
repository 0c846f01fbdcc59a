// What changes in the workspace is heard in every open tab. One tab of the browser has the
// stream and tells the others; where none is to be had, each asks every few seconds.
(() => {
  "use strict";
  const place = document.body.dataset.live;
  if (!place) return;
  const $$ = (sel, el = document) => [...el.querySelectorAll(sel)];
  const channel = window.BroadcastChannel && navigator.locks ? new BroadcastChannel("leadmeter " + place) : null;
  let last = document.body.dataset.seq, heard = 0;

  const hear = (change) => {
    heard = Date.now();
    if (!change || change === last || change.split(".")[0] === last) { if (change) last = change; return; }
    last = change;
    document.dispatchEvent(new CustomEvent("live"));
  };
  const lead = () => new Promise((end) => {
    const stream = new EventSource("/usage/live");
    const tell = (change) => { hear(change); channel.postMessage(change); };
    stream.addEventListener("change", (e) => tell(e.data));
    stream.addEventListener("still", () => tell(""));
    stream.addEventListener("end", () => { stream.close(); end(); });
    stream.addEventListener("error", () => { if (stream.readyState === EventSource.CLOSED) setTimeout(end, 60000); });
  });
  if (channel) {
    channel.addEventListener("message", (e) => hear(e.data));
    navigator.locks.request("leadmeter " + place, lead).catch(() => {});
  }
  setInterval(() => { if (Date.now() - heard > 12000) document.dispatchEvent(new CustomEvent("live")); }, 4000);

  // Work that a change calls for is done once at a time: again where another change came meanwhile,
  // later where it failed or nobody looks. It answers whether it is done.
  const atChanges = (work) => {
    let due = false, busy = false;
    const run = async () => {
      due = true;
      if (busy) return;
      busy = true;
      for (let pause = 1000; due && !document.hidden;) {
        due = false;
        if (await work().catch(() => false)) { pause = 1000; continue; }
        due = true;
        await new Promise((end) => setTimeout(end, pause));
        pause = Math.min(2 * pause, 30000);
      }
      busy = false;
    };
    document.addEventListener("live", run);
    document.addEventListener("visibilitychange", () => { if (due) run(); });
    return run;
  };
  window.atChanges = atChanges;

  // The sheet asks for its rows itself. Elsewhere the balance is drawn again, and the parts of the
  // page that say so; those that somebody is in, once they left.
  let left = [];
  const draw = async () => {
    if (document.querySelector("#sheet-news")) return true;
    const parts = $$("[data-live-part]");
    const answer = await fetch(parts.length ? location.href : "/usage/live/balance", { credentials: "same-origin", headers: { "HX-Request": "true" } });
    if (answer.redirected) return true; // signed out
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    left = [];
    for (const part of [document.querySelector("#balance"), ...parts]) {
      const now = part && page.querySelector(part.id ? "#" + part.id : `[data-live-part="${part.dataset.livePart}"]`);
      for (const opened of now ? $$("details[open][id]", part) : []) now.querySelector("#" + opened.id)?.setAttribute("open", "");
      if (!now || now.innerHTML === part.innerHTML) continue;
      if (part.matches(":focus-within")) left.push(part); else part.replaceWith(document.adoptNode(now));
    }
    return true;
  };
  const redraw = atChanges(draw);
  document.addEventListener("focusout", () => setTimeout(() => { if (left.some((part) => !part.matches(":focus-within"))) { left = []; redraw(); } }));
})();
