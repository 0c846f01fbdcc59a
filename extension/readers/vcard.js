/** vCards that a page carries in a link (data:text/vcard,…). Files behind a link are not fetched. */
(() => {
  "use strict";
  const { tools, LIMITS } = globalThis.leadmeterReaders;

  const unescaped = (value) => value.replace(/\\n/gi, " ").replace(/\\([,;\\])/g, "$1");

  /** Reads a vCard 2.1, 3.0 or 4.0 into a draft of a person; unknown lines are passed over. */
  const parse = (source) => {
    const draft = { emails: [], phones: [], sameAs: [] };
    for (const row of source.slice(0, 20000).replace(/\r?\n[ \t]/g, "").split(/\r?\n/).slice(0, 200)) {
      const cut = row.indexOf(":");
      if (cut < 1) continue;
      const name = row.slice(0, cut).split(";")[0].replace(/^[^.]*\./, "").toUpperCase();
      const value = row.slice(cut + 1);
      if (name === "FN") draft.full_name = unescaped(value);
      else if (name === "N") [draft.last_name, draft.first_name] = value.split(/(?<!\\);/).map(unescaped);
      else if (name === "ORG") draft.company = unescaped(value.split(/(?<!\\);/)[0]);
      else if (name === "TITLE" || (name === "ROLE" && !draft.title)) draft.title = unescaped(value);
      else if (name === "EMAIL") draft.emails.push(value);
      else if (name === "TEL") draft.phones.push(value);
      else if (name === "URL" || name === "X-SOCIALPROFILE" || name === "SOCIALPROFILE") draft.sameAs.push(unescaped(value));
    }
    return draft;
  };

  /** @returns people in vCards written into links. */
  globalThis.leadmeterReaders.vcard = (root, url, budget) => {
    const people = [];
    for (const a of tools.all(root, 'a[href^="data:text/vcard" i], a[href^="data:text/x-vcard" i]', LIMITS.people)) {
      if (budget.over() || !budget.spend()) break;
      const href = a.getAttribute("href").slice(0, 60000);
      const [head, body] = [href.slice(0, href.indexOf(",")), href.slice(href.indexOf(",") + 1)];
      try {
        const bytes = /;base64/i.test(head) ? Uint8Array.from(atob(body), (c) => c.charCodeAt(0)) : null;
        const draft = parse(bytes ? new TextDecoder().decode(bytes) : decodeURIComponent(body));
        const one = tools.person({ ...draft, url: draft.sameAs[0] }, "vcard", url, a);
        if (one) people.push(one);
      } catch { /* not a card */ }
    }
    return people;
  };
})();
