// Enhancements only: every page works without this file.
(() => {
  "use strict";
  const $ = (sel, el = document) => el.querySelector(sel);
  const $$ = (sel, el = document) => [...el.querySelectorAll(sel)];

  // A sign-in link carries its code behind the #, where no server sees it. Sending it only
  // asks where it leads; the button on the next page signs in.
  const codeForm = $("#code-form");
  const openCode = () => {
    if (!codeForm || !location.hash.startsWith("#code=")) return;
    let code = location.hash.slice(6);
    try { code = decodeURIComponent(code); } catch { /* as it is */ }
    history.replaceState(null, "", location.pathname + location.search);
    codeForm.elements.code.value = code;
    codeForm.requestSubmit();
  };
  openCode();
  addEventListener("hashchange", openCode); // the link, opened where the page is open already

  // A new workspace is most often where its maker is.
  const zone = $("#ws-zone");
  if (zone && zone.value === "UTC" && zone.defaultValue === "UTC") zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

  // On a phone the page's own tab is in sight.
  const tab = $(".places [aria-current]");
  if (tab) { const row = tab.closest("ul"); row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2; }

  // One key, one request: an edited form is a new request, and so is the next
  // one after an answer. A double click sends the same key twice.
  const newKey = () =>
    "web_" + [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  const renew = (form) => {
    const key = form && form.elements && form.elements.namedItem("idempotency_key");
    if (key) key.value = newKey();
  };
  document.addEventListener("input", (e) => renew(e.target.form));
  document.addEventListener("htmx:afterRequest", (e) => {
    const status = e.detail.xhr ? e.detail.xhr.status : 0;
    if (status > 0 && status < 500) renew(e.target.closest("form"));
  });
  // A page that comes back from the browser's memory sends again.
  addEventListener("pageshow", (e) => { if (e.persisted) $$("form").forEach((form) => { renew(form); sent.delete(form); }); });

  document.addEventListener("submit", (e) => {
    const ask = (e.submitter && e.submitter.dataset.confirm) || e.target.dataset.confirm;
    if (ask && !confirm(ask)) { e.preventDefault(); e.stopImmediatePropagation(); }
  }, true);

  // A plain form is on its way once; htmx keeps its own forms from being sent twice.
  const sent = new WeakSet();
  document.addEventListener("submit", (e) => {
    if (e.defaultPrevented || e.target.method !== "post" || e.target.hasAttribute("hx-post")) return;
    if (sent.has(e.target)) e.preventDefault();
    sent.add(e.target);
  });

  // Enter that is held presses a button once.
  document.addEventListener("keydown", (e) => { if (e.repeat && e.key === "Enter" && !e.target.closest("textarea")) e.preventDefault(); }, true);

  // When htmx gets no answer that can be shown, say so.
  const say = (text, kind = "danger") => {
    const box = $("#notices");
    if (!box) return;
    const p = document.createElement("p");
    p.className = "notice " + kind;
    p.textContent = text;
    box.replaceChildren(p);
    box.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("say", (e) => say(e.detail.text, e.detail.kind));
  document.addEventListener("htmx:sendError", () =>
    say("The server could not be reached. Nothing is charged twice: press the same button again."));
  document.addEventListener("htmx:responseError", () =>
    say("Something went wrong on the server. Nothing is charged twice: press the same button again."));

  document.addEventListener("click", async (e) => {
    const button = e.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
    const status = $("#" + button.dataset.copy + "-copied");
    if (status) status.textContent = "Copied";
  });
  const copyable = () => { for (const b of $$("[data-copy][hidden], [data-copy-text][hidden]")) b.hidden = false; };
  document.addEventListener("click", async (e) => {
    const button = e.target.closest("[data-copy-text]");
    if (!button) return;
    try { await navigator.clipboard.writeText(button.dataset.copyText); } catch { return; }
    button.classList.add("done");
    if (!button.children.length) button.textContent = "Copied";
    setTimeout(() => button.classList.remove("done"), 1500);
  });
  document.addEventListener("htmx:afterSettle", copyable);
  copyable();

  // A sentence that can be undone goes by itself, but not while somebody is at it.
  const leave = () => {
    for (const toast of $$(".toast:not([data-leaves])")) {
      toast.dataset.leaves = "";
      let left = 10;
      const tick = setInterval(() => {
        if (toast.matches(":hover, :focus-within") || document.hidden) return;
        if (--left <= 0 || !toast.isConnected) { clearInterval(tick); toast.remove(); }
      }, 1000);
    }
  };
  document.addEventListener("htmx:afterSettle", leave);
  leave();

  // Amounts are exact: whole millionths, never floating point.
  const number = /^(\d{1,10})(?:\.(\d{0,6}))?$/;
  const micros = (text) => {
    const m = number.exec(text.trim());
    return m ? BigInt(m[1]) * 1000000n + BigInt((m[2] || "").padEnd(6, "0")) : 0n;
  };
  const decimal = (n) => {
    const sign = n < 0n ? "-" : "";
    if (n < 0n) n = -n;
    const rest = String(n % 1000000n).padStart(6, "0").replace(/0+$/, "");
    return sign + String(n / 1000000n).replace(/\B(?=(\d{3})+$)/g, ",") + (rest && "." + rest);
  };

  // The capture button says what the ticked fields cost at most: the server's price of
  // each combination, since some fields are paid for together.
  const price = (form) => {
    const out = $("[data-cost]", form);
    const ticked = $$("[name=fields]", form).filter((box) => box.checked).map((box) => box.value);
    out.textContent = ticked.length ? JSON.parse(out.dataset.cost)[ticked.join(",")] : "choose a field";
  };
  for (const out of $$("[data-cost]")) {
    const form = out.closest("form");
    form.addEventListener("input", () => price(form));
    price(form);
  }

  // The free amounts follow what is typed into the allocations.
  const team = $("#allocations");
  const recount = (ev) => {
    for (const row of $$("[data-alloc]", team)) {
      const mode = $("select", row), amount = $("input", row), pool = mode.value === "pool";
      // An amount typed beside Pool is a limit; choosing Pool takes the amount away.
      if (pool && ev?.target === amount && amount.value.trim()) mode.value = "limit";
      else if (pool && ev?.target === mode) amount.value = "";
      // What the change comes to, before it is saved.
      const effect = $(".effect", row), text = amount.value.trim();
      if (effect) effect.textContent = mode.value !== "pool" && number.test(text) && micros(text) <= micros(row.dataset.used) ? row.dataset.over.replace("{limit}", text) : "";
    }
    for (const out of $$("[data-free]")) {
      if (out.dataset.allowance === "unlimited") continue;
      let left = micros(out.dataset.allowance);
      for (const row of $$("[data-alloc]", team)) {
        if (row.dataset.alloc === out.dataset.free && $("select", row).value === "assigned")
          left -= micros($("input", row).value);
      }
      const now = out.textContent = decimal(left), unspent = $("[data-unspent]", out.parentElement);
      out.dataset.was ??= now;
      if (unspent) unspent.hidden = now !== out.dataset.was; // of what is saved alone
      out.closest("[data-over]").dataset.over = String(left < 0n);
    }
  };
  if (team) {
    for (const amount of $$("[data-alloc] input", team)) amount.placeholder = "no limit"; // shows the field beside Pool, where only a script makes it a limit
    team.addEventListener("input", recount);
    recount();
  }
})();
