package server_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// Somebody of whom nothing but a name and a company was known stays erased, however the two
// are written; a namesake elsewhere, one who has a key, and one who was there before don't go
// with them (rule C12).
func TestErasedByNameAlone(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		const head = "full_name,title,company,company_domain,linkedin_url,work_phones\n"
		row := func(text string) string { return fmt.Sprint(w.load("text/csv", head+text+"\n")["imported"]) }
		w.same("in", row("Grace Only,,Onlyco GmbH,,,"), "1")
		id := w.post(w.operator, client.In(ws, "lookups"), is{"person": called("Grace Only", "Onlyco")}, 200)["person"].(is)["id"].(string)
		w.same("another row of that name", row("Grace Only,Twin,Onlyco GmbH,,,"), "1") // a person of their own
		w.call(w.operator, http.MethodDelete, "/v1/directory/people/"+id, nil, 204)
		for _, c := range []struct{ row, imported string }{
			{"Grace Only,,Onlyco GmbH,,,", "0"},
			{"grace  ONLY,,Onlyco,,,", "0"},
			{"Dr. Grace Only,,onlyco gmbh,,,", "0"},
			{"Grace Only,CTO,Onlyco GmbH,,,", "0"},
			{"Grace Only,,Onlyco GmbH,,,+493012345678", "0"},
			{"Grace Only,Twin,Onlyco GmbH,,,", "1"}, // is kept already
			{"Grace Only,,Otherco,,,", "1"},
			{"Gregor Only,,Onlyco GmbH,,,", "1"},
			{"Grace Only,,Onlyco GmbH,,https://linkedin.com/in/grace-only-2,", "1"},
		} {
			w.same(c.row, row(c.row), c.imported)
		}
		w.post(w.operator, client.In(ws, "lookups"), is{"person": profile("grace-only-2")}, 200)
		w.post(w.operator, client.In(ws, "lookups"), is{"person": called("Grace Only", "Otherco")}, 200)
		w.same("of that name and company", w.post(w.operator, client.In(ws, "lookups"), is{"person": called("Grace Only", "Onlyco")}, 409)["code"], "conflict") // the twin and the one with a profile
	})
}
