package server_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// bulkChild tells the test binary that it is a server that works on bulk captures
// until it is killed; it holds the database's address.
const bulkChild = "LEADMETER_BULK_CHILD"

func runBulkChild() int {
	s, err := server.Open(ctx, server.Config{Database: os.Getenv(bulkChild)})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	s.Bulk.Lease = time.Second
	if s.Store.Engine() == "sqlite" {
		if err := s.Bulk.Recover(ctx); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	s.Bulk.Work(ctx)
	return 0
}

// crowd is a file of so many people: a third has a direct dial, a third only the
// company's main line, a third no phone at all.
func crowd(n int) string {
	var b strings.Builder
	b.WriteString("id,full_name,company,company_domain,company_phone,linkedin_url,work_phones,country\n")
	for i := range n {
		phone := ""
		switch i % 3 {
		case 0:
			phone = fmt.Sprintf("+1202%07d", 2000000+i)
		case 1:
			phone = "+12025550100"
		}
		fmt.Fprintf(&b, "c%d,Person %c%c%c,Crowd,crowd.example,+12025550100,https://linkedin.com/in/crowd-%d,%s,US\n", i, 'A'+i%26, 'a'+i/26%26, 'a'+i/676%26, i, phone)
	}
	return b.String()
}

// asked is a bulk capture's people: everybody of the crowd, every tenth twice, and
// some whom nobody knows.
func asked(n int) (people []is, dials int) {
	for i := range n {
		one := is{"linkedin_url": fmt.Sprintf("linkedin.com/in/crowd-%d", i)}
		people = append(people, one)
		if i%3 == 0 {
			dials++
		}
		if i%10 == 0 {
			people = append(people, one)
		}
		if i%50 == 0 {
			people = append(people, is{"linkedin_url": fmt.Sprintf("linkedin.com/in/nobody-%d", i)})
		}
	}
	return people, dials
}

// working lets the server's own worker run while fn does.
func (w *world) working(fn func()) {
	w.Helper()
	run, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.server.Bulk.Work(run)
	}()
	defer func() { // also when fn ends the test
		stop()
		<-done
	}()
	fn()
}

// until reads a job until it has a status.
func (w *world) until(c *client.Client, path string, want func(job is) bool) is {
	w.Helper()
	end := time.Now().Add(time.Minute)
	for {
		job := w.get(c, path)
		if want(job) {
			return job
		}
		if time.Now().After(end) {
			w.Fatalf("the job does not get there: %v", job)
		}
		time.Sleep(2 * time.Millisecond) // between two looks at what another goroutine does
	}
}

func status(want string) func(is) bool { return func(job is) bool { return job["status"] == want } }

// results reads a job's results, a map a row.
func (w *world) results(path string) (rows []map[string]string) {
	w.Helper()
	var text []byte
	if _, err := w.operator.Do(ctx, http.MethodGet, path+"/results.csv", "", nil, &text); err != nil {
		w.Fatal(err)
	}
	all, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		w.Fatal(err)
	}
	for _, cells := range all[1:] {
		row := map[string]string{}
		for n, name := range all[0] {
			row[name] = cells[n]
		}
		rows = append(rows, row)
	}
	return rows
}

// paid is what a workspace was charged by its ledger, in whole credits.
func (w *world) paid(ws string) (charges int) {
	w.Helper()
	err := w.server.Store.View(ctx, func(tx *store.Tx) error {
		return tx.Entries().EachUp(ws, func(e store.Entry) error {
			if e.Kind == credits.KindCharge {
				charges++
				if e.Amount != int64(credits.Credit) || e.Channel != "bulk" {
					return fmt.Errorf("an odd charge: %+v", e)
				}
			}
			return nil
		})
	})
	if err != nil {
		w.Fatal(err)
	}
	return charges
}

