package server_test

import (
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// A lead disappears only for those who may delete it, by deleting and by merging: a
// member their own, a manager and an admin any.
func TestWhoMayLetALeadDisappear(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", `id,full_name,company,linkedin_url,work_phones
d1,Dee Two,Twins,https://linkedin.com/in/dee-1,+442079460401
d2,Dee Two,Twins,https://linkedin.com/in/dee-2,+442079460402
`)
		for _, c := range []struct {
			who          string
			mine, merges bool // whether the lead that disappears is their own
			role         string
		}{
			{"a member, their own", true, true, "member"}, {"a member, a colleague's", false, false, "member"},
			{"a manager, a colleague's", false, true, "manager"}, {"an admin, a colleague's", false, true, "admin"},
		} {
			for _, verb := range []string{"merge", "delete", "page"} {
				ws := w.workspace("pro", 2, nil)
				_, ada := w.member(ws, "Ada")
				id := w.newMember(ws, "bob@acme.example", "Bob", c.role)
				bob := w.as(w.post(w.operator, client.In(ws, "keys"), is{"name": "b", "role": "member", "member": id}, 201)["key"].(string))
				take := func(by *client.Client, who string) string {
					return w.post(by, client.In(ws, "captures"), is{"person": profile(who), "fields": []string{"work_phone"}}, 200)["lead"].(string)
				}
				owner := ada
				if c.mine {
					owner = bob
				}
				keep, other := take(ada, "dee-1"), take(owner, "dee-2")
				status := map[bool]int{true: 200, false: 403}[c.merges]
				if c.role != "member" && verb == "merge" {
					status = 200 // a member's key acts with the member's rights or less
					bob = w.operator
				}
				before := w.sheetState(ws)
				switch verb {
				case "merge":
					w.post(bob, client.In(ws, "leads", keep, "merge"), is{"other": other}, status)
				case "page":
					v := w.signedInAs(ws, id)
					v.get("/leads/" + keep)
					if c.merges {
						v.has("Merge into this lead")
					} else {
						v.lacks("Merge into this lead")
					}
					v.post("/leads/"+keep+"/merge", "other", other)
				case "delete":
					w.signedInAs(ws, id).post("/leads/chosen/do", "do", "delete", "leads", other)
				}
				if after := w.sheetState(ws); (after != before) != c.merges {
					w.Errorf("%s, %s: changed %v\n%s", c.who, verb, after != before, after)
				}
			}
		}
	})
}
