package contactfile

import (
	"strings"
	"testing"
)

// What sources print in lists and objects is read as a column would be, each by the form that
// its documentation shows.
func TestNestedNDJSON(t *testing.T) {
	for _, c := range []struct{ source, line, want string }{
		{"https://docs.apollo.io/reference/people-enrichment", `{"person":{"first_name":"Ada","last_name":"King","organization":{"name":"Acme","primary_domain":"acme.io","sanitized_phone":"+12022243100"},"contact":{"contact_emails":[{"email":"ada@acme.io","email_status":"verified"}],"phone_numbers":[{"raw_number":"(202) 224-3121","sanitized_number":"+12022243121","type":"mobile","status":"valid_number"},{"sanitized_number":"+12022243122","type":"work_hq"},{"sanitized_number":"+12022243123","type":"work_direct"}]}}}`,
			"01 Ada King company:\"Acme\" domain:\"acme.io\" line:\"+12022243100\" work_email=ada@acme.io mobile_phone=+12022243121 work_phone=+12022243123"},
		{"https://docs.rocketreach.co/reference/people-lookup-api", `{"name":"Ada King","current_employer":"Acme","emails":[{"email":"ada@acme.io","type":"professional","smtp_valid":"valid","last_validation_check":"2026-02-20"},{"email":"ada@home.io","type":"personal","smtp_valid":"valid"}],"phones":[{"number":"+447911123456","type":"mobile","validity":"valid"}]}`,
			"work_email=ada@acme.io/verified 2026-02-20T00:00:00Z personal_email=ada@home.io mobile_phone=+447911123456"},
		{"https://docs.lusha.com/apis/openapi/enrichment", `{"fullName":"Ada King","company":{"name":"Acme","domain":"acme.io"},"emailAddresses":[{"email":"ada@acme.io","emailType":"work"},{"email":"ada@gmail.com","emailType":"private"}],"phoneNumbers":[{"number":"+447911123456","phoneType":"mobile","doNotCall":false},{"number":"+441142726444","phoneType":"direct"}]}`,
			"work_email=ada@acme.io personal_email=ada@gmail.com mobile_phone=+447911123456 work_phone=+441142726444"},
		{"https://hunter.io/api-documentation/v2#email-finder", `{"data":{"first_name":"Ada","last_name":"King","company":"Acme","email":"ada@acme.io","verification":{"date":"2026-02-20","status":"valid"}}}`,
			"work_email=ada@acme.io/verified 2026-02-20T00:00:00Z"},
		{"https://docs.peopledatalabs.com/docs/example-person-record", `{"full_name":"Ada King","job_company_name":"Acme","emails":[{"address":"ada@acme.io","type":"current_professional"},{"address":"ada@home.io","type":"personal"}],"phone_numbers":["+447911123456"],"profiles":[{"network":"linkedin","url":"linkedin.com/in/ada-king"},{"network":"github","url":"github.com/ada"}]}`,
			"work_email=ada@acme.io personal_email=ada@home.io mobile_phone=+447911123456 linkedin.com/in/ada-king"},
		{"a brief", `{"full_name":"Ada King","company":"Acme","emails":[{"email":"a@acme.io","type":"work","status":"valid"},{"email":"b@acme.io","type":"work"}],"phone_numbers":[{"sanitized_number":"+447911123456","type":"mobile"},{"sanitized_number":"+441142726444","type":"work_fax"}]}`,
			"work_email=a@acme.io/verified work_email=b@acme.io mobile_phone=+447911123456"},
		{"its own status beside a list", `{"full_name":"Ada King","company":"Acme","email":"a@acme.io","email_status":"verified","emails":[{"email":"b@acme.io","type":"work"},{"email":"a@acme.io","type":"work"}]}`,
			"work_email=a@acme.io/verified work_email=b@acme.io"},
		{"one object", `{"full_name":"Ada King","company":"Acme","email":{"value":"a@acme.io"},"mobile":{"number":"+447911123456"}}`, "work_email=a@acme.io mobile_phone=+447911123456"},
	} {
		got := account(c.line+"\n", ndjsonType)
		plain := strings.Join(strings.Fields(got), " ")
		for _, want := range strings.Fields(c.want) {
			if !strings.Contains(plain+" ", want) {
				t.Errorf("%s: no %s in\n%s", c.source, want, got)
			}
		}
		if strings.Contains(got, `{"`) || strings.Contains(got, "must be text") || strings.Contains(got, "work_email=b@acme.io/") || strings.Contains(got, "fax") {
			t.Errorf("%s: what is nested was kept as it is\n%s", c.source, got)
		}
	}
}