// A server that is killed five times while it works on ten thousand rows charges
// exactly what it delivers: rules C8, C9.
func TestBulkKilled(t *testing.T) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			people := 2680 // 3,000 rows
			if testing.Short() {
				people = 900
			}
			address := testdb.Address(t, engine)
			w := open(t, address)
			w.load("text/csv", crowd(people))
			ws := w.post(w.operator, "/v1/workspaces", is{"name": "Many", "plan": "enterprise", "seats": 20}, 201)["id"].(string)
			list, dials := asked(people)
			job := w.post(w.operator, client.In(ws, "bulk-captures"), is{"people": list, "fields": []string{"work_phone"}, "confirmed": true, "list": "Crowd"}, 202)
			path := client.In(ws, "bulk-captures", job["id"].(string))
			w.same("estimate", job["estimate"].(is)["standard"].(is)["max"], dials)
			for kill := range 5 {
				child := exec.Command(os.Args[0], "-test.run=^$")
				child.Env = append(os.Environ(), bulkChild+"="+address)
				child.Stdout, child.Stderr = os.Stderr, os.Stderr
				if err := child.Start(); err != nil {
					t.Fatal(err)
				}
				w.until(w.operator, path, func(j is) bool { return j["done"].(float64) >= float64(len(list)*(kill+1)/7) })
				_ = child.Process.Kill()
				_ = child.Wait()
			}
			t.Logf("killed five times after %v of %d rows", w.get(w.operator, path)["done"], len(list))
			w.server.Bulk.Lease = time.Second
			if engine == "sqlite" {
				if err := w.server.Bulk.Recover(ctx); err != nil {
					t.Fatal(err)
				}
			}
			var end is
			w.working(func() { end = w.until(w.operator, path, status("done")) })
			w.same("rows done", end["done"], len(list))
			charged := 0
			for _, row := range w.results(path) {
				if row["work_phone_outcome"] == "charged" {
					charged++
				}
				if row["status"] == "waiting" {
					t.Errorf("row %s was left out", row["row"])
				}
			}
			w.same("charged by the results", charged, dials)
			w.same("charged by the job", end["charged"].(is)["standard"], dials)
			w.same("charged by the ledger", w.paid(ws), dials)
			w.same("nothing held", w.credit(ws, "standard")["held"], 0)
			w.verify()
		})
	}
}

// Stop stops before the next row: when it has returned nothing is charged any more.
func TestBulkStop(t *testing.T) {
	testdb.Slow(t)
	start(t, func(w *world) {
		w.load("text/csv", crowd(600))
		ws := w.workspace("enterprise", 1, nil)
		list, _ := asked(600)
		for range 3 {
			job := w.post(w.operator, client.In(ws, "bulk-captures"), is{"people": list, "fields": []string{"work_phone"}, "confirmed": true}, 202)
			path := client.In(ws, "bulk-captures", job["id"].(string))
			w.working(func() {
				w.until(w.operator, path, func(j is) bool { return j["done"].(float64) > 0 })
				stopped := w.post(w.operator, path+"/cancel", nil, 200)
				w.same("status", stopped["status"], "cancelled")
				before := w.paid(ws)
				after := w.get(w.operator, path)
				w.same("rows after it stopped", after["done"], stopped["done"])
				w.server.Bulk.Recover(ctx)        // nobody has it; nobody takes it up
				time.Sleep(50 * time.Millisecond) // what is tried is that nothing happens
				w.same("charged after it stopped", w.paid(ws), before)
				w.same("stopped stays stopped", w.get(w.operator, path)["status"], "cancelled")
			})
			w.post(w.operator, path+"/resume", nil, 409)
		}
		w.same("held", w.credit(ws, "standard")["held"], 0)
	})
}

// A job that runs out of credits pauses, says why, and continues after the refill
// only if it was told to.
func TestBulkPauses(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", crowd(90))
		ws := w.workspace("free", 1, nil) // 15 a week
		list, dials := asked(90)          // 30 direct dials
		begin := func(more is) string {
			body := is{"people": list, "fields": []string{"work_phone"}, "confirmed": true}
			for k, v := range more {
				body[k] = v
			}
			return client.In(ws, "bulk-captures", w.post(w.operator, client.In(ws, "bulk-captures"), body, 202)["id"].(string))
		}
		first, second := begin(nil), ""
		w.working(func() {
			job := w.until(w.operator, first, status("paused"))
			w.same("all that there was", job["charged"].(is)["standard"], 15)
			if job["message"] == "" || job["refills_at"] == nil {
				w.Errorf("it does not say why: %v", job)
			}
			w.advance(w.now.Add(7 * 24 * time.Hour))
			second = begin(is{"resume_after_refill": true})
			job = w.until(w.operator, second, status("done")) // 15 are owned, 15 are bought
			w.same("not by itself", w.get(w.operator, first)["status"], "paused")
			w.same("the second week's", job["charged"].(is)["standard"], dials-15)
		})
	})
	start(t, func(w *world) {
		w.load("text/csv", crowd(90))
		ws := w.workspace("free", 1, nil)
		list, dials := asked(90)
		job := w.post(w.operator, client.In(ws, "bulk-captures"), is{"people": list, "fields": []string{"work_phone"}, "confirmed": true, "resume_after_refill": true}, 202)
		path := client.In(ws, "bulk-captures", job["id"].(string))
		w.working(func() {
			w.until(w.operator, path, status("paused"))
			w.advance(w.now.Add(7 * 24 * time.Hour))
			job = w.until(w.operator, path, func(j is) bool { return j["done"].(float64) == j["rows"].(float64) })
		})
		w.same("all of them, over two weeks", job["charged"].(is)["standard"], dials)
		w.same("by the ledger", w.paid(ws), dials)
	})
}

