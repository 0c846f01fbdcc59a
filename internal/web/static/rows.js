// The rows of the lead sheet that are near the window. Rows far from it leave the page in blocks,
// and a gap keeps their height; they come back from memory as one scrolls to them. A row is found
// by its id whether it is in the page or not.
(() => {
  "use strict";
  if (!document.querySelector("#drawer")) return;
  const TOGETHER = 25; // rows of a block that is loaded; the first page is a block too
  const COME = 1, LEAVE = 2; // how many windows away a block comes, and leaves
  const STAYS = ":focus, .htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"; // somebody is in it, or it is being replaced
  const phone = matchMedia("(max-width: 640px)"); // there each row has a height of its own
  const home = new Map(); // the block of each row, in the sheet's order
  let blocks = [], table = null, scroller = null, tall = 0, printed = false, timer;

  const keep = (body) => {
    blocks.push(body);
    for (const row of body.rows) home.set(row.id, body);
  };
  const begin = () => {
    table = document.querySelector(".lead-sheet");
    scroller = document.querySelector(".lead-scroll");
    blocks = [];
    tall = 0;
    home.clear();
    if (!table) return;
    for (const body of table.tBodies) { keep(body); body.ready = true; }
    table.setAttribute("aria-rowcount", Number(document.querySelector("[data-count]").dataset.total) + 1);
    number(blocks);
    scroller.addEventListener("scroll", scrolled, { passive: true });
  };
  // Rows have their place in the sheet as their index, because not all of them are in the page.
  const number = (bodies) => {
    let at = 2; // the head is the first row
    for (const body of blocks) {
      if (bodies.includes(body)) [...body.rows].forEach((row, n) => row.setAttribute("aria-rowindex", at + n));
      at += body.rows.length;
    }
  };
  const add = (rows) => {
    for (let n = 0; n < rows.length; n += TOGETHER) {
      const body = document.createElement("tbody"), part = rows.slice(n, n + TOGETHER);
      body.setAttribute("role", "rowgroup");
      body.style.setProperty("--rows", part.length);
      body.append(...part);
      keep(body);
    }
    place();
  };
  const gap = () => {
    const body = document.createElement("tbody");
    body.className = "gap";
    body.setAttribute("role", "presentation");
    return body;
  };

  // plan says which blocks are in the page and the gaps between them, in order.
  const plan = (called = []) => {
    tall ||= table.querySelector("tbody tr").getBoundingClientRect().height;
    const top = scroller.scrollTop, high = scroller.clientHeight, bottom = top + high, bodies = [];
    let at = 0, empty = null;
    for (const body of blocks) {
      const rows = body.rows.length, size = rows * tall, here = body.parentNode === table, far = Math.max(top - at - size, at - bottom);
      at += size;
      if (phone.matches || printed || called.includes(body) || far < (here ? LEAVE : COME) * high || here && body.querySelector(STAYS)) {
        bodies.push(body);
        empty = null;
        continue;
      }
      if (!empty) {
        empty = body.gap ||= gap();
        empty.holds = 0;
        bodies.push(empty);
      }
      empty.holds += rows;
    }
    return bodies;
  };
  const place = (called) => {
    if (!table || !table.isConnected) return;
    const bodies = plan(called), came = [];
    let stop = null;
    for (const body of [...table.tBodies]) {
      if (bodies.includes(body)) continue;
      for (const row of body.querySelectorAll("tr.fresh")) row.classList.remove("fresh"); // it would flash again
      stop ||= body.querySelector("[tabindex='0']");
      body.remove();
    }
    let before = table.tHead;
    for (const body of bodies) {
      if (body.className === "gap" && body.dataset.rows !== String(body.holds)) {
        body.dataset.rows = body.holds;
        body.style.height = body.holds * tall + "px";
      }
      if (before.nextElementSibling !== body) {
        before.after(body);
        if (body.className !== "gap") came.push(body);
      }
      before = body;
    }
    if (came.length) ready(came);
    if (!stop) return;
    stop.tabIndex = -1; // the Tab key leads to a row in sight
    document.dispatchEvent(new CustomEvent("sheet:stop", { detail: inSight() }));
  };
  const inSight = () => {
    let at = Math.ceil(scroller.scrollTop / tall);
    for (const body of blocks) {
      if (at < body.rows.length) return body.rows[at];
      at -= body.rows.length;
    }
    return null;
  };
  const ready = (came) => {
    number(came);
    const first = came.filter((body) => !body.ready);
    for (const body of first) body.ready = true;
    document.dispatchEvent(new CustomEvent("sheet:came", { detail: { rows: came.flatMap((body) => [...body.rows]), first: first.flatMap((body) => [...body.rows]) } }));
  };

  const scrolled = () => place();

  // bring has blocks in the page, for as long as something holds them there.
  const bring = (bodies) => {
    if (!bodies.some((body) => body && body.parentNode !== table)) return;
    place(bodies);
    clearTimeout(timer);
    timer = setTimeout(scrolled, 500);
  };
  const find = (id) => {
    bring([home.get(id)]);
    return document.getElementById(id);
  };
  // beside is the row so many rows further, at most the last, or the head's.
  const beside = (row, down) => {
    if (!Number.isFinite(down)) return down < 0 ? table.tHead.rows[0] : end();
    let at = row;
    for (let n = Math.abs(down); n > 0; n--) {
      const next = down < 0 ? previous(at) : following(at);
      if (!next) break;
      at = next;
    }
    bring([home.get(at.id)]);
    return at;
  };
  const end = () => { const body = blocks[blocks.length - 1]; bring([body]); return body.rows[body.rows.length - 1]; };
  const following = (row) => {
    if (row.nextElementSibling) return row.nextElementSibling;
    const body = blocks[row.parentNode === table.tHead ? 0 : blocks.indexOf(row.parentNode) + 1];
    return body && body.rows[0];
  };
  const previous = (row) => {
    if (row.previousElementSibling || row.parentNode === table.tHead) return row.previousElementSibling;
    const body = blocks[blocks.indexOf(row.parentNode) - 1];
    return body ? body.rows[body.rows.length - 1] : table.tHead.rows[0];
  };

  phone.addEventListener("change", scrolled);
  addEventListener("resize", scrolled);
  addEventListener("beforeprint", () => { printed = true; place(); });
  addEventListener("afterprint", () => { printed = false; place(); });
  // An answer replaces rows by their ids: they are in the page by then, all of them. Those of a sheet
  // that was another when it was asked for are left out.
  document.addEventListener("htmx:beforeSwap", (e) => {
    if (e.detail.target.id === "sheet-area") return;
    const ids = [...e.detail.serverResponse.matchAll(/ id="(row-[^"]+|lead-rows)"/g)].map((m) => m[1]);
    bring(ids.map((id) => (id === "lead-rows" ? blocks[0] : home.get(id))));
    if (ids.every((id) => document.getElementById(id))) return;
    const answer = document.createElement("template");
    answer.innerHTML = e.detail.serverResponse;
    for (const one of answer.content.querySelectorAll("template")) {
      for (const row of one.content.querySelectorAll("tr[hx-swap-oob]")) if (!document.getElementById(row.id)) row.remove();
    }
    e.detail.serverResponse = answer.innerHTML;
  });
  window.leadRows = { begin, add, place: scrolled, find, beside, has: (id) => home.has(id), count: () => home.size, ids: () => [...home.keys()].map((id) => id.slice(4)) };
})();
