/** Microformats: h-card with its implied name and address, and the classic vcard names before it. */
(() => {
  "use strict";
  const { tools, LIMITS } = globalThis.leadmeterReaders;

  const MODERN = { "p-name": "name", "p-given-name": "given", "p-family-name": "family", "p-job-title": "title", "p-role": "role", "p-org": "org", "p-tel": "tel", "u-tel": "tel", "u-email": "email", "p-email": "email", "u-url": "url", "u-uid": "url" };
  const CLASSIC = { fn: "name", "given-name": "given", "family-name": "family", title: "title", role: "role", org: "org", tel: "tel", email: "email", url: "url" };
  const classes = (el) => (el.getAttribute("class") || "").slice(0, 1000).split(/\s+/);
  const CARDS = ".h-card, .vcard";
  const COMPANIES = ".h-org, .p-org, .org";
  const MAX_NESTED = 4; // cards within a card that are looked into
  // By name: other style sheets have classes such as h-full.
  const ROOTS = new Set(["h-adr", "h-card", "h-cite", "h-entry", "h-event", "h-feed", "h-geo", "h-item", "h-org", "h-product", "h-recipe", "h-resume", "h-review", "vcard"]);
  const isRoot = (names) => names.some((c) => ROOTS.has(c));

  /** The value that a class "value" or "value-title" inside a property gives it, or "". */
  const valueClass = (el, budget, between) => {
    const parts = [];
    tools.walk(el, budget, (node) => {
      if (node.nodeType !== 1 || node === el) return true;
      const names = classes(node);
      if (names.includes("value-title")) parts.push(node.getAttribute("title") || "");
      else if (names.includes("value")) parts.push(plain(node, budget));
      else return !isRoot(names);
      return false;
    });
    return parts.slice(0, 10).join(between);
  };

  /** The value of a p- property: what its element means, else its text. */
  const plain = (el, budget) => {
    switch (el.tagName) {
      case "ABBR":
      case "LINK":
        return el.getAttribute("title") || tools.text(el, budget);
      case "DATA":
      case "INPUT":
        return el.getAttribute("value") || "";
      case "IMG":
      case "AREA":
        return el.getAttribute("alt") || "";
      case "BR":
      case "HR":
        return "";
      default:
        return tools.text(el, budget, { alt: true });
    }
  };

  const address = (el, budget) => el.getAttribute("href") || (el.tagName === "DATA" ? el.getAttribute("value") : "") || plain(el, budget);
  const organisation = (el, budget, depth) => {
    const own = isRoot(classes(el)) ? el : el.querySelector(CARDS); // the company's own card
    if (own) {
      if (depth >= MAX_NESTED) return { text: "", url: "" };
      const inner = card(own, budget, depth + 1);
      return { text: inner.name[0] || inner.org[0]?.text || "", url: inner.url[0] || "" };
    }
    const unit = el.querySelector(".organization-name");
    return { text: plain(unit || el, budget), url: el.getAttribute("href") || "" };
  };

  const read = (prop, el, budget, depth) => {
    if (prop === "org") return organisation(el, budget, depth);
    if (isRoot(classes(el)) && prop === "name") return depth < MAX_NESTED ? card(el, budget, depth + 1).name[0] || "" : "";
    const said = valueClass(el, budget, prop === "name" ? " " : "");
    if (said) return said;
    return prop === "url" || prop === "email" || (prop === "tel" && /^tel:/i.test(el.getAttribute("href") || "")) ? address(el, budget) : plain(el, budget);
  };

  /** The properties of one card, nested cards left to themselves. */
  const card = (root, budget, depth = 0) => {
    const found = { name: [], given: [], family: [], title: [], role: [], org: [], tel: [], email: [], url: [], worded: false, nested: false };
    const modern = classes(root).some((c) => c !== "vcard" && ROOTS.has(c));
    const names = modern ? MODERN : CLASSIC;
    tools.walk(root, budget, (node) => {
      if (node.nodeType !== 1 || node === root) return true;
      if (tools.silent(node)) return false;
      const mine = classes(node);
      for (const c of new Set(mine)) {
        if (/^[pe]-[a-z]/.test(c)) found.worded = true;
        if (Object.hasOwn(names, c) && found[names[c]].length < LIMITS.values) found[names[c]].push(read(names[c], node, budget, depth));
      }
      const nested = isRoot(mine);
      found.nested = found.nested || nested;
      return !nested;
    });
    if (modern) imply(root, found, budget);
    return found;
  };

  const only = (el, selector) => {
    const children = [...el.children].slice(0, 50).filter((c) => c.matches(selector));
    return children.length === 1 && !isRoot(classes(children[0])) ? children[0] : null;
  };

  /** The name and address that a card has without saying so. */
  const imply = (root, found, budget) => {
    const inner = root.children.length === 1 && !isRoot(classes(root.children[0])) ? root.children[0] : null;
    if (found.name.length === 0 && !found.worded && !found.nested) {
      const named = (el) => (el && el.matches("img[alt], area[alt]") && el.getAttribute("alt")) || (el && el.matches("abbr[title]") && el.getAttribute("title")) || "";
      const lone = root.children.length === 1 ? root.children[0] : null;
      found.name.push(named(root) || named(lone) || named(inner && inner.children.length === 1 ? inner.children[0] : null) || tools.text(root, budget, { alt: true }));
    }
    if (found.url.length === 0) {
      const a = root.matches("a[href], area[href]") ? root : only(root, "a[href], area[href]") || (inner && only(inner, "a[href], area[href]"));
      if (a) found.url.push(a.getAttribute("href"));
    }
  };

  /** A card that is a company's own is nobody's. */
  const isCompany = (el, found) => {
    const of = el.closest(COMPANIES);
    const company = of && (of === el || of.parentElement?.closest(CARDS)); // within somebody's card
    return Boolean(company) || (found.org.length > 0 && found.name.length > 0 && tools.line(found.name[0]) === tools.line(found.org[0].text));
  };

  /** @returns people marked up by microformats. */
  globalThis.leadmeterReaders.hcard = (root, url, budget) => {
    const people = [];
    for (const el of tools.all(root, CARDS, LIMITS.people * 2)) {
      if (people.length >= LIMITS.people || budget.over()) break;
      const found = card(el, budget);
      if (isCompany(el, found)) continue;
      const urls = found.url.slice(0, LIMITS.values);
      const one = tools.person({
        full_name: found.name[0], first_name: found.given[0], last_name: found.family[0], title: found.title[0] || found.role[0],
        company: found.org[0]?.text, company_domain: tools.siteDomain(tools.link(found.org[0]?.url, el.baseURI)),
        emails: found.email, phones: found.tel, sameAs: urls, url: tools.link(urls.find((u) => !/^mailto:/i.test(u)), el.baseURI),
      }, "hcard", url, el);
      if (one) people.push(one);
    }
    return people;
  };
})();
