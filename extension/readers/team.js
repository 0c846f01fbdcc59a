/**
 * Team pages that mark nobody up: cards that repeat beside each other, each with one line that
 * looks like a name and most with one that says what somebody does.
 */
(() => {
  "use strict";
  const { tools, LIMITS } = globalThis.leadmeterReaders;

  const MAX_UP = 7; // levels from a name to the card that holds it
  const MAX_CARD = 3000; // characters of text in a card
  const STRONG = 'h1,h2,h3,h4,h5,h6,strong,b,figcaption,dt,th,[class*="name" i]';
  const HOLDER = /^(?:BODY|MAIN|UL|OL|DL|TABLE|TBODY)$/; // never one person's
  const WEAK = "p,div,span,a,td,li";

  /** Elements whose whole text looks like a name. */
  const candidates = (root, selector, budget) => {
    const found = [];
    for (const el of tools.all(root, selector, LIMITS.nodes)) {
      if (found.length >= LIMITS.people * 2 || !budget.spend()) break;
      if (el.children.length > 4 || el.textContent.length > 120) continue;
      const said = tools.text(el, budget);
      if (tools.looksLikeName(said)) found.push({ el, name: tools.nameOf(said) });
    }
    return found;
  };

  /** How many different names each element above the candidates holds: 2: more than one. */
  const census = (found) => {
    const names = new Map();
    for (const { el, name } of found) {
      let up = el;
      for (let n = 0; n <= MAX_UP && up && up.tagName !== "BODY"; n++, up = up.parentElement) {
        const known = names.get(up);
        if (known === undefined) names.set(up, name);
        else if (known !== name) names.set(up, 2);
      }
    }
    return names;
  };

  /** The candidates by card, and the cards by what holds them. */
  const groups = (found) => {
    const names = census(found);
    const cards = new Map();
    for (const one of found) {
      let card = one.el;
      for (let n = 0; n < MAX_UP && card.parentElement && !HOLDER.test(card.parentElement.tagName) && names.get(card.parentElement) === one.name; n++) card = card.parentElement;
      if (!cards.has(card)) cards.set(card, one);
    }
    const held = new Map();
    for (const [card, one] of cards) {
      const parent = card.parentElement;
      if (!parent || card.textContent.length > MAX_CARD) continue;
      const kinds = held.get(parent) || new Map(); // cards of one kind repeat
      if (!kinds.has(card.tagName)) kinds.set(card.tagName, []);
      kinds.get(card.tagName).push({ card, ...one });
      held.set(parent, kinds);
    }
    return [...held.values()].flatMap((kinds) => [...kinds.values()]).filter((group) => group.length >= 2);
  };

  /** What a card says besides the name: the title is the line that looks like one, else the short one after the name. */
  const describe = ({ card, name }, budget) => {
    const rows = tools.lines(card, budget).map((l) => l.text);
    const at = rows.findIndex((t) => tools.nameOf(t) === name || t.startsWith(name));
    const after = rows.slice(at + 1);
    const sure = after.find(tools.looksLikeTitle) || rows.find((t) => tools.nameOf(t) !== name && tools.looksLikeTitle(t)) || "";
    const likely = after[0] && after[0].length <= 60 && !/[@.!?]|^\+?\d|https?:/.test(after[0]) && !tools.looksLikeName(after[0]) ? after[0] : "";
    return { title: sure || likely, sure: sure !== "" };
  };

  /** The company whose team it is. */
  const company = (root, url) => ({
    company: tools.line(tools.all(root, 'meta[property="og:site_name"]', 1)[0]?.getAttribute("content") || ""),
    company_domain: tools.siteDomain(url),
  });

  /** @returns people of cards that repeat. */
  globalThis.leadmeterReaders.team = (root, url, budget) => {
    const home = company(root, url);
    const people = [];
    for (const selector of [STRONG, WEAK]) {
      for (const group of groups(candidates(root, selector, budget))) {
        const told = group.map((one) => ({ ...one, ...describe(one, budget) }));
        if (told.filter((t) => t.sure).length * 2 < told.length) continue;
        for (const { card, name, title } of told) {
          if (people.length >= LIMITS.people || budget.over()) return people;
          const said = tools.titleAndCompany(title);
          const where = said.company ? { company: said.company } : home;
          const one = tools.person({ ...tools.contacts(card, card.baseURI), ...where, full_name: name, title: said.title }, "team", url, card);
          if (one) people.push(one);
        }
      }
      if (people.length > 0) return people;
    }
    return people;
  };
})();
