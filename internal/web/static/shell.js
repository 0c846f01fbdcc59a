// What surrounds every page of somebody who is signed in: the side bar folds, Ctrl+K finds
// places and people, keys lead on. Every page works without this file.
(() => {
  "use strict";
  const $ = (sel, el = document) => el.querySelector(sel);
  const $$ = (sel, el = document) => [...el.querySelectorAll(sel)];
  const places = $("#places");
  const make = (tag, attributes = {}, ...inside) => {
    const e = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
    e.append(...inside);
    return e;
  };

  // The side bar ------------------------------------------------------------
  const fold = $("[data-fold]");
  const turn = () => {
    const narrow = document.body.classList.toggle("narrow");
    fold.setAttribute("aria-expanded", String(!narrow));
    document.cookie = "bar=" + (narrow ? "narrow" : "") + "; path=/; max-age=" + (narrow ? 31536000 : 0) + "; samesite=lax";
    dispatchEvent(new Event("resize"));
  };
  if (fold) { fold.hidden = false; fold.addEventListener("click", turn); }

  // Menus close like menus: by Escape, by a press elsewhere, and when the focus leaves ---
  for (const kind of ["click", "focusin"]) document.addEventListener(kind, (e) => { for (const d of $$("details.pop[open]")) if (!d.contains(e.target)) d.open = false; });
  document.addEventListener("keydown", (e) => {
    const d = e.key === "Escape" && e.target.closest && e.target.closest("details.pop[open]");
    if (!d) return;
    d.open = false;
    $("summary", d).focus();
    e.stopPropagation();
  }, true);

  // The palette -------------------------------------------------------------
  const input = make("input", { type: "text", role: "combobox", "aria-label": "Find people, pages and actions", "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list", placeholder: "Find people, pages and actions", autocomplete: "off" });
  const list = make("ul", { id: "palette-list", role: "listbox", "aria-label": "Found" });
  const palette = make("dialog", { id: "palette", class: "palette", "aria-label": "Command palette" }, input, list);
  document.body.append(palette);
  let at = 0, asked = 0, waits;
  const options = () => $$("[role=option]", list);
  const mark = (n) => {
    const all = options();
    at = Math.min(Math.max(n, 0), all.length - 1);
    all.forEach((o, i) => o.setAttribute("aria-selected", String(i === at)));
    if (!all[at]) { input.removeAttribute("aria-activedescendant"); return; }
    input.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  };
  const option = (text, kind, href) => {
    const o = make("li", { role: "option", "aria-selected": "false" }, make("span", {}, text), make("small", {}, kind));
    o.dataset.href = href;
    return o;
  };
  const known = () => $$("#places a[href]:not(.brand), #commands a").map((a) => option(($(".label", a) || a).textContent.trim(), a.dataset.kind || (a.closest(".views") ? "View" : "Page"), a.getAttribute("href")));
  const show = (people) => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = known().filter((o) => words.every((w) => o.textContent.toLowerCase().includes(w)));
    const search = words.length && $("#places a[href='/people']") ? [option("Search people: " + input.value.trim(), "Search", "/people?q=" + encodeURIComponent(input.value.trim()))] : [];
    list.replaceChildren(...(words.length ? [...people, ...found, ...search] : found));
    if (!list.children.length) list.append(make("li", { role: "option", "aria-disabled": "true", "aria-selected": "false", class: "none" }, "Nothing found"));
    options().forEach((o, i) => { o.id = "palette-" + i; });
    mark(0);
  };
  const search = async () => {
    const mine = ++asked, q = input.value.trim();
    if (!q || !places.dataset.find) return;
    try {
      const answer = await fetch(places.dataset.find + "?q=" + encodeURIComponent(q), { credentials: "same-origin", headers: { "HX-Request": "true" } });
      if (!answer.ok || mine !== asked) return;
      const found = document.createElement("ul");
      found.innerHTML = await answer.text();
      if (mine === asked) show($$("li", found));
    } catch { /* what is known is shown */ }
  };
  input.addEventListener("input", () => { show([]); clearTimeout(waits); waits = setTimeout(search, 120); });
  const go = (o) => {
    if (!o || !o.dataset.href) return;
    palette.close();
    const href = o.dataset.href, key = href.startsWith("key:") && href.slice(4);
    if (key) press(key); else location.assign(href);
  };
  palette.addEventListener("keydown", (e) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[e.key];
    if (step) mark(at + step);
    else if (e.key === "Home" && e.ctrlKey) mark(0);
    else if (e.key === "Enter") go(options()[at]);
    else return;
    e.preventDefault();
  });
  list.addEventListener("pointermove", (e) => { const o = e.target.closest("[role=option]"); if (o) mark(options().indexOf(o)); });
  list.addEventListener("click", (e) => go(e.target.closest("[role=option]")));
  palette.addEventListener("click", (e) => { if (e.target === palette) palette.close(); });
  const open = () => { input.value = ""; show([]); palette.showModal(); input.focus(); };

  // Keys ----------------------------------------------------------------------
  const keys = $("#keys");
  const presses = {
    "/": () => { const q = $("#q"); if (q) { q.focus(); q.select(); } else open(); },
    "?": () => { if (keys) keys.showModal(); },
    "[": () => { if (fold && fold.checkVisibility()) turn(); },
    c: () => { if (!document.dispatchEvent(new CustomEvent("sheet:key", { detail: "c", cancelable: true }))) return; const who = $("#bar-who, #who"); if (who) { who.focus(); who.select(); } else if (places.dataset.find) location.assign("/capture"); },
  };
  const press = (key) => { if (presses[key]) { presses[key](); return true; } return !document.dispatchEvent(new CustomEvent("sheet:key", { detail: key, cancelable: true })); };
  const typing = (e) => e.target.closest && e.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog");
  document.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "k") {
      e.preventDefault();
      if (palette.open) palette.close(); else if (!$("dialog[open]")) open();
      return;
    }
    if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && !e.repeat && e.key.toLowerCase() === "z" && !typing(e)) {
      const undo = $("#notices .toast"), list = $('#places a[href="/changes"]');
      if (undo) { e.preventDefault(); undo.requestSubmit(); } else if (list) { e.preventDefault(); list.click(); }
      return;
    }
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || typing(e) || $("dialog[open]")) return;
    if (e.repeat && !/^(j|k|Arrow.*)$/.test(e.key)) return; // a key that is held moves, and does nothing else
    if (press(e.key)) e.preventDefault();
  });
})();
