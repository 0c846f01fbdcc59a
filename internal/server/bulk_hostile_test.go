package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// Namesakes who are suppressed leave the others as many as they are: nobody becomes the only one
// because a reading of a few owners had the suppressed among them (rules C7 and C12).
func TestNamesakesWhoAreSuppressed(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		const many = 7
		var file strings.Builder
		file.WriteString("full_name,company,linkedin_url,work_phones\n")
		for n := range many {
			fmt.Fprintf(&file, "Kim Many,Manyco,https://linkedin.com/in/kim-many-%d,+4420794610%02d\n", n, n)
		}
		w.load("text/csv", file.String())
		var ids []string
		for n := range many {
			ids = append(ids, w.post(w.operator, client.In(ws, "lookups"), is{"person": profile(fmt.Sprint("kim-many-", n))}, 200)["person"].(is)["id"].(string))
		}
		kim := is{"full_name": "Kim Many", "company": "Manyco"}
		for left := many; left > 0; left-- {
			want := 409
			if left == 1 {
				want = 200
			}
			w.post(w.operator, client.In(ws, "captures"), is{"person": kim, "fields": []string{"work_phone"}}, want)
			job := w.post(w.operator, client.In(ws, "bulk-captures"), is{"people": []is{kim}, "fields": []string{"work_phone"}, "confirm_above": 0}, 202)
			kind := "ambiguous"
			if left == 1 {
				kind = "owned"
			}
			w.same(fmt.Sprint("found of ", left), fmt.Sprint(job["found"].(is)[kind]), "1")
			w.post(w.operator, "/v1/directory/suppressions", is{"person": ids[many-left]}, 201)
		}
		w.post(w.operator, client.In(ws, "captures"), is{"person": kim, "fields": []string{"work_phone"}}, 404)
	})
}

// A row that names somebody of an earlier row by an address is charged for the address: at most
// says so (rule C13).
func TestAtMostCountsFurtherAddresses(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		w.load("text/csv", "full_name,company,linkedin_url,personal_emails\nAda Twice,Bco,https://linkedin.com/in/twice,ada@home.example\n")
		person := profile("twice")
		beside := is{"linkedin_url": person["linkedin_url"], "email": "ada@home.example"}
		job := w.post(w.operator, client.In(ws, "bulk-captures"), is{"people": []is{person, beside}, "fields": []string{"work_phone"}, "confirm_above": 0}, 202)
		w.same("status", job["status"], "waiting")
		most := job["estimate"].(is)["standard"].(is)["max"]
		w.working(func() {
			path := client.In(ws, "bulk-captures", job["id"].(string))
			w.post(w.operator, path+"/resume", nil, 200)
			done := w.until(w.operator, path, func(job is) bool { return job["status"] == "done" })
			if charged := done["charged"].(is)["standard"]; fmt.Sprint(charged) != "1" || fmt.Sprint(most) < fmt.Sprint(charged) {
				w.Errorf("charged %v, at most %v", charged, most)
			}
		})
	})
}

// An estimate says of an address on the suppression list what it says of one that nobody has: its
// row is there, and so is that of the other (rule C13).
func TestEstimatesTellNothingOfSuppressedAddresses(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		w.post(w.operator, "/v1/directory/suppressions", is{"email": "gone@elsewhere.example"}, 201)
		job := w.post(w.operator, client.In(ws, "bulk-captures"), is{"people": []is{{"email": "gone@elsewhere.example"}, {"email": "nobody@elsewhere.example"}}, "fields": []string{"work_phone"}, "confirm_above": 0}, 202)
		path := client.In(ws, "bulk-captures", job["id"].(string))
		alike := func(when string) {
			rows := w.results(path)
			if len(rows) != 2 {
				w.Fatalf("%s there are %d rows of 2", when, len(rows))
			}
			for name, value := range rows[0] {
				if name != "row" && name != "email" && value != rows[1][name] {
					w.Errorf("%s %s is %q of one who is suppressed, %q of one whom nobody knows", when, name, value, rows[1][name])
				}
			}
		}
		alike("before the start")
		w.working(func() {
			w.post(w.operator, path+"/resume", nil, 200)
			w.until(w.operator, path, func(job is) bool { return job["status"] == "done" })
		})
		alike("afterwards")
	})
}

// A total is of amounts that the workspace could pay.
func TestTotalsAreOfWhatIsSold(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		for _, amounts := range [][]is{{{"gold": 1}}, {{"standard": -1}}, {{"standard": "1"}}} {
			w.call(w.operator, http.MethodPost, client.In(ws, "totals"), is{"amounts": amounts}, 400)
		}
		many := make([]is, 1000)
		for n := range many {
			many[n] = is{"standard": 1_000_000_000}
		}
		total := w.post(w.operator, client.In(ws, "totals"), is{"amounts": many}, 200)["total"].(is)["standard"]
		w.same("a thousand of the largest", fmt.Sprint(total), "1e+12")
	})
}
