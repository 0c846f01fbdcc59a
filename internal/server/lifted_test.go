package server_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/store"
)

// lifting takes a suppression off the list.
func (w *world) lifting(s directory.Suppression) error {
	return w.server.Store.Update(ctx, func(tx *store.Tx) error {
		_, err := w.server.Directory.Unsuppress(tx, s)
		return err
	})
}

// A suppression that is lifted while it is applied hides nobody: at the end somebody is on the
// list or is shown, and a value that is on no list is shown (rule C12).
func TestLiftedWhileItIsApplied(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", `full_name,company,linkedin_url,work_phones
Pam One,Mco,https://linkedin.com/in/m-pam,+442079460401
`)
		ws := w.workspace("pro", 1, nil)
		ask := is{"person": profile("m-pam"), "fields": []string{"work_phone"}}
		first := w.post(w.operator, client.In(ws, "captures"), ask, 200)
		lead, person := client.In(ws, "leads", first["lead"].(string)), first["person"].(is)["id"].(string)
		for _, s := range []directory.Suppression{{Person: person}, {Phone: "+442079460401"}} {
			suppress := func() error {
				if err := w.server.Store.Update(ctx, func(tx *store.Tx) error { return w.server.Directory.Suppress(tx, s) }); err != nil {
					return err
				}
				_, err := w.server.Directory.Apply(ctx, s)
				return err
			}
			took := time.Now()
			if err := suppress(); err != nil {
				w.Fatal(err)
			}
			whole := time.Since(took)
			const rounds = 60
			for n := range rounds {
				if err := w.lifting(s); err != nil {
					w.Fatal(err)
				}
				var both sync.WaitGroup
				var late [2]time.Duration
				late[n%2] = whole * time.Duration(n) / rounds // either is the later one
				for i, do := range []func() error{suppress, func() error { return w.lifting(s) }} {
					both.Go(func() {
						time.Sleep(late[i]) // which comes first is what varies
						if err := do(); err != nil {
							w.Error(err)
						}
					})
				}
				both.Wait()
				var on map[string]int64
				if err := w.server.Store.View(ctx, func(tx *store.Tx) (err error) {
					on, err = tx.Suppressions().Count()
					return err
				}); err != nil {
					w.Fatal(err)
				}
				status, _, _ := w.try(client.In(ws, "captures"), ask)
				var l is
				_, err := w.operator.Do(ctx, http.MethodGet, lead, "", nil, &l)
				listed, hidden := len(on) > 0, err != nil
				if listed != hidden || listed != (status == 404) {
					w.Fatalf("%+v, round %d: on the list %v, the lead is hidden %v, a capture is answered with %d", s, n, on, hidden, status)
				}
				if !listed && len(l["fields"].(is)["work_phone"].(is)["values"].([]any)) != 1 {
					w.Fatalf("%+v, round %d: the lead shows %v", s, n, l["fields"])
				}
			}
			if err := w.lifting(s); err != nil {
				w.Fatal(err)
			}
		}
	})
}
