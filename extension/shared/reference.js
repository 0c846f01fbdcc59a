/**
 * How the server is told whom somebody means: what it can match by, and nothing else that
 * a page said. Null where a name stands alone.
 * @param {object} person as the readers tell of one
 * @param {string} [company] typed by the user, for people whose page names none
 */
export const reference = (person, company = "") => {
  const ref = {};
  if (person.linkedin_url) ref.linkedin_url = person.linkedin_url;
  if (person.emails?.[0]) ref.email = person.emails[0];
  const firm = person.company || (person.company_domain ? "" : company.trim());
  if (firm || person.company_domain) {
    ref.full_name = person.full_name;
    if (firm) ref.company = firm;
    if (person.company_domain) ref.company_domain = person.company_domain;
  }
  return Object.keys(ref).length > 0 ? ref : null;
};
