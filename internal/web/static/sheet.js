// The lead sheet as a sheet: the drawer, choosing, more rows while one scrolls, and what
// colleagues do meanwhile. Without this file each of them is a form or a link. What is drawn
// again is found again: nothing here keeps an element of the table.
(() => {
  "use strict";
  const $ = (sel, el = document) => el.querySelector(sel);
  const $$ = (sel, el = document) => [...el.querySelectorAll(sel)];
  const drawer = $("#drawer");
  if (!drawer) return;
  const table = () => $(".lead-sheet"), scroller = () => $(".lead-scroll"), rowsOf = window.leadRows;
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
  const ask = (url, form) => fetch(url, { method: form ? "POST" : "GET", body: form, credentials: "same-origin", headers: { ...headers, "HX-Current-URL": location.href } });

  // The drawer ------------------------------------------------------------
  let opener = null, marked = null;
  // The row of the lead that is open is marked; drawn again, or back in the page, it is again.
  const mark = () => {
    const row = opener && document.getElementById(opener);
    if (row === marked && (!row || row.hasAttribute("aria-current"))) return;
    if (marked) marked.removeAttribute("aria-current");
    marked = row;
    if (row) row.setAttribute("aria-current", "true");
  };
  if (scroller()) new MutationObserver(mark).observe(scroller(), { childList: true, subtree: true });
  // Where the drawer lies over the page, nothing under it can be reached.
  const over = matchMedia("(max-width: 1100px)");
  const rest = () => {
    document.body.classList.toggle("drawer-open", !drawer.hidden);
    for (const e of $$("body > :not(main, script, dialog), main > :not(#drawer, #notices, .sheet-top), .sheet-top > :not(h1)")) e.inert = !drawer.hidden && over.matches;
  };
  over.addEventListener("change", rest);
  const close = () => {
    if (drawer.hidden) return;
    drawer.hidden = true;
    drawer.replaceChildren();
    rest();
    const back = opener && (rowsOf.find(opener) || document.getElementById(opener));
    opener = null;
    mark();
    if (back) ($("th[data-column=person]", back) || back).focus();
  };
  document.addEventListener("htmx:afterSwap", (e) => {
    if (e.detail.target !== drawer) return;
    const row = e.detail.requestConfig.elt.closest("tr");
    if (row) opener = row.id; // what is saved in the drawer draws it again
    mark();
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
  document.addEventListener("keydown", (e) => { if (e.key === "Escape" && !drawer.hidden && !e.defaultPrevented && !$("dialog[open]")) { close(); e.preventDefault(); } });

  // Choosing --------------------------------------------------------------
  const chosen = new Set(); // of all rows, in the page or out of it
  let anchor = null, prices;
  const boxes = () => $$("tbody .pick input", table()); // in the page alone
  const tick = (list) => { for (const box of list) box.checked = chosen.has(box.value); };
  const heads = () => $$("[data-pick-all]"); // in the table's head, and above the cards of a phone
  const every = () => $("#chosen [name=all]"); // all that match, loaded or not
  const count = () => { const c = $("[data-count]"); return every().checked ? Number(c.dataset.total) : chosen.size; };
  const recount = () => {
    const form = $("#chosen");
    if (!form) chosen.clear();
    else for (const box of boxes()) box.checked ? chosen.add(box.value) : chosen.delete(box.value);
    document.body.classList.toggle("any-chosen", chosen.size > 0);
    if (!form) return;
    const loaded = rowsOf.count(), total = Number($("[data-count]").dataset.total);
    for (const h of heads()) {
      h.checked = loaded > 0 && (every().checked || loaded >= total) && rowsOf.ids().every((id) => chosen.has(id));
      h.indeterminate = !h.checked && chosen.size > 0;
    }
    const n = count();
    $("[data-count]").textContent = n.toLocaleString("en-US") + (n === 1 ? " lead chosen" : " leads chosen");
    const now = every().checked ? "all" : [...chosen].join(" ");
    if (form.priced === now) return;
    form.priced = now;
    clearTimeout(prices);
    if (n) prices = setTimeout(price, 150);
  };
  const pickAll = (on) => {
    every().checked = on && rowsOf.count() < Number($("[data-count]").dataset.total);
    chosen.clear();
    if (on) for (const id of rowsOf.ids()) chosen.add(id);
    tick(boxes());
    recount();
  };
  // What unlocking would cost at most, on a button that does it here.
  const price = async () => {
    const slot = $("#chosen-price"), form = $("#chosen");
    if (!slot || !form) return;
    const mine = form.priced;
    slot.setAttribute("aria-busy", "true");
    try {
      const answer = await ask("/leads/chosen/price", new URLSearchParams(new FormData(form)));
      const text = answer.ok ? await answer.text() : "";
      if (form.priced !== mine) return;
      slot.innerHTML = text;
      window.htmx.process(slot);
    } catch { slot.replaceChildren(); }
    slot.removeAttribute("aria-busy");
  };
  document.addEventListener("change", (e) => { if (e.target.matches("[data-pick-all]")) pickAll(e.target.checked); });
  document.addEventListener("click", (e) => {
    if (e.target.closest("[data-pick-none]")) { pickAll(false); return; }
    if (e.target.closest("[data-run-close]")) { $("#chosen-run").replaceChildren(); return; }
    const box = e.target.closest(".lead-sheet tbody .pick input");
    if (!box) return;
    if (e.shiftKey && anchor) {
      const ids = rowsOf.ids(), ends = [ids.indexOf(anchor), ids.indexOf(box.value)].sort((a, b) => a - b);
      if (ends[0] >= 0) for (const id of ids.slice(ends[0], ends[1] + 1)) box.checked ? chosen.add(id) : chosen.delete(id);
      tick(boxes().filter((b) => b !== box));
    }
    anchor = box.value;
    if (!box.checked) every().checked = false;
    recount();
  });
  addEventListener("pageshow", recount);
  // What is sent names the chosen rows that are out of the page too.
  document.addEventListener("formdata", (e) => {
    if (e.target.id !== "chosen" || every().checked) return;
    const here = new Set(e.formData.getAll("lead"));
    for (const id of chosen) if (!here.has(id)) e.formData.append("lead", id);
  });

  // More rows while one scrolls ----------------------------------------------
  let loading = null; // what is on its way; nothing is asked for twice
  const next = () => $(".sheet-foot [rel=next]");
  const more = () => loading ||= load().catch(() => false).finally(() => { loading = null; });
  const load = async () => {
    const link = next();
    if (!link) return false;
    const answer = await ask("/leads/rows?" + link.href.split("?")[1]);
    if (!answer.ok) return false;
    const page = document.createElement("template");
    page.innerHTML = await answer.text();
    if (link !== next()) return false; // it is another sheet by now
    const rows = $$("tr", page.content).filter((r) => !rowsOf.has(r.id)), to = page.content.querySelector("a[rel=next]");
    if (to) link.replaceWith(to); else link.remove();
    if (every().checked) for (const r of rows) chosen.add(r.id.slice(4));
    rowsOf.add(rows);
    recount();
    return rows.length > 0;
  };
  // Rows are made ready once they come near the window for the first time, a block in a task: a
  // scroll may bring several blocks. Until then their buttons are plain forms.
  const AT_ONCE = 25, unready = [];
  const prepare = () => {
    const rows = unready.splice(0, AT_ONCE);
    for (const row of rows) window.htmx.process(row);
    drawn(rows);
    if (unready.length) setTimeout(prepare);
  };
  document.addEventListener("sheet:came", (e) => {
    tick(e.detail.rows.map((row) => $(".pick input", row)));
    if (e.detail.first.length && !unready.length) setTimeout(prepare);
    unready.push(...e.detail.first);
  });
  const near = () => { const s = scroller(); return s && s.scrollTop + s.clientHeight > s.scrollHeight - 1200; };
  const fill = async () => { while (near() && matchMedia("(min-width: 641px)").matches && await more()); };
  const phoneEnd = new IntersectionObserver((seen) => { if (seen.some((s) => s.isIntersecting) && matchMedia("(max-width: 640px)").matches) more(); }, { rootMargin: "800px" });

  // Where one was, after a reload ---------------------------------------------
  const place = () => "sheet " + location.search;
  const remember = () => { const s = scroller(); if (s) sessionStorage.setItem(place(), JSON.stringify({ top: s.scrollTop, left: s.scrollLeft, rows: rowsOf.count() })); };
  const back = async () => {
    const how = (performance.getEntriesByType("navigation")[0] || {}).type, was = sessionStorage.getItem(place());
    if (!was || how !== "reload" && how !== "back_forward") return;
    const { top, left, rows } = JSON.parse(was);
    for (let n = 0; n < 40 && rowsOf.count() < rows && await more(); n++);
    if (scroller()) scroller().scrollTo({ top, left, behavior: "instant" });
    rowsOf.place();
  };
  addEventListener("pagehide", remember);

  // An address says what is asked for and nothing else.
  document.addEventListener("htmx:configRequest", (e) => {
    if (e.target.id !== "filters") return;
    const by = e.detail.triggeringEvent, panel = $("#filters .pop");
    if (!(by && by.type === "change")) panel.open = false; // what it found is under it
    for (const [name, value] of [...e.detail.formData]) if (!value) e.detail.formData.delete(name);
  });

  // A chip that is taken off, a view and a head's order are in the search's fields too.
  document.addEventListener("htmx:pushedIntoHistory", () => {
    const q = new URLSearchParams(location.search);
    for (const e of $$("#filters :is(input, select)[name]:not([type=hidden])")) if (e !== document.activeElement) e.value = q.get(e.name) || "";
  });

  // What is drawn again -----------------------------------------------------------
  let focus = null; // the cell that the keyboard is in, while its row is replaced
  let last = null; // the cell that it was in last: a dialog's row may be another one by now
  document.addEventListener("focusin", (e) => {
    const cell = e.target.closest(".lead-sheet :is(td, th)");
    if (cell) last = { row: cell.parentElement.id, column: cell.dataset.column };
  });
  const drawn = (rows) => {
    if (!table()) return;
    for (const box of boxes()) if (chosen.has(box.value)) box.checked = true;
    recount();
    document.dispatchEvent(new CustomEvent("sheet:drawn", { detail: rows }));
  };
  // An answer may bring every row: what follows is done once for all of them, or each would lay
  // the whole sheet out again.
  let due = null;
  const afterwards = (row) => {
    if (!due) {
      due = new Set();
      queueMicrotask(() => {
        const rows = [...due].map((id) => document.getElementById(id)).filter(Boolean); // what was swapped out is another by now
        due = null;
        for (const row of rows) window.htmx.process(row); // it would settle first: until then its links leave the page
        if (rows.length) { drawn(rows); refocus(); }
      });
    }
    due.add(row.id);
  };
  // The keyboard is where it was, once it is nowhere: another answer may be on its way, so what is
  // kept of it ends only then, or when it is somewhere else.
  const lost = () => { // a dialog that has closed keeps the focus until the page is drawn
    const at = document.activeElement;
    return !at || at === document.body || Boolean(at.closest("dialog:not([open])"));
  };
  const refocus = () => {
    const row = focus && lost() && focus.row && rowsOf.find(focus.row);
    if (row) ($("[data-column=" + focus.column + "]", row) || row.children[0]).focus({ preventScroll: true });
    if (!lost()) focus = null;
  };
  let settling = false;
  const begin = () => {
    const area = $("#sheet-area");
    if (!area || area.begun) return;
    area.begun = true;
    for (const h of heads()) (h.closest("label") || h).hidden = false;
    for (const b of $$("[data-pick-none]")) b.hidden = false;
    chosen.clear();
    rowsOf.begin();
    document.body.classList.add("scrolls");
    const s = scroller();
    if (s) s.addEventListener("scroll", fill, { passive: true });
    phoneEnd.disconnect();
    if ($(".sheet-foot")) phoneEnd.observe($(".sheet-foot"));
    drawn();
    fill();
  };
  document.addEventListener("htmx:beforeSwap", (e) => {
    const dialog = e.detail.requestConfig.elt.closest("dialog");
    if (dialog && e.detail.xhr.status < 400) dialog.close(); // the keyboard is in its cell again
    const cell = document.activeElement && document.activeElement.closest(".lead-sheet :is(td, th)");
    if (cell || dialog) focus = last;
  });
  // A dialog that closes gives the keyboard back to where it was: its row may be another by now.
  document.addEventListener("close", (e) => {
    const row = last && e.target.matches("dialog") && lost() && rowsOf.find(last.row);
    if (row) { focus = last; refocus(); }
  }, true);
  document.addEventListener("htmx:oobBeforeSwap", (e) => {
    const row = e.detail.target;
    if (row.id === "lead-rows") for (const later of $$("tbody:not(#lead-rows)", table())) later.remove(); // it brings the first page alone
    if (row.matches && row.matches(".lead-sheet tr") && row.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) e.detail.shouldSwap = false;
  });
  const settled = () => {
    settling = false;
    begin();
    refocus();
    const run = $("#chosen-run [data-ended]:not([data-seen])");
    if (run) { run.dataset.seen = ""; pickAll(false); news(); }
  };
  document.addEventListener("htmx:afterSettle", (e) => {
    const row = e.detail.elt.closest && e.detail.elt.closest(".lead-sheet tr");
    if (row) afterwards(row); else if (e.detail.elt.querySelector && e.detail.elt.querySelector(".lead-sheet")) drawn();
    if (!settling) { settling = true; queueMicrotask(settled); }
  });
  document.addEventListener("htmx:oobAfterSwap", (e) => {
    const row = e.detail.elt || e.detail.target;
    if (row.id === "lead-rows") { rowsOf.begin(); chosen.clear(); }
    if (!row.matches || !row.matches(".lead-sheet tr")) return;
    row.classList.add("fresh");
    afterwards(row);
  });
  document.addEventListener("htmx:afterSwap", (e) => { if (e.detail.target.matches("tr[id]")) afterwards(e.detail.target); });
  // A capture's panel can be put away.
  document.addEventListener("htmx:afterSwap", (e) => {
    if (e.detail.target.id !== "capture-result" || !e.detail.target.children.length) return;
    const b = document.createElement("button");
    b.type = "button";
    b.className = "quiet dismiss";
    b.textContent = "Close";
    b.addEventListener("click", () => { $("#capture-result").replaceChildren(); $("#bar-who").focus(); });
    e.detail.target.append(b);
  });

  // What colleagues do meanwhile ---------------------------------------------
  const news = window.atChanges(async () => {
    const at = $("#sheet-news");
    if (!at || !table()) return true;
    // The target stays in the page: another filter may replace the source meanwhile, and what htmx tells of the answer is told to the target.
    await window.htmx.ajax("POST", "/leads/news", { source: at, target: "main", swap: "none", values: { seq: at.dataset.seq, since: at.dataset.since, shown: rowsOf.ids().join(" ") } });
    return $("#sheet-news") !== at; // each answer brings the next one
  });
  begin();
  back();
})();
