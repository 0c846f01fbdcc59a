/**
 * Profile and search pages of professional networks, as far as they show them. Found by what
 * such pages keep: addresses of profiles, headings and labels; never by class names.
 */
(() => {
  "use strict";
  const { tools, LIMITS } = globalThis.leadmeterReaders;

  const MAX_UP = 9; // levels from a link to the card that holds it
  const HOSTS = /(?:^|\.)(?:linkedin\.com|xing\.com)$/;
  const LINKS = 'a[href*="/in/"], a[href*="/sales/lead/"], a[href*="/sales/people/"], a[href*="/profile/"]';
  const NOISE = /^(?:[·•\s]*(?:1st|2nd|3rd\+?|\d+(?:st|nd|rd|th))(?: degree connection)?[·•\s]*|connect|message|follow(?:ing)?|save(?:d)?|pending|more|view (?:full )?profile|view .{1,80} profile|status is \w+|(?:is )?(?:online|offline|reachable)|select .{1,80}|premium(?: member)?|open to work|hiring|.{0,40}mutual connections?.{0,80}|.{0,20}followers|[·•|]+)$/i;

  tools.isNetwork = (url) => HOSTS.test(tools.hostOf(url));

  /** What names a profile on a network, the same for each of its addresses; or "". */
  const profileKey = (href, base) => {
    const known = tools.profile(href, base);
    if (known) return known;
    const full = tools.link(href, base);
    if (!full || !/(?:^|\.)xing\.com$/.test(tools.hostOf(full))) return "";
    const found = /^\/profile\/([^/]{2,120})/.exec(new URL(full).pathname);
    return found ? `https://www.xing.com/profile/${found[1]}` : "";
  };

  /** The words of an element as seen: what is said twice, once for screen readers, counts once. */
  const seen = (el, budget) => {
    const shown = el.querySelector('[aria-hidden="true"]');
    const said = (shown && tools.text(shown, budget)) || tools.text(el, budget);
    return tools.nameOf(said.replace(/^view\s+(.+?)[’'`]s?\s+.*profile.*$/i, "$1"));
  };

  /** The name that a link to a profile gives: its text, its label, or its picture's. */
  const nameOfLink = (a, budget) => {
    const said = [seen(a, budget), a.getAttribute("aria-label") || "", a.querySelector("img[alt]")?.getAttribute("alt") || ""]
      .map((t) => tools.nameOf(t.replace(/^(?:view|go to|open|photo of|picture of)\s+/i, "").replace(/[’'`]s?\s+(?:full\s+)?(?:profile|photo|picture).*$/i, "")));
    return said.find((t) => t && t.length <= 80 && /\p{L}/u.test(t) && !NOISE.test(t)) || "";
  };

  /** The card of a profile: the largest thing that holds links to no other one. */
  const cardOf = (a, key, held) => {
    let card = a;
    for (let n = 0; n < MAX_UP && card.parentElement && !/^(?:BODY|MAIN|UL|OL|TABLE|TBODY)$/.test(card.parentElement.tagName); n++) {
      if (held.get(card.parentElement) !== key) break;
      card = card.parentElement;
    }
    return card;
  };

  /** Which profile each element above the links is about; 2: several. */
  const census = (links) => {
    const held = new Map();
    for (const { a, key } of links) {
      let up = a;
      for (let n = 0; n <= MAX_UP && up; n++, up = up.parentElement) {
        const known = held.get(up);
        if (known === undefined) held.set(up, key);
        else if (known !== key) held.set(up, 2);
      }
    }
    return held;
  };

  const companyIn = (card, budget) => {
    for (const a of tools.all(card, 'a[href*="/company/"], a[href*="/companies/"]', 3)) {
      const said = tools.text(a, budget);
      if (said && !NOISE.test(said)) return said;
    }
    const label = card.querySelector('[aria-label^="Current company" i]')?.getAttribute("aria-label") || "";
    return label.replace(/^current company:?\s*/i, "").replace(/\.\s*click.*$/i, "");
  };

  /** Title and company of the lines of a card. */
  const job = (card, name, budget) => {
    const rows = tools.lines(card, budget).map((l) => l.text).filter((t) => !NOISE.test(t));
    const at = rows.findIndex((t) => t.includes(name));
    const after = rows.slice(at + 1).filter((t) => !t.includes(name) && /\p{L}/u.test(t)).slice(0, 6);
    const current = after.find((t) => /^(?:current|aktuell|actuel|actual)\s*:/i.test(t));
    const said = current ? current.replace(/^[^:]+:\s*/, "") : after.find(tools.looksLikeTitle) || after[0] || "";
    const { title, company } = tools.titleAndCompany(said);
    const linked = companyIn(card, budget);
    return { title: linked && title.endsWith(linked) ? title.slice(0, -linked.length).replace(/[\s·|,–-]+$/, "") : title, company: linked || company };
  };

  /** The person whose profile page it is. */
  const own = (root, url, budget) => {
    const key = profileKey(url, url);
    if (!key) return null;
    const main = tools.all(root, "main", 1)[0] || tools.all(root, "body", 1)[0] || root;
    const heading = main.querySelector("h1");
    const name = (heading && tools.nameOf(tools.text(heading, budget)))
      || tools.nameOf((tools.all(root, "title", 1)[0]?.textContent || "").replace(/^\(\d+\)\s*/, "").split(/\s+[|–-]\s+/)[0]);
    if (!name) return null;
    let card = heading || main;
    for (let n = 0; n < 4 && heading && card.parentElement && card.parentElement !== main && card.textContent.length < name.length + 40; n++) card = card.parentElement;
    const said = job(card, name, budget);
    return tools.person({ ...tools.contacts(card, url), full_name: name, ...said, company: companyIn(main, budget) || said.company, linkedin_url: key, url: key }, "network", url, heading || main);
  };

  /** @returns the person of a profile page, and those whom a network's page lists. */
  globalThis.leadmeterReaders.network = (root, url, budget) => {
    if (!tools.isNetwork(url)) return [];
    const mine = profileKey(url, url);
    const links = tools.all(root, LINKS, LIMITS.people * 4).map((a) => ({ a, key: profileKey(a.getAttribute("href"), url) })).filter((l) => l.key && l.key !== mine);
    const held = census(links);
    const people = [];
    const told = new Set();
    const self = own(root, url, budget);
    if (self) people.push(self);
    for (const { a, key } of links) {
      if (people.length >= LIMITS.people || !budget.spend()) break;
      if (told.has(key)) continue;
      const name = nameOfLink(a, budget);
      if (!name) continue;
      const card = cardOf(a, key, held);
      const one = tools.person({ full_name: name, ...job(card, name, budget), linkedin_url: key, url: key }, "network", url, card);
      if (one) people.push(one);
      told.add(key);
    }
    return people;
  };
})();
