/** schema.org people in RDFa Lite: vocab, typeof, property, resource, prefix. */
(() => {
  "use strict";
  const { tools, LIMITS } = globalThis.leadmeterReaders;

  const WORDS = new Set(["name", "givenName", "familyName", "jobTitle", "roleName", "legalName", "telephone", "email"]);
  const terms = (el, name) => (el.getAttribute(name) || "").split(/\s+/).filter(Boolean).slice(0, 8);

  /** Whether an element's terms are schema.org's: by its vocab, or by a prefix of their own. */
  const speaksSchema = (el, term) => /^(?:schema:|https?:\/\/(?:www\.)?schema\.org\/)/i.test(term)
    || (!term.includes(":") && /schema\.org/i.test(el.closest("[vocab]")?.getAttribute("vocab") || ""));

  const value = (el, prop, budget) => {
    if (el.hasAttribute("content")) return el.getAttribute("content");
    const href = el.getAttribute("href") || el.getAttribute("resource") || el.getAttribute("src") || "";
    if (href && (!WORDS.has(prop) || /^(?:mailto|tel):/i.test(href))) return /^(?:mailto|tel|#|_:)/i.test(href) ? href : tools.link(href, el.baseURI) || href;
    return tools.text(el, budget);
  };

  const properties = (scope, budget) => {
    const props = new Map();
    tools.walk(scope, budget, (node) => {
      if (node.nodeType !== 1 || node === scope) return true;
      const nested = node.hasAttribute("typeof");
      for (const term of terms(node, "property")) {
        const name = tools.schema.bare(term);
        const values = props.get(name) || [];
        if (values.length < 50) values.push(nested ? node : value(node, name, budget));
        props.set(name, values);
      }
      return !nested;
    });
    return props;
  };

  /** The items of a page: what has a typeof, by element and by the name that others use for it. */
  const context = (root, budget) => {
    const made = new Map();
    const named = new Map();
    const scopes = tools.all(root, "[typeof]", LIMITS.people * 5);
    for (const el of scopes) {
      const id = el.getAttribute("resource") || el.getAttribute("about");
      if (id && !named.has(id)) named.set(id, el);
    }
    const shape = (el, depth = 0) => {
      const known = made.get(el);
      if (known) return known;
      let props;
      const follow = (v) => {
        const target = typeof v === "string" ? named.get(v) : v;
        if (!target) return v;
        return depth < 5 ? shape(target, depth + 1) : "";
      };
      const item = {
        types: terms(el, "typeof").filter((t) => speaksSchema(el, t)),
        get: (name) => {
          props = props || properties(el, budget);
          return (props.get(name) || []).map(follow).filter((v) => v !== "");
        },
      };
      made.set(el, item);
      return item;
    };
    return { scopes, shape };
  };

  /** @returns people marked up by RDFa. */
  globalThis.leadmeterReaders.rdfa = (root, url, budget) => {
    const people = [];
    const { scopes, shape } = context(root, budget);
    for (const el of scopes) {
      if (people.length >= LIMITS.people || budget.over()) break;
      const item = shape(el);
      if (!tools.schema.isPerson(item)) continue;
      const holder = el.parentElement?.closest("[typeof]");
      const staff = holder && terms(el, "property").some((p) => tools.schema.STAFF.has(tools.schema.bare(p)));
      const one = tools.person(tools.schema.draft(item, staff ? tools.schema.company(shape(holder)) : null), "rdfa", url, el);
      if (one) people.push(one);
    }
    return people;
  };
})();
