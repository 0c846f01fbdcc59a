package contactfile

import (
	"regexp"
	"slices"
	"strings"
)

// The formats that a file may be understood as.
const (
	FormatDirectory  = "directory"  // our own columns
	FormatTable      = "table"      // any other header
	FormatLinkedIn   = "linkedin"   // Connections.csv of LinkedIn's data export
	FormatSalesforce = "salesforce" // leads or contacts, by labels or by API names
	FormatHubSpot    = "hubspot"    // contacts
	FormatGoogle     = "google"     // Google Contacts, either generation
	FormatVCard      = "vcard"
	FormatNDJSON     = "ndjson"
)

// formatAliases mean what they mean in the files of one product alone.
var formatAliases = map[string]map[string]column{
	FormatLinkedIn: {"url": linkedInURL},
	FormatSalesforce: {
		"leadid": id, "contactid": id, "id": id, "website": website, "city": city, "state": region, "stateprovince": region, "mailingcity": city,
		"mailingstate": region, "mailingstateprovince": region, "mailingcountry": country, "otherphone": phone, "name": fullName,
	},
	FormatHubSpot: {
		"recordid": id, "contactid": id, "vid": id, "websiteurl": website, "website": website, "city": city, "stateregion": region, "state": region,
		"linkedinbio": linkedInURL, "hslinkedinurl": linkedInURL, "associatedcompany": company, "primaryassociatedcompany": company,
	},
	FormatGoogle: {
		"name": fullName, "organizationname": company, "organizationtitle": title, "organization1name": company, "organization1title": title,
		"address1city": city, "address1region": region, "address1country": country, "notes": extra, "photo": left, "labels": extra, "groupmembership": extra,
	},
}

// googleNumbered is a column of which Google writes as many as it needs, each
// beside one that says its type: "Phone 2 - Value" and "Phone 2 - Type", or Label.
var googleNumbered = regexp.MustCompile(`^(e-?mail|phone|website) (\d{1,3}) - (value|type|label)$`)

// customColumn is a field that Google's users name themselves, in the label beside it.
var customColumn = regexp.MustCompile(`^(custom field \d{1,3}) - (label|type|value)$`)

// typeColumn is one that says what kind the value of another column is: "Phone 1 - Type",
// "Phone 2 Type".
var typeColumn = regexp.MustCompile(`^(.+?)[ -]+(?:type|label|typ|tipo)$`)

// connected heads the date in LinkedIn's Connections.csv, in its languages.
var connected = []string{"connectedon", "verbundenam", "connectele", "conectadoel", "conectadoem", "collegatoil", "verbondenop", "nawiazanokontakt", "kontaktdatum"}

// formatOf tells whose file a header is of, by the columns that no other has.
func formatOf(header []string) string {
	names := map[string]bool{}
	canonical, google := 0, false
	for _, h := range header {
		if columnNamed(columnName(h)) != extra {
			canonical++
		}
		names[squash(h)] = true
		m := googleNumbered.FindStringSubmatch(strings.ToLower(strings.TrimSpace(h)))
		google = google || m != nil && m[1] != "website"
	}
	has := func(all ...string) bool {
		for _, n := range all {
			if !names[n] {
				return false
			}
		}
		return true
	}
	any := func(some ...string) bool {
		for _, n := range some {
			if names[n] {
				return true
			}
		}
		return false
	}
	// "First Name" and "Email" alone are anybody's.
	named := has("firstname", "lastname") || has("lastname") || has("fullname") || has("name")
	switch {
	case slices.ContainsFunc(connected, func(name string) bool { return names[name] }) && has("url"):
		return FormatLinkedIn
	case google:
		return FormatGoogle
	case named && any("recordid", "hubspotid", "lifecyclestage", "marketingcontactstatus", "hsobjectid", "vid"), named && has("emailaddress", "companyname", "jobtitle"):
		return FormatHubSpot
	case named && any("leadid", "contactid", "leadsource", "leadstatus", "companyaccount", "mailingcity", "mailingcountry", "accountid", "emailoptout", "hasoptedoutofemail"),
		named && has("accountname"), rawHas(header, "FirstName", "LastName") && any("mobilephone", "company", "phone"):
		return FormatSalesforce
	case canonical == len(header) || canonical >= 3 && any("linkedinurl", "workemail", "workphones", "mobilephones", "personalemails", "companydomain"):
		return FormatDirectory
	}
	return FormatTable
}

func rawHas(header []string, names ...string) bool {
	found := 0
	for _, h := range header {
		for _, n := range names {
			if strings.TrimSpace(h) == n {
				found++
			}
		}
	}
	return found == len(names)
}
