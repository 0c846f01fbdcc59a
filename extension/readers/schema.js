/**
 * schema.org's Person, however it is written. JSON-LD, microdata and RDFa bring their items
 * into one shape, { types: string[], get(name) → (string | item)[], at }, and this reads it.
 */
(() => {
  "use strict";
  const { tools } = globalThis.leadmeterReaders;

  const EMPLOYER = ["worksFor", "affiliation", "memberOf", "brand"];
  /** Members of an organisation that are people who work there. */
  const STAFF = new Set(["employee", "employees", "founder", "founders", "member", "members"]);

  /** "Person" of "http://schema.org/Person", "schema:Person" and "Person". */
  const bare = (type) => (typeof type === "string" ? type.slice(0, 200).replace(/^https?:\/\/(?:www\.)?schema\.org\//i, "").replace(/^schema:/i, "") : "");

  const is = (item, type) => item.types.some((t) => bare(t) === type);
  const isPerson = (item) => is(item, "Person") || is(item, "Patient");
  const isCompany = (item) => item.types.some((t) => /Organization$|Business$|Corporation$|^(?:NGO|School|CollegeOrUniversity|Airline|Store|Hospital|Consortium|Project)$/.test(bare(t)));

  const texts = (item, name) => item.get(name).map((v) => (typeof v === "string" ? v : v.get("name").find((n) => typeof n === "string") || "")).filter(Boolean);
  const first = (item, ...names) => {
    for (const name of names) {
      const found = texts(item, name)[0];
      if (found) return found;
    }
    return "";
  };

  /** The company that a person's item names: a text, an organisation, or a role that wraps one. */
  const employer = (item, depth = 0) => {
    for (const name of EMPLOYER) {
      for (const value of item.get(name)) {
        if (typeof value === "string") {
          if (!/^https?:/i.test(value)) return { company: value, domain: "", title: "" };
          continue;
        }
        if (value.types.some((t) => /Role$/.test(bare(t))) && depth < 3) {
          const inner = employer(value, depth + 1);
          return { ...inner, title: inner.title || first(value, "roleName", "namedPosition", "jobTitle") };
        }
        const company = first(value, "name", "legalName");
        const domain = tools.siteDomain(first(value, "url", "sameAs"));
        if (company || domain) return { company, domain, title: "" };
      }
    }
    return { company: "", domain: "", title: "" };
  };

  /**
   * What a Person item says, for tools.person.
   * @param {object} item of the shape above
   * @param {{company: string, domain: string}} [within] the organisation whose member it is
   */
  const draft = (item, within) => {
    const job = employer(item);
    const points = item.get("contactPoint").filter((v) => typeof v !== "string").slice(0, 5);
    return {
      full_name: first(item, "name"),
      first_name: first(item, "givenName"),
      last_name: first(item, "familyName"),
      title: first(item, "jobTitle", "hasOccupation", "roleName") || job.title,
      company: job.company || within?.company || "",
      company_domain: job.domain || (job.company ? "" : within?.domain) || "",
      sameAs: item.get("sameAs").filter((v) => typeof v === "string"),
      emails: [...texts(item, "email"), ...points.flatMap((p) => texts(p, "email"))],
      phones: [...texts(item, "telephone"), ...points.flatMap((p) => texts(p, "telephone"))],
      url: item.get("url").find((v) => typeof v === "string") || "",
    };
  };

  /** The organisation that an item is, for the people that it names as its own; null: none. */
  const company = (item) => (isCompany(item) ? { company: first(item, "name", "legalName"), domain: tools.siteDomain(first(item, "url")) } : null);

  tools.schema = { bare, isPerson, isCompany, STAFF, draft, company };
})();
