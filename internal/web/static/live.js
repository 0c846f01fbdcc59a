// What changes in the workspace is heard in every open tab. One tab of the browser has the
// stream and tells the others; where none is to be had, each asks every few seconds.
(() => {
  "use strict";
  const place = document.body.dataset.live;
  if (!place) return;
  const $$ = (sel, el = document) => [...el.querySelectorAll(sel)];
  const channel = window.BroadcastChannel && navigator.locks ? new BroadcastChannel("leadmeter " + place) : null;
  let last = document.body.dataset.seq, heard = 0, due = false, busy = false;

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

  // The sheet asks for its rows itself. Elsewhere the balance is drawn again, and the parts of the
  // page that say so, unless somebody is in them.
  const draw = async () => {
    if (document.hidden) { due = true; return; }
    if (busy || document.querySelector("#sheet-news")) return;
    busy = true;
    due = false;
    const parts = $$("[data-live-part]");
    try {
      const answer = await fetch(parts.length ? location.href : "/usage/live/balance", { credentials: "same-origin", headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of [document.querySelector("#balance"), ...parts]) {
        const now = part && page.querySelector(part.id ? "#" + part.id : `[data-live-part="${part.dataset.livePart}"]`);
        if (now && !part.matches(":focus-within") && now.innerHTML !== part.innerHTML) part.replaceWith(document.adoptNode(now));
      }
    } catch { /* the next time */ } finally { busy = false; }
  };
  document.addEventListener("live", draw);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && due) draw(); });
})();
