/** Runs every reader on a page, takes the same person together, and tells of them in the page's order. */
(() => {
  "use strict";
  const readers = globalThis.leadmeterReaders;
  const { tools, LIMITS } = readers;

  const KNOWN = ["network", "jsonld", "microdata", "rdfa", "hcard", "vcard"];
  const GUESSES = ["team", "links"]; // a network's own pages say more than can be guessed of them

  const fold = (s) => (s || "").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  const firm = (s) => fold(s).replace(/ (?:inc|llc|ltd|gmbh|ag|sa|sas|bv|plc|corp|corporation|limited|co)$/, "");

  /** Whether two records with one name may be two people: another profile, or another company. */
  const apart = (a, b) => {
    if (a.linkedin_url && b.linkedin_url && a.linkedin_url.toLowerCase() !== b.linkedin_url.toLowerCase()) return true;
    if (a.company && b.company && firm(a.company) !== firm(b.company) && (!a.company_domain || a.company_domain !== b.company_domain)) return true;
    return Boolean(a.emails && b.emails && !a.company && !b.company && !a.emails.some((e) => b.emails.includes(e)) && a.company_domain !== b.company_domain);
  };

  /** Puts what `more` knows into `one` where that knew nothing. */
  const join = (one, more) => {
    for (const key of Object.keys(more)) {
      if (key === "emails" || key === "phones") one[key] = [...new Set([...(one[key] || []), ...more[key]])].slice(0, LIMITS.values);
      else if (one[key] === undefined) one[key] = more[key];
    }
  };

  /** The records of all readers, each person once. Hidden data takes the place of what is seen of it. */
  const merge = (found) => {
    const people = [];
    const strong = new Map(); // profile or email → record
    const named = new Map(); // folded name → records
    for (const { person, at } of found) {
      const keys = [person.linkedin_url && `p ${person.linkedin_url.toLowerCase()}`, ...(person.emails || []).map((e) => `e ${e}`)].filter(Boolean);
      const name = fold(person.full_name);
      const same = keys.map((k) => strong.get(k)).find((r) => r && fold(r.person.full_name) === name)
        || (named.get(name) || []).find((r) => !apart(r.person, person));
      const record = same || { person, at };
      if (same) {
        join(same.person, person);
        if (same.at.tagName === "SCRIPT") same.at = at;
      } else {
        people.push(record);
        named.set(name, [...(named.get(name) || []), record].slice(0, 20));
      }
      for (const key of keys) if (!strong.has(key)) strong.set(key, record);
    }
    return people;
  };

  /** Sorts by where on the page; what stands in no visible place comes last. */
  const arrange = (records, root) => {
    const places = new Map();
    for (const { at } of records) if (at.tagName !== "SCRIPT") places.set(at, Infinity);
    let left = places.size;
    let n = 0;
    tools.walk(root, { spend: () => n < LIMITS.nodes * 4 && left > 0 }, (node) => {
      n += 1;
      if (places.get(node) === Infinity) {
        places.set(node, n);
        left -= 1;
      }
      return true;
    });
    const place = (r) => places.get(r.at) ?? Infinity;
    return records.map((r, i) => ({ r, i })).sort((a, b) => (place(a.r) === place(b.r) ? a.i - b.i : place(a.r) - place(b.r))).map(({ r }) => r.person);
  };

  /**
   * Reads a page.
   * @param {Document} root the page
   * @param {string} url its address
   * @param {object} [limits] as LIMITS; what is left out is as there
   * @returns {{people: object[], cut: boolean, ms: number}} at most `limits.people`; cut: the page
   *   has more than a reading may cost, or a reader failed on it
   */
  readers.read = (root, url, limits = {}) => {
    const bounds = { ...LIMITS, ...limits };
    const start = performance.now();
    const found = [];
    let cut = false;
    for (const name of tools.isNetwork(url) ? KNOWN : [...KNOWN, ...GUESSES]) {
      const budget = readers.budget(bounds, start + bounds.ms);
      try {
        const people = readers[name](root, url, budget);
        for (const one of people) found.push(one);
        cut = cut || people.length >= LIMITS.people;
      } catch {
        cut = true; // a page that breaks one reader does not break the others
      }
      cut = cut || budget.over();
    }
    const people = arrange(merge(found), root);
    return { people: people.slice(0, bounds.people), cut: cut || people.length > bounds.people, ms: Math.round((performance.now() - start) * 10) / 10 };
  };
})();
