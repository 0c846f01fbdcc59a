// The lead sheet as a sheet: choosing, the keyboard, columns, the drawer, and what
// colleagues do meanwhile. Without this file each of them is a form or a link.
(() => {
  "use strict";
  const $ = (sel, el = document) => el.querySelector(sel);
  const $$ = (sel, el = document) => [...el.querySelectorAll(sel)];
  const table = $(".lead-sheet");
  const drawer = $("#drawer");
  if (!drawer) return;

  // The drawer ------------------------------------------------------------
  let opener = null;
  // Where the drawer lies over the page, nothing under it can be reached.
  const narrow = matchMedia("(max-width: 1100px)");
  const rest = () => {
    for (const e of $$("body > :not(main, script), main > :not(#drawer, #notices, .title-row)")) e.inert = !drawer.hidden && narrow.matches;
  };
  narrow.addEventListener("change", rest);
  const close = () => {
    if (drawer.hidden) return;
    drawer.hidden = true;
    drawer.replaceChildren();
    rest();
    const back = opener && document.getElementById(opener);
    if (back) (back.querySelector(".person") || back).focus();
  };
  document.addEventListener("htmx:afterSwap", (e) => {
    if (e.detail.target !== drawer) return;
    const row = e.detail.requestConfig.elt.closest("tr");
    opener = row && row.id;
    drawer.hidden = false;
    drawer.scrollTop = 0;
    rest();
    const head = $("h2", drawer);
    if (head) head.focus();
  });
  document.addEventListener("click", (e) => {
    if (e.target.closest("[data-close-drawer]")) close();
    // A click that asks for a new tab is the browser's.
    if (e.target.closest(".person") && (e.ctrlKey || e.metaKey || e.shiftKey)) e.stopPropagation();
  }, true);
  document.addEventListener("keydown", (e) => { if (e.key === "Escape" && !drawer.hidden) { close(); e.preventDefault(); } });
  if (!table) return;

  // Choosing --------------------------------------------------------------
  const chosen = new Set();
  const boxes = () => $$("tbody .pick input", table);
  const all = $$("[data-pick-all]"); // in the table's head, and above the cards of a phone
  const count = $("[data-count]");
  let anchor = null;
  const recount = () => {
    const list = boxes();
    for (const box of list) box.checked ? chosen.add(box.value) : chosen.delete(box.value);
    for (const a of all) {
      a.checked = list.length > 0 && list.every((b) => b.checked);
      a.indeterminate = !a.checked && list.some((b) => b.checked);
    }
    count.textContent = chosen.size === 1 ? "1 lead chosen" : chosen.size + " leads chosen";
  };
  for (const a of all) {
    (a.closest("label") || a).hidden = false;
    a.addEventListener("change", () => { for (const b of boxes()) b.checked = a.checked; recount(); });
  }
  table.addEventListener("click", (e) => {
    const box = e.target.closest("tbody .pick input");
    if (!box) return;
    const list = boxes(), to = list.indexOf(box), from = anchor ? list.findIndex((b) => b.value === anchor) : -1;
    if (e.shiftKey && from >= 0) for (let n = Math.min(from, to); n <= Math.max(from, to); n++) list[n].checked = box.checked;
    anchor = box.value;
    recount();
  });
  addEventListener("pageshow", recount);
  recount();

  // The keyboard: the table becomes a grid with one stop of the Tab key -----
  const rows = () => $$("tr", table);
  const cellsOf = (row) => [...row.children];
  const grid = () => {
    table.setAttribute("role", "grid");
    table.setAttribute("aria-multiselectable", "true");
    for (const td of $$("td", table)) td.setAttribute("role", "gridcell");
    for (const cell of $$("th, td", table)) if (!cell.hasAttribute("tabindex")) cell.tabIndex = -1;
    if (!$("[tabindex='0']", table)) { const first = $("tbody tr > :nth-child(2)", table); if (first) first.tabIndex = 0; }
  };
  const goTo = (cell) => {
    if (!cell) return;
    for (const c of $$("[tabindex='0']", table)) if (c.matches("th, td")) c.tabIndex = -1;
    cell.tabIndex = 0;
    cell.focus();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const step = (cell, down, right) => {
    const list = rows(), r = list.indexOf(cell.parentElement), c = cellsOf(cell.parentElement).indexOf(cell);
    const row = list[Math.min(Math.max(r + down, 0), list.length - 1)], cells = cellsOf(row);
    return cells[Math.min(Math.max(c + right, 0), cells.length - 1)];
  };
  const pick = (cell) => { const box = $(".pick input", cell.parentElement); if (box) box.click(); };
  table.addEventListener("keydown", (e) => {
    const cell = e.target.closest("th, td");
    if (!cell) return;
    if (e.target !== cell) { // inside a cell: Escape leads back to it
      if (e.key === "Escape") { goTo(cell); e.preventDefault(); e.stopPropagation(); }
      return;
    }
    const far = e.ctrlKey || e.metaKey, last = rows().length;
    const to = {
      ArrowDown: () => step(cell, far ? last : 1, 0), ArrowUp: () => step(cell, far ? -last : -1, 0),
      ArrowRight: () => step(cell, 0, far ? 99 : 1), ArrowLeft: () => step(cell, 0, far ? -99 : -1),
      PageDown: () => step(cell, 10, 0), PageUp: () => step(cell, -10, 0),
      Home: () => step(cell, far ? -last : 0, -99), End: () => step(cell, far ? last : 0, 99),
    }[e.key];
    if (to) {
      const next = to();
      if (e.shiftKey && (e.key === "ArrowDown" || e.key === "ArrowUp")) {
        for (const c of [cell, next]) { const box = $(".pick input", c.parentElement); if (box && !box.checked) box.click(); }
      }
      goTo(next);
    } else if (e.key === " ") pick(cell);
    else if (e.key === "Enter") { const inside = $("a, button, input", cell); if (inside) inside.matches("input") ? inside.click() : (inside.focus(), inside.click()); }
    else if (e.key === "F2") { const inside = $("a, button, input", cell); if (inside) inside.focus(); }
    else if (e.key === "a" && far) { if (!all[0].checked) all.find((a) => a.checkVisibility()).click(); }
    else return;
    e.preventDefault();
  });
  table.addEventListener("focusin", (e) => { if (e.target.matches("th, td")) goToQuietly(e.target); });
  const goToQuietly = (cell) => {
    for (const c of $$("[tabindex='0']", table)) if (c !== cell && c.matches("th, td")) c.tabIndex = -1;
    cell.tabIndex = 0;
  };
  grid();

  // Columns: frozen ones keep their place, edges widen, heads move ----------
  const cols = $$("col", table), heads = $$("thead th", table);
  const freeze = () => {
    if (matchMedia("(max-width: 640px)").matches) return;
    const frozen = Number(table.dataset.frozen);
    let left = cols[0].offsetWidth || heads[0].offsetWidth;
    for (let n = 1; n <= frozen; n++) {
      for (const row of rows()) {
        const cell = row.children[n];
        cell.style.left = left + "px";
        cell.classList.toggle("last-pin", n === frozen);
      }
      left += heads[n].offsetWidth;
    }
    table.parentElement.style.scrollPaddingLeft = left + "px"; // what has the focus is not under a frozen column
  };
  const layout = () => cols.slice(1).map((c) => c.dataset.column + "." + c.getAttribute("width")).join(",") + ";" + table.dataset.frozen;
  const keep = () => fetch("/leads/columns", {
    method: "POST", body: new URLSearchParams({ layout: layout() }), headers: { "HX-Request": "true" }, credentials: "same-origin",
  });
  const widen = (n, width) => {
    const px = Math.round(Math.min(Math.max(width, 90), 600));
    cols[n].setAttribute("width", px);
    table.setAttribute("width", cols.reduce((sum, c) => sum + Number(c.getAttribute("width")), 0));
    freeze();
  };
  heads.slice(1).forEach((th, i) => {
    const n = i + 1, grip = document.createElement("span");
    grip.className = "grip";
    grip.setAttribute("aria-hidden", "true");
    th.append(grip);
    grip.addEventListener("pointerdown", (e) => {
      e.preventDefault();
      grip.setPointerCapture(e.pointerId);
      grip.classList.add("moving");
      const from = e.clientX, width = th.offsetWidth;
      const move = (m) => widen(n, width + m.clientX - from);
      const done = () => { grip.classList.remove("moving"); grip.removeEventListener("pointermove", move); keep(); };
      grip.addEventListener("pointermove", move);
      grip.addEventListener("pointerup", done, { once: true });
      grip.addEventListener("pointercancel", done, { once: true });
    });
    th.draggable = true;
    th.addEventListener("dragstart", (e) => {
      if ($(".grip.moving", table)) { e.preventDefault(); return; }
      e.dataTransfer.setData("text/x-column", th.dataset.column);
      e.dataTransfer.effectAllowed = "move";
    });
    th.addEventListener("dragover", (e) => { if (e.dataTransfer.types.includes("text/x-column")) { e.preventDefault(); th.classList.add("over"); } });
    th.addEventListener("dragleave", () => th.classList.remove("over"));
    th.addEventListener("drop", async (e) => {
      e.preventDefault();
      th.classList.remove("over");
      const name = e.dataTransfer.getData("text/x-column"), from = cols.findIndex((c) => c.dataset.column === name), to = cols.findIndex((c) => c.dataset.column === th.dataset.column);
      if (from < 1 || from === to) return;
      const [moved] = cols.splice(from, 1);
      cols.splice(to, 0, moved);
      await keep();
      location.reload();
    });
  });
  freeze();
  addEventListener("resize", freeze);

  // Rows that are replaced keep what was chosen and where the keyboard is -----
  document.addEventListener("htmx:oobBeforeSwap", (e) => {
    const row = e.detail.target;
    if (row.matches && row.matches(".lead-sheet tr") && row.contains(document.activeElement) && row !== document.activeElement) e.detail.shouldSwap = false;
  });
  const settle = () => {
    for (const box of boxes()) if (chosen.has(box.value)) box.checked = true;
    recount();
    grid();
    freeze();
  };
  document.addEventListener("htmx:afterSettle", settle);
  document.addEventListener("htmx:oobAfterSwap", (e) => {
    const row = e.detail.elt || e.detail.target;
    if (row.matches && row.matches(".lead-sheet tr")) row.classList.add("fresh");
    settle();
  });

  // What colleagues do meanwhile ---------------------------------------------
  let asking = false;
  const ask = async () => {
    const news = $("#sheet-news");
    if (asking || document.hidden || !news) return;
    asking = true;
    try {
      await window.htmx.ajax("POST", "/leads/news", {
        source: news, swap: "none",
        values: { seq: news.dataset.seq, since: news.dataset.since, shown: boxes().map((b) => b.value).join(" ") },
      });
    } catch { /* the next time */ } finally { asking = false; }
  };
  setInterval(ask, 4000);
  document.addEventListener("visibilitychange", ask);
})();
