package server_test

import (
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// A role address that a source gives is nobody's own, whatever the source says of it:
// shown and free among the work emails, and no personal email (rule C5).
func TestRoleAddressesOfSources(t *testing.T) {
	withSources(t, func(w *world, u *upstream) {
		ws := w.workspace("pro", 1, nil)
		for n, c := range []struct{ says, email, status string }{
			{`"email":"info@dsk.example","quality":"ok"`, "info@dsk.example", "likely"},
			{`"email":"Ventas@dsk.example","quality":"ok"`, "ventas@dsk.example", "likely"},
			{`"private":"sales@dsk.example"`, "sales@dsk.example", ""},
			{`"email":"x1@mailinator.com","quality":"ok"`, "x1@mailinator.com", "unverified"},
			{`"email":"email_not_unlocked@domain.com","quality":"ok"`, "", ""},
		} {
			u.say(200, `{"state":"done","name":"Desk Person",`+c.says+`}`)
			a := w.post(w.operator, client.In(ws, "captures"), is{"person": profile("dsk" + "abcde"[n:n+1]), "fields": []string{"work_email", "personal_email"}}, map[bool]int{true: 200, false: 404}[c.email != ""])
			w.same(c.says+": used", w.credit(ws, "standard")["used"], 0)
			w.idle(ws)
			if c.email == "" {
				continue
			}
			w.same(c.says, w.outcome(a, "work_email"), "not_verified")
			w.same(c.says+": personal", w.outcome(a, "personal_email"), "not_found")
			v := a["fields"].(is)["work_email"].(is)["values"].([]any)[0].(is)
			w.same("value", v["value"], c.email)
			if got, _ := v["status"].(string); !strings.Contains(got, c.status) || got == "verified" {
				t.Errorf("%s is %s, want %s", c.email, got, c.status)
			}
		}
	})
}