// What it may cost is said first; above an amount it waits; a cap is never passed;
// bad rows are named and the rest goes in; each sees only what is theirs.
func TestBulkConfirmCapAndFile(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", crowd(60))
		ws := w.workspace("pro", 1, nil)
		file := "full_name,company_domain,linkedin_url\nPerson Aaa,crowd.example,https://linkedin.com/in/crowd-0\n,,\nNobody Here,nowhere.example,\nOnly A Name,,\n=Person Daa|' /C calc'!A0,,https://linkedin.com/in/crowd-3\n"
		var out is
		if _, err := w.operator.Do(ctx, http.MethodPost, client.In(ws, "bulk-captures")+"?fields=work_phone&confirm_above=1", "k1", client.File{Type: "text/csv", Content: strings.NewReader(file)}, &out); err != nil {
			w.Fatal(err)
		}
		path := client.In(ws, "bulk-captures", out["id"].(string))
		w.same("it waits", out["status"], "waiting")
		w.same("it may cost", out["estimate"].(is)["standard"].(is)["max"], 2)
		var again is
		if _, err := w.operator.Do(ctx, http.MethodPost, client.In(ws, "bulk-captures")+"?fields=work_phone&confirm_above=1", "k1", client.File{Type: "text/csv", Content: strings.NewReader(file)}, &again); err != nil {
			w.Fatal(err)
		}
		w.same("once under its key", again["id"], out["id"])
		_, stranger := w.member(ws, "Eve")
		w.post(stranger, path+"/resume", nil, 404)
		other := w.workspace("pro", 1, nil)
		w.call(w.operator, http.MethodGet, client.In(other, "bulk-captures", out["id"].(string)), nil, 404)
		w.working(func() {
			w.same("nothing yet", w.paid(ws), 0)
			w.post(w.operator, path+"/resume", nil, 200)
			w.until(w.operator, path, status("done"))
		})
		rows := w.results(path)
		w.same("rows", len(rows), 4)
		w.same("first", rows[0]["work_phone_outcome"], "charged")
		if rows[0]["work_phone"] == "" || rows[0]["lead"] == "" {
			w.Errorf("%v", rows[0])
		}
		w.same("nobody", rows[1]["status"], "nobody")
		w.same("a name alone", rows[2]["status"], "failed")
		if !strings.Contains(rows[2]["message"], "company") || strings.HasPrefix(rows[3]["full_name"], "=") {
			w.Errorf("%v\n%v", rows[2], rows[3])
		}

		list, _ := asked(60)
		capped := w.post(w.operator, client.In(ws, "bulk-captures"), is{"people": list, "fields": []string{"work_phone"}, "confirmed": true, "cap": is{"standard": 5}}, 202)
		path = client.In(ws, "bulk-captures", capped["id"].(string))
		w.working(func() {
			job := w.until(w.operator, path, status("paused"))
			w.same("at its cap", job["charged"].(is)["standard"], 5)
			w.post(w.operator, path+"/resume", is{"cap": is{"standard": 7}}, 200)
			w.until(w.operator, path, func(j is) bool { return j["status"] == "paused" && j["charged"].(is)["standard"] == 7.0 })
			w.post(w.operator, path+"/cancel", nil, 200)
		})
		for _, bad := range []struct {
			body any
			says string
		}{
			{is{"people": []is{}}, "people"}, {is{"people": list, "fields": []string{"fax"}}, "fields"}, {is{"poeple": list}, "poeple"},
			{is{"people": list, "cap": is{"standard": "x"}}, "cap.standard"}, {is{"people": list, "cap": is{"gold": 1}}, "cap.gold"}, {is{"people": list, "member": "mem_none"}, "member"},
		} {
			_, err := w.operator.Do(ctx, http.MethodPost, client.In(ws, "bulk-captures"), "", bad.body, nil)
			if p, ok := err.(*client.Problem); !ok || p.Status != 400 && p.Status != 404 || !strings.Contains(p.Detail+fmt.Sprint(p.Errors), bad.says) {
				w.Errorf("%v: %v", bad.says, err)
			}
		}
	})
}
