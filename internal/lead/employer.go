package lead

import "strings"

// Moved tells that two statements about one person name different employers. Names alone
// differ for many reasons (a brand, a parent company, a legal form), so a domain in common
// is one employer, and a name that begins the other as well.
func Moved(a, b Person) bool {
	if a.CompanyDomain != "" && b.CompanyDomain != "" {
		return !under(a.CompanyDomain, b.CompanyDomain) && !under(b.CompanyDomain, a.CompanyDomain) && !sameCompany(a.Company, b.Company)
	}
	return a.Company != "" && b.Company != "" && !sameCompany(a.Company, b.Company)
}

// sameCompany tells company names of which one begins the other.
func sameCompany(a, b string) bool {
	a, b = CompanyKey(a), CompanyKey(b)
	return a != "" && b != "" && (strings.HasPrefix(a+" ", b+" ") || strings.HasPrefix(b+" ", a+" "))
}

// LeftBehind tells whether an address of a person's was the employer's whom they left:
// one at the domain of the old employer or, where that is not known, one that looks like
// an address at work and is not at the new employer's.
func LeftBehind(v Value, old, now Person) bool {
	if v.Field != WorkEmail || v.Status == Bounced || v.Status == Former || v.Mailbox.Shared() {
		return false
	}
	_, domain, _ := strings.Cut(v.Value, "@")
	if now.CompanyDomain != "" && under(domain, now.CompanyDomain) || freeMail[domain] || named(domain, now.Company) {
		return false
	}
	return old.CompanyDomain == "" || under(domain, old.CompanyDomain)
}

// named tells that a domain carries a company's name.
func named(domain, company string) bool {
	label, _, _ := strings.Cut(domain, ".")
	key := strings.ReplaceAll(CompanyKey(company), " ", "")
	return len(key) > 2 && (strings.Contains(strings.ReplaceAll(label, "-", ""), key) || len(label) > 2 && strings.Contains(key, label))
}
