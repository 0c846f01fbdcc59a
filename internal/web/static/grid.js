// The lead sheet as a grid: one stop of the Tab key, keys that act on a row, the card that says
// what a value cost, and columns that move, widen and stay in sight.
(() => {
  "use strict";
  const $ = (sel, el = document) => el.querySelector(sel);
  const $$ = (sel, el = document) => [...el.querySelectorAll(sel)];
  if (!$("#drawer, .people-found")) return;
  const table = () => $(".lead-sheet");

  // One stop ------------------------------------------------------------------
  const cellOf = (e) => e && e.closest && e.closest(".lead-sheet :is(td, th)");
  // The cell that is the stop is remembered, because looking for it goes through every cell.
  let stopped = null;
  const stop = () => {
    const t = table();
    if (!stopped || !stopped.isConnected || stopped.tabIndex !== 0 || !t || !t.contains(stopped)) stopped = $(":is(td, th)[tabindex='0']", t);
    return stopped;
  };
  const grid = (rows) => {
    const t = table();
    if (!t) return;
    t.setAttribute("role", "grid");
    t.setAttribute("aria-multiselectable", "true");
    for (const td of rows ? rows.flatMap((r) => $$("td", r)) : $$("td", t)) td.setAttribute("role", "gridcell");
    for (const e of (rows || [t]).flatMap((r) => $$("th, td, a, button, input", r))) if (e.getAttribute("tabindex") !== "0") e.tabIndex = -1;
    if (!stop()) { const first = $("tbody tr > :nth-child(2)", t); if (first) settle(first); }
    t.parentElement.tabIndex = -1; // its cells are the stop
    if (!rows || !t.classList.contains("ruled")) freeze(); // rows that are added move no column
  };
  const settle = (cell) => {
    const before = stop();
    if (before && before !== cell) before.tabIndex = -1;
    cell.tabIndex = 0;
    stopped = cell;
  };
  const goTo = (cell) => {
    if (!cell) return;
    settle(cell);
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  document.addEventListener("sheet:stop", (e) => { if (e.detail) settle(e.detail.children[1]); });
  // The cell whose card was put away: it stays so when the row is drawn again.
  let away = "";
  const place = (cell) => cell.parentElement.id + " " + cell.dataset.column;
  const rows = () => $$("tr", table());
  const beside = window.leadRows ? window.leadRows.beside : (row, down) => { const list = rows(); return list[Math.min(Math.max(list.indexOf(row) + down, 0), list.length - 1)]; };
  const step = (cell, down, right) => {
    const row = down ? beside(cell.parentElement, down) : cell.parentElement, c = [...cell.parentElement.children].indexOf(cell);
    return row.children[Math.min(Math.max(c + right, 0), row.children.length - 1)];
  };
  const box = (cell) => $(".pick input", cell.parentElement);
  const inside = (cell) => $("button:not(:disabled), a, input", cell);
  document.addEventListener("focusin", (e) => {
    const cell = cellOf(e.target);
    if (cell && e.target === cell) {
      settle(cell);
      if (place(cell) !== away) { away = ""; cardOf(cell); }
    } else if (!e.target.closest(".cell-card")) hide();
  });
  document.addEventListener("keydown", (e) => {
    const cell = cellOf(e.target);
    if (!cell) return;
    if (e.key === "Escape" && !card.hidden) { away = place(cell); hide(); e.preventDefault(); return; }
    if (e.target !== cell) { // inside a cell: Escape leads back to it
      if (e.key === "Escape") { goTo(cell); e.preventDefault(); }
      return;
    }
    if (e.altKey || e.repeat && e.key === " ") return;
    const far = e.ctrlKey || e.metaKey, last = Infinity;
    const to = {
      ArrowDown: () => step(cell, far ? last : 1, 0), ArrowUp: () => step(cell, far ? -last : -1, 0),
      ArrowRight: () => step(cell, 0, far ? 99 : 1), ArrowLeft: () => step(cell, 0, far ? -99 : -1),
      PageDown: () => step(cell, 10, 0), PageUp: () => step(cell, -10, 0),
      Home: () => step(cell, far ? -last : 0, -99), End: () => step(cell, far ? last : 0, 99),
    }[e.key];
    if (to) {
      const next = to();
      if (e.shiftKey && (e.key === "ArrowDown" || e.key === "ArrowUp")) for (const c of [cell, next]) { const b = box(c); if (b && !b.checked) b.click(); }
      goTo(next);
    } else if (e.key === " ") { const b = box(cell); if (b) b.click(); }
    else if (e.key === "Enter" && !e.repeat) { const i = inside(cell); if (i) i.matches("a.value") ? i.focus() : i.matches("input") ? i.click() : (i.focus(), i.click()); }
    else if (e.key === "F2") { const i = inside(cell); if (i) i.focus(); }
    else if (e.key === "a" && far) { const h = $("[data-pick-all]", table()); if (h && !h.checked) h.click(); }
    else return;
    e.preventDefault();
  });

  // Keys that act on the row ------------------------------------------------------
  const tell = (text) => document.dispatchEvent(new CustomEvent("say", { detail: { kind: "info", text } }));
  const unlock = (at) => {
    if ($(".htmx-request", table())) return; // an unlock is under way: its row is about to be replaced
    const row = at.parentElement, own = at.matches("td.field"); // in a field's cell that field alone is meant
    const b = own ? $(".unlock", at) : $(".f-mobile_phone .unlock", row) || $(".unlock", row);
    if (!b) {
      const why = $(".blocked", own ? at : row);
      tell(why ? why.textContent : own ? "There is nothing to unlock in this cell." : "There is nothing to unlock in this row.");
      return;
    }
    const cell = cellOf(b), seen = b.getBoundingClientRect(), within = table().parentElement.getBoundingClientRect();
    const whole = seen.left >= within.left && seen.right <= within.right && seen.top >= within.top && seen.bottom <= within.bottom;
    goTo(cell);
    if (whole) b.click(); // what it costs was in sight; else the next press finds it so
  };
  const edit = async (row) => {
    const dialog = $("#edit-dialog");
    if (!dialog || !row.id) return;
    const answer = await fetch("/leads/" + row.id.slice(4) + "/edit", { credentials: "same-origin", headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    dialog.innerHTML = await answer.text();
    if (!$("form", dialog)) return;
    window.htmx.process(dialog);
    dialog.showModal();
  };
  const acts = {
    j: (cell) => goTo(step(cell, 1, 0)), k: (cell) => goTo(step(cell, -1, 0)), ArrowDown: (cell) => goTo(cell), ArrowUp: (cell) => goTo(cell),
    x: (cell) => { const b = box(cell); if (b) b.click(); }, u: unlock, e: (cell) => edit(cell.parentElement),
    o: (cell) => { const a = $(".person", cell.parentElement); if (a) a.click(); },
  };
  if ($(".people-found")) acts.c = unlock;
  document.addEventListener("sheet:key", (e) => {
    if (!acts[e.detail] || !table()) return;
    away = "";
    const here = cellOf(document.activeElement), moves = /^(j|k|Arrow)/.test(e.detail);
    if (!here && document.activeElement !== document.body && /^Arrow/.test(e.detail)) return; // they scroll what has the focus
    e.preventDefault();
    if (here) acts[e.detail](here); // which row is meant is seen
    else if (moves && stop()) goTo(stop());
  });
  document.addEventListener("dblclick", (e) => { const cell = cellOf(e.target); if (cell && cell.closest("tbody") && cell.matches(".f-notes, .f-tags, .f-lists")) edit(cell.parentElement); });
  document.addEventListener("click", (e) => { if (e.target.closest("[data-close-dialog]")) e.target.closest("dialog").close(); });

  // The card: all values, what they cost and why -------------------------------------
  const card = document.createElement("div");
  card.className = "cell-card";
  card.id = "cell-card";
  card.hidden = true;
  document.body.append(card);
  let shown = null, timer;
  const hide = () => { clearTimeout(timer); card.hidden = true; if (shown) shown.removeAttribute("aria-describedby"); shown = null; };
  const cardOf = (cell) => {
    if (cell === shown) return;
    const values = $$("a.value", cell), why = cell.dataset.why, none = !why && !values.length;
    if (none && shown === document.activeElement) return; // the mouse rests where nothing is to be told
    hide();
    if (none || matchMedia("(max-width: 640px)").matches) return;
    card.replaceChildren();
    if (values.length) {
      const list = document.createElement("ul");
      for (const v of values) {
        const line = document.createElement("li"), link = v.cloneNode(true), copy = document.createElement("button");
        link.className = v.className;
        link.tabIndex = copy.tabIndex = -1;
        copy.type = "button";
        copy.className = "copy-value";
        copy.textContent = "Copy";
        copy.dataset.copyText = v.dataset.value;
        line.append(link, copy);
        list.append(line);
      }
      card.append(list);
    }
    if (why) { const p = document.createElement("p"); p.textContent = why; card.append(p); }
    card.hidden = false;
    shown = cell;
    cell.setAttribute("aria-describedby", "cell-card");
    putBeside();
  };
  const putBeside = () => {
    const at = shown.getBoundingClientRect(), size = card.getBoundingClientRect();
    card.style.left = Math.max(8, Math.min(at.left, innerWidth - size.width - 8)) + "px";
    card.style.top = (at.bottom + size.height + 10 > innerHeight ? at.top - size.height - 4 : at.bottom + 4) + "px";
  };
  document.addEventListener("pointerover", (e) => {
    if (e.pointerType === "touch") return;
    clearTimeout(timer);
    if (e.target.closest && e.target.closest(".cell-card")) return;
    const cell = cellOf(e.target), field = cell && cell.matches("td.field") && cell;
    if (field === shown && shown) return;
    timer = setTimeout(() => { if (field) cardOf(field); else if (shown !== document.activeElement) hide(); }, field ? 380 : 160);
  });
  // Frozen columns stick from where the sheet is scrolled sideways (sheet.css).
  document.addEventListener("scroll", (e) => { if (e.target.matches?.(".lead-scroll")) e.target.classList.toggle("sideways", e.target.scrollLeft > 0); }, { capture: true, passive: true });
  // The keyboard's card moves with its cell, the mouse's ends.
  document.addEventListener("scroll", () => { if (shown && shown === document.activeElement) putBeside(); else hide(); }, { capture: true, passive: true });
  document.addEventListener("keydown", (e) => { if (e.key === "Escape" && !card.hidden && !e.defaultPrevented) { hide(); e.preventDefault(); } });
  // Ctrl+C in a cell copies its values, where nothing is selected.
  document.addEventListener("copy", (e) => {
    const cell = cellOf(document.activeElement);
    if (!cell || !getSelection().isCollapsed) return;
    const text = $$("a.value", cell).map((v) => v.dataset.value).join("\n") || cell.innerText.trim();
    e.clipboardData.setData("text/plain", text);
    e.preventDefault();
  });

  // Columns: frozen ones keep their place, edges widen, heads move ----------------------
  const cols = () => $$("col", table());
  // Rows of a table are all laid out together whenever some are added. As grids of the same
  // columns each is laid out by itself, and pages of rows that are out of sight not at all.
  const rule = (t) => {
    if (!t.dataset.density) return;
    const widths = cols().map((c) => Number(c.getAttribute("width")));
    t.style.setProperty("--columns", widths.map((w, n) => (n ? "minmax(" + w + "px, " + w + "fr)" : w + "px")).join(" "));
    t.style.setProperty("--sheet", widths.reduce((sum, w) => sum + w, 0) + "px");
    t.classList.add("ruled");
  };
  const freeze = () => {
    const t = table();
    if (!t || matchMedia("(max-width: 640px)").matches) return;
    rule(t);
    const heads = $$("thead th", t), frozen = Number(t.dataset.frozen);
    let left = heads[0].offsetWidth;
    for (let n = 1; n <= frozen && heads[n]; n++) { t.style.setProperty("--pin" + n, left + "px"); left += heads[n].offsetWidth; }
    t.parentElement.style.scrollPaddingLeft = left + "px"; // what has the focus is not under a frozen column
  };
  const layout = (list = cols()) => list.slice(1).map((c) => c.dataset.column + "." + c.getAttribute("width")).join(",") + ";" + table().dataset.frozen + ";" + table().dataset.density;
  const keep = async (text) => {
    await fetch("/leads/columns", { method: "POST", body: new URLSearchParams({ layout: text }), headers: { "HX-Request": "true" }, credentials: "same-origin" });
    const url = new URL(location);
    if (!url.searchParams.has("columns")) return;
    url.searchParams.set("columns", text); // a view's columns, which are others now
    history.replaceState(history.state, "", url);
  };
  const widen = (n, width) => {
    const list = cols();
    list[n].setAttribute("width", Math.round(Math.min(Math.max(width, 90), 600)));
    table().setAttribute("width", list.reduce((sum, c) => sum + Number(c.getAttribute("width")), 0));
    freeze();
  };
  const arm = () => {
    const t = table();
    if (!t || t.armed || !t.dataset.density) return; // only the sheet's columns move
    t.armed = true;
    $$("thead th", t).slice(1).forEach((th, i) => {
      const grip = document.createElement("span");
      grip.className = "grip";
      grip.setAttribute("aria-hidden", "true");
      th.append(grip);
      grip.addEventListener("pointerdown", (e) => {
        e.preventDefault();
        grip.setPointerCapture(e.pointerId);
        grip.classList.add("moving");
        const from = e.clientX, width = th.offsetWidth;
        const move = (m) => widen(i + 1, width + m.clientX - from);
        const done = () => { grip.classList.remove("moving"); grip.removeEventListener("pointermove", move); keep(layout()); };
        grip.addEventListener("pointermove", move);
        grip.addEventListener("pointerup", done, { once: true });
        grip.addEventListener("pointercancel", done, { once: true });
      });
      th.draggable = true;
      th.addEventListener("dragstart", (e) => {
        if ($(".grip.moving", t)) { e.preventDefault(); return; }
        e.dataTransfer.setData("text/x-column", th.dataset.column);
        e.dataTransfer.effectAllowed = "move";
      });
      th.addEventListener("dragover", (e) => { if (e.dataTransfer.types.includes("text/x-column")) { e.preventDefault(); th.classList.add("over"); } });
      th.addEventListener("dragleave", () => th.classList.remove("over"));
      th.addEventListener("drop", async (e) => {
        e.preventDefault();
        th.classList.remove("over");
        const list = cols(), name = e.dataTransfer.getData("text/x-column"), from = list.findIndex((c) => c.dataset.column === name), to = list.findIndex((c) => c.dataset.column === th.dataset.column);
        if (from < 1 || from === to) return;
        list.splice(to, 0, list.splice(from, 1)[0]);
        await keep(layout(list));
        location.reload();
      });
    });
  };

  // The list of columns: a line moves by mouse, or by Alt and the arrows ------------------
  const number = (list) => $$(".column-line", list).forEach((line, n) => { $("[name^=place_]", line).value = n + 1; });
  const lines = () => {
    for (const line of $$(".columns-tool .column-line:not([draggable])")) {
      line.closest(".columns-tool").classList.add("moves");
      line.draggable = true;
      line.addEventListener("dragstart", (e) => { e.dataTransfer.setData("text/x-line", line.dataset.line); line.parentElement.moved = line; });
      line.addEventListener("dragover", (e) => { if (e.dataTransfer.types.includes("text/x-line")) { e.preventDefault(); line.classList.add("over"); } });
      line.addEventListener("dragleave", () => line.classList.remove("over"));
      line.addEventListener("drop", (e) => { e.preventDefault(); line.classList.remove("over"); line.before(line.parentElement.moved); number(line.parentElement); });
      line.addEventListener("keydown", (e) => {
        if (!e.altKey || e.key !== "ArrowUp" && e.key !== "ArrowDown") return;
        e.preventDefault();
        const other = e.key === "ArrowUp" ? line.previousElementSibling : line.nextElementSibling, had = document.activeElement;
        if (!other) return;
        if (e.key === "ArrowUp") other.before(line); else other.after(line);
        number(line.parentElement);
        had.focus();
      });
    }
  };
  const draw = (e) => { grid(e && e.detail); arm(); lines(); };
  document.addEventListener("sheet:drawn", draw);
  addEventListener("resize", freeze);
  draw();
})();
