/** schema.org people in microdata: itemscope, itemtype, itemprop, itemref. */
(() => {
  "use strict";
  const { tools, LIMITS } = globalThis.leadmeterReaders;

  // Properties that are words: a link around them is a link, not their value.
  const WORDS = new Set(["name", "givenName", "familyName", "jobTitle", "roleName", "legalName", "telephone", "email"]);

  const value = (el, prop, budget) => {
    switch (el.tagName) {
      case "META":
        return el.getAttribute("content") || "";
      case "A":
      case "AREA":
      case "LINK": {
        const href = el.getAttribute("href") || "";
        if (/^(?:mailto|tel):/i.test(href)) return href;
        return WORDS.has(prop) ? tools.text(el, budget) : tools.link(href, el.baseURI) || href;
      }
      case "IMG":
        return el.getAttribute("alt") || "";
      case "DATA":
      case "METER":
        return el.getAttribute("value") || "";
      default:
        return el.getAttribute("content") || tools.text(el, budget);
    }
  };

  /** The properties of one item: Map of name → values; a nested item is its element. */
  const properties = (scope, budget) => {
    const props = new Map();
    const put = (el) => {
      for (const prop of el.getAttribute("itemprop").split(/\s+/).slice(0, 8)) {
        const name = tools.schema.bare(prop);
        const values = props.get(name) || [];
        if (values.length < 50) values.push(el.hasAttribute("itemscope") ? el : value(el, name, budget));
        props.set(name, values);
      }
    };
    const gather = (root) => tools.walk(root, budget, (node) => {
      if (node.nodeType !== 1) return true;
      if (node === scope) return true;
      if (node.hasAttribute("itemprop")) put(node);
      return !node.hasAttribute("itemscope");
    });
    gather(scope);
    for (const id of (scope.getAttribute("itemref") || "").split(/\s+/).filter(Boolean).slice(0, 10)) {
      const other = scope.ownerDocument.getElementById(id);
      if (other && !other.contains(scope)) gather(other);
    }
    return props;
  };

  const shape = (scope, budget, made, depth = 0) => {
    const known = made.get(scope);
    if (known) return known;
    let props;
    const item = {
      types: (scope.getAttribute("itemtype") || "").split(/\s+/).slice(0, 5),
      get: (name) => {
        props = props || properties(scope, budget);
        return (props.get(name) || []).map((v) => (typeof v === "string" ? v : depth < 5 ? shape(v, budget, made, depth + 1) : "")).filter((v) => v !== "");
      },
    };
    made.set(scope, item);
    return item;
  };

  /** @returns people marked up by microdata. */
  globalThis.leadmeterReaders.microdata = (root, url, budget) => {
    const people = [];
    const made = new Map();
    for (const scope of tools.all(root, "[itemscope][itemtype]", LIMITS.people * 5)) {
      if (people.length >= LIMITS.people || budget.over()) break;
      const item = shape(scope, budget, made);
      if (!tools.schema.isPerson(item)) continue;
      const holder = scope.parentElement?.closest("[itemscope]");
      const staff = holder && (scope.getAttribute("itemprop") || "").split(/\s+/).some((p) => tools.schema.STAFF.has(p));
      const one = tools.person(tools.schema.draft(item, staff ? tools.schema.company(shape(holder, budget, made)) : null), "microdata", url, scope);
      if (one) people.push(one);
    }
    return people;
  };
})();
