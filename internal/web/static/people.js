// People who were found: choosing several. Without this file each is
// chosen by its box, and captured by its own button.
(() => {
  "use strict";
  const $ = (sel, el = document) => el.querySelector(sel);
  const $$ = (sel, el = document) => [...el.querySelectorAll(sel)];
  const boxes = () => $$(".people-found tbody .pick input"), head = $("[data-pick-all]"), button = $("[data-chosen]");
  const drawn = (rows) => document.dispatchEvent(new CustomEvent("sheet:drawn", { detail: rows }));

  // What those who are chosen cost together: the server adds it up. Until it has, and where it does
  // not answer, the button says what each costs.
  let each = "", waiting = 0;
  const price = async (chosen) => {
    const form = new URLSearchParams(chosen.map((b) => ["price", b.dataset.price]));
    form.append("idempotency_key", $("#chosen [name=idempotency_key]").value);
    try {
      const answer = await fetch("/people/total", { method: "POST", body: form, credentials: "same-origin", headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
      const text = await answer.text();
      if (answer.ok && mine(chosen)) button.textContent = text.trim();
    } catch { /* it stays what each costs */ }
  };
  const mine = (chosen) => boxes().filter((b) => b.checked).map((b) => b.value).join() === chosen.map((b) => b.value).join();
  const recount = () => {
    const list = boxes(), chosen = list.filter((b) => b.checked);
    if (head) { head.checked = list.length > 0 && chosen.length === list.length; head.indeterminate = !head.checked && chosen.length > 0; }
    if (!button) return;
    each ||= button.textContent;
    button.hidden = chosen.length === 0;
    button.textContent = each;
    clearTimeout(waiting);
    if (chosen.length) waiting = setTimeout(price, 150, chosen);
  };
  if (head) { head.hidden = false; head.addEventListener("change", () => { for (const b of boxes()) b.checked = head.checked; recount(); }); }
  let anchor = null;
  document.addEventListener("click", (e) => {
    const box = e.target.closest(".people-found tbody .pick input");
    if (!box) return;
    const list = boxes(), to = list.indexOf(box), from = anchor ? list.indexOf(anchor) : -1;
    if (e.shiftKey && from >= 0) for (let n = Math.min(from, to); n <= Math.max(from, to); n++) list[n].checked = box.checked;
    anchor = box;
    recount();
  });
  addEventListener("pageshow", recount);

  // The row that a capture answers with has the keyboard again.
  let back = null;
  document.addEventListener("htmx:beforeSwap", (e) => {
    const row = e.detail.target.closest && e.detail.target.closest(".people-found tr");
    back = row && row.contains(document.activeElement) ? row.id : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    const row = back && document.getElementById(back);
    drawn(row ? [row] : []);
    recount();
    if (row) { const cell = $("th", row); cell.tabIndex = 0; cell.focus({ preventScroll: true }); }
    back = null;
  });
  // Empty filters are no part of an address.
  const form = $("#filters");
  if (form) form.addEventListener("formdata", (e) => { for (const [name, value] of [...e.formData]) if (!value) e.formData.delete(name); });
})();
