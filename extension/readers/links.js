/** People by their mailto:, tel: and vCard links: the name is the link's own text, or the nearest beside it. */
(() => {
  "use strict";
  const { tools, LIMITS } = globalThis.leadmeterReaders;

  const MAX_UP = 5; // levels from a link to what holds it and a name
  const MAX_CARD = 600; // characters of text in what is taken for one person's

  /** The name in a card: the only one in its headings, else the only one in its lines. */
  const nameIn = (card, budget) => {
    const strong = tools.all(card, "h1,h2,h3,h4,h5,h6,strong,b,dt,th,figcaption", 10).map((el) => tools.text(el, budget)).filter(tools.looksLikeName);
    const names = new Set((strong.length > 0 ? strong : tools.lines(card, budget).flatMap((l) => l.text.split(/\s+[–—|-]\s+|,\s+/)).filter(tools.looksLikeName)).map(tools.nameOf));
    return names.size > 0 ? [...names] : [];
  };

  /** The smallest thing around a link that names exactly one person. */
  const around = (a, budget) => {
    const own = tools.text(a, budget).replace(/\b(?:v-?card|download|e-?mail|call)\b/gi, "").trim();
    let card = a;
    for (let up = 0; up < MAX_UP && card.parentElement && !/^(?:BODY|MAIN)$/.test(card.parentElement.tagName); up++) {
      card = card.parentElement;
      const names = nameIn(card, budget);
      if (names.length > 1) return null;
      if (names.length === 1 && card.textContent.length <= MAX_CARD) return { name: names[0], card };
    }
    return tools.looksLikeName(own) ? { name: own, card: a } : null;
  };

  /** @returns people with a link to reach them by. */
  globalThis.leadmeterReaders.links = (root, url, budget) => {
    const people = [];
    const seen = new Set();
    for (const a of tools.all(root, 'a[href^="mailto:" i], a[href^="tel:" i], a[href$=".vcf" i]', LIMITS.people * 3)) {
      if (people.length >= LIMITS.people || budget.over() || !budget.spend()) break;
      const found = around(a, budget);
      if (!found || seen.has(found.card)) continue;
      seen.add(found.card);
      const reach = found.card === a ? { emails: [a.getAttribute("href")], phones: [a.getAttribute("href")] } : tools.contacts(found.card, a.baseURI);
      const rest = tools.lines(found.card, budget).flatMap((l) => l.text.split(/\s+[–—|-]\s+|,\s+/)).filter((t) => tools.nameOf(t) !== found.name);
      const title = rest.find((t) => tools.looksLikeTitle(t) && !tools.looksLikeName(t)) || "";
      const one = tools.person({ ...reach, full_name: found.name, ...tools.titleAndCompany(title) }, "links", url, found.card);
      if (one) people.push(one);
    }
    return people;
  };
})();
