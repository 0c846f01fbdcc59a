// People who were found: choosing several, and what they cost together. Without this file each is
// chosen by its box, and captured by its own button.
(() => {
  "use strict";
  const $ = (sel, el = document) => el.querySelector(sel);
  const $$ = (sel, el = document) => [...el.querySelectorAll(sel)];
  const boxes = () => $$(".people-found tbody .pick input"), head = $("[data-pick-all]"), button = $("[data-chosen]");
  const drawn = (rows) => document.dispatchEvent(new CustomEvent("sheet:drawn", { detail: rows }));

  // Amounts come in millionths, so that no sum is rounded.
  const text = (sum) => {
    const parts = [...sum].filter(([, amount]) => amount > 0n).map(([type, amount]) => {
      const rest = (amount % 1000000n).toString().padStart(6, "0").replace(/0+$/, "");
      return (amount / 1000000n).toLocaleString("en-US") + (rest ? "." + rest : "") + " " + type;
    });
    return parts.length ? "at most " + parts.join(" + ") : "free";
  };
  const recount = () => {
    const list = boxes(), chosen = list.filter((b) => b.checked), sum = new Map();
    for (const b of chosen) for (const part of b.dataset.price.split(" ")) {
      const [type, amount] = part.split(":");
      if (amount) sum.set(type, (sum.get(type) || 0n) + BigInt(amount));
    }
    if (head) { head.checked = list.length > 0 && chosen.length === list.length; head.indeterminate = !head.checked && chosen.length > 0; }
    if (!button) return;
    button.hidden = chosen.length === 0;
    button.textContent = "Capture " + chosen.length + " chosen · " + text(sum);
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
