/** schema.org people in JSON-LD: @graph, @id references, arrays, nested ones. Cycles end; unknown keys are never touched. */
(() => {
  "use strict";
  const { tools, LIMITS } = globalThis.leadmeterReaders;

  const isNode = (v) => typeof v === "object" && v !== null && !Array.isArray(v);
  const list = (v) => (v === undefined || v === null ? [] : Array.isArray(v) ? v.slice(0, LIMITS.people) : [v]);
  const own = (node, key) => (Object.hasOwn(node, key) ? node[key] : undefined);
  const PREFIXES = ["", "schema:", "http://schema.org/", "https://schema.org/"];

  // What sites put around a script's text for parsers of old, alone or in comments.
  const OPENING = /^\s*(?:<!--|(?:\/\/|\/\*)?\s*<!\[CDATA\[\s*(?:\*\/)?)/;
  const CLOSING = /(?:(?:\/\/\s*)?-->|(?:\/\/|\/\*)?\s*\]\]>\s*(?:\*\/)?)\s*$/;

  /** A text as JSON: as it is, else with its bare control characters, else with its entities read; undefined: it is none. */
  const parse = (text) => {
    for (const form of [(t) => t, (t) => t.replace(/[\u0000-\u001f]/g, " "), tools.entities]) {
      try {
        return JSON.parse(form(text));
      } catch { /* the next form */ }
    }
    return undefined;
  };

  /** The nodes of all scripts, those that others refer to by @id. */
  const load = (root) => {
    const roots = [];
    let left = LIMITS.json;
    for (const script of tools.all(root, 'script[type^="application/ld+json" i]', 50)) {
      const source = script.textContent;
      left -= source.length;
      if (left < 0) break;
      const value = parse(source.replace(OPENING, "").replace(CLOSING, ""));
      if (value !== undefined) roots.push({ value, at: script });
    }
    return roots;
  };

  /** Every node below the roots, each once, with what holds it: at most as many as the budget allows. */
  const spread = (roots, budget) => {
    const found = [];
    const seen = new Set();
    const stack = roots.map(({ value, at }) => ({ value, at, depth: 0, holder: null, by: "" })).reverse();
    while (stack.length > 0 && budget.spend()) {
      const here = stack.pop();
      if (typeof here.value !== "object" || here.value === null || seen.has(here.value) || here.depth > LIMITS.depth) continue;
      seen.add(here.value);
      const inner = [];
      if (Array.isArray(here.value)) {
        for (const value of list(here.value)) inner.push({ ...here, value, depth: here.depth + 1 });
      } else {
        found.push(here);
        for (const by of Object.keys(here.value).slice(0, 200)) {
          inner.push({ value: here.value[by], at: here.at, depth: here.depth + 1, holder: here.value, by: tools.schema.bare(by) });
        }
      }
      for (let n = inner.length - 1; n >= 0; n--) if (typeof inner[n].value === "object") stack.push(inner[n]);
    }
    return found;
  };

  /** A node in the shape that tools.schema reads; references are followed when asked for, not before. */
  const shape = (node, byID, depth = 0) => {
    const value = (v) => {
      if (typeof v === "string") return tools.entities(v);
      if (!isNode(v)) return null;
      if (typeof own(v, "@value") === "string") return tools.entities(own(v, "@value"));
      if (depth > 4) return null;
      const id = own(v, "@id");
      const bare = typeof id === "string" && own(v, "@type") === undefined;
      if (bare && !byID.has(id)) return id;
      return shape(bare ? byID.get(id) : v, byID, depth + 1);
    };
    return {
      types: list(own(node, "@type")).filter((t) => typeof t === "string"),
      get: (name) => PREFIXES.flatMap((p) => list(own(node, p + name))).map(value).filter((v) => v !== null),
    };
  };

  /** @returns people told of by JSON-LD on the page. */
  globalThis.leadmeterReaders.jsonld = (root, url, budget) => {
    const found = spread(load(root), budget);
    const byID = new Map();
    for (const { value } of found) {
      const id = own(value, "@id");
      if (typeof id === "string" && own(value, "@type") !== undefined && !byID.has(id)) byID.set(id, value);
    }
    const staff = new Map(); // the person whom an organisation names by @id
    for (const { value, holder, by } of found) {
      const id = own(value, "@id");
      if (holder && typeof id === "string" && tools.schema.STAFF.has(by)) staff.set(id, holder);
    }
    const people = [];
    for (const { value, holder, by, at } of found) {
      if (people.length >= LIMITS.people) break;
      const item = shape(value, byID);
      if (!tools.schema.isPerson(item)) continue;
      const home = holder && tools.schema.STAFF.has(by) ? holder : staff.get(own(value, "@id"));
      const one = tools.person(tools.schema.draft(item, home && tools.schema.company(shape(home, byID))), "jsonld", url, at);
      if (one) people.push(one);
    }
    return people;
  };
})();
