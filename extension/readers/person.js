/** A person as every reader tells of one: plain data, each text bounded, each address checked. */
(() => {
  "use strict";
  const { tools, LIMITS } = globalThis.leadmeterReaders;

  const FREEMAIL = /(?:^|\.)(?:gmail|googlemail|outlook|hotmail|live|msn|yahoo|ymail|icloud|me|mac|aol|gmx|web|proton|protonmail|pm|mail|yandex|qq|163|126|zoho|fastmail|posteo|t-online|orange|free|laposte|libero|hey|tutanota)\.[a-z.]{2,6}$/;
  const PLATFORM = /(?:^|\.)(?:linkedin|xing|facebook|instagram|twitter|x|github|gitlab|medium|substack|youtube|tiktok|wordpress|blogspot|wixsite|notion|google|crunchbase|wikipedia|angellist|wellfound|reddit|threads|mastodon)\.[a-z.]{2,6}$/;

  /** An absolute http(s) address, or "". */
  const link = (href, base) => {
    const raw = tools.line(href, LIMITS.url);
    if (!raw) return "";
    try {
      const url = new URL(raw, base);
      return (url.protocol === "https:" || url.protocol === "http:") && url.href.length <= LIMITS.url ? url.href : "";
    } catch {
      return "";
    }
  };

  /** The host of an address without "www.", or "" where it is no public name. */
  const hostOf = (href) => {
    try {
      const host = new URL(href).hostname.toLowerCase().replace(/^www\./, "");
      return /\.[a-z][a-z0-9-]+$/.test(host) ? host : "";
    } catch {
      return "";
    }
  };

  /** The domain of the company whose own site a page is; "" on a network or a platform. */
  const siteDomain = (url) => {
    const host = hostOf(url);
    return host && !PLATFORM.test(host) ? host.replace(/^(?:about|team|people|staff|careers|jobs|blog|corp|corporate)\.(?=.*\.)/, "") : "";
  };

  /** The address of a person's profile on a network, without what it was reached by; or "". */
  const profile = (href, base) => {
    const full = link(href, base);
    const host = full && hostOf(full);
    if (!host || !/(?:^|\.)linkedin\.com$/.test(host)) return "";
    const path = new URL(full).pathname;
    const found = /^\/(?:mwlite\/|comm\/)?in\/([^/]{2,120})/.exec(path);
    if (found) return `https://www.linkedin.com/in/${found[1]}`;
    const sales = /^\/sales\/(?:lead|people)\/([^/,]{2,120})/.exec(path);
    return sales ? `https://www.linkedin.com/sales/lead/${sales[1]}` : "";
  };

  /** An email address in lower case, from "mailto:…?subject=…" too; or "". */
  const email = (value) => {
    let raw = tools.line(value, 320).replace(/^mailto:/i, "").split("?")[0];
    try {
      raw = decodeURIComponent(raw);
    } catch { /* as it is */ }
    raw = raw.split(",")[0].trim().toLowerCase();
    return raw.length <= 254 && /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}$/.test(raw) ? raw : "";
  };

  /** A phone number as written, from "tel:…" too; or "". */
  const phone = (value) => {
    let raw = tools.line(value, 60).replace(/^tel:/i, "").split(";")[0];
    try {
      raw = decodeURIComponent(raw);
    } catch { /* as it is */ }
    const digits = raw.replace(/\D/g, "");
    return digits.length >= 6 && digits.length <= 17 && /^[+\d\s().\-/x]+$/i.test(raw) ? raw.trim() : "";
  };

  const distinct = (values, clean) => [...new Set((values || []).slice(0, LIMITS.values * 3).map(clean))].filter(Boolean).slice(0, LIMITS.values);

  /** The links of a card that say how to reach somebody. */
  const contacts = (card, base) => {
    const found = { emails: [], phones: [], linkedin_url: "", url: "" };
    for (const a of tools.all(card, "a[href]", 30)) {
      const href = a.getAttribute("href").slice(0, LIMITS.url);
      if (/^mailto:/i.test(href)) found.emails.push(href);
      else if (/^tel:/i.test(href)) found.phones.push(href);
      else found.linkedin_url = found.linkedin_url || profile(href, base);
    }
    return found;
  };

  /**
   * A person of what a reader found, or null where there is no name to call them by.
   * @param {object} draft any of a person's members, unchecked
   * @param {string} source the reader's name
   * @param {string} base the page's address
   * @param {Element} at where on the page
   */
  const person = (draft, source, base, at) => {
    const first = tools.line(draft.first_name);
    const last = tools.line(draft.last_name);
    const name = tools.nameOf(draft.full_name || `${first} ${last}`);
    if (!/\p{L}/u.test(name)) return null;
    const out = { full_name: name };
    const put = (key, value) => {
      if (value) out[key] = value;
    };
    put("first_name", first);
    put("last_name", last);
    put("title", tools.line(draft.title));
    put("company", tools.line(draft.company));
    put("company_domain", tools.line(draft.company_domain, 253).toLowerCase());
    put("linkedin_url", profile(draft.linkedin_url, base) || (draft.sameAs || []).slice(0, 20).map((u) => profile(u, base)).find(Boolean) || profile(draft.url, base));
    const emails = distinct(draft.emails, email);
    const phones = distinct(draft.phones, phone);
    if (emails.length) out.emails = emails;
    if (phones.length) out.phones = phones;
    put("url", link(draft.url, base));
    if (!out.company_domain && emails.length) {
      const domain = emails[0].split("@")[1];
      if (!FREEMAIL.test(domain)) out.company_domain = domain;
    }
    out.source = source;
    return { person: out, at };
  };

  Object.assign(tools, { link, hostOf, siteDomain, profile, email, phone, contacts, person });
})();
