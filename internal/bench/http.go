package bench

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
)

// RunHTTP measures charges over HTTP, client and server in this process, in turn with an empty
// handler on a net/http server of its own, and with charges by hand where the options say so.
func RunHTTP(ctx context.Context, o Options, batch int, out io.Writer) error {
	h, end, err := serve(ctx, o)
	if err != nil {
		return err
	}
	defer end()
	h.batch = batch
	byHand, err := openHand(ctx, o, h.ids)
	if err != nil {
		return err
	}
	if byHand != nil {
		defer byHand.close()
	}
	fmt.Fprintf(out, "%s over HTTP, %d workspaces, %d charges a request, rounds of %s, medians of %d\n\n", h.store.Engine(), len(h.ids), batch, o.Round, o.Rounds)
	fmt.Fprintf(out, "%8s %12s %10s %10s %14s %10s %8s %12s %8s %10s %8s", "callers", "charges/s", "p50", "p99", "commits/charge", "CPU", "allocs", "empty/s", "of it", "CPU", "allocs")
	if byHand != nil {
		fmt.Fprintf(out, " %14s %8s", "by hand/s", "ratio")
	}
	fmt.Fprintln(out)
	for _, callers := range o.Callers {
		if err := h.step(ctx, callers, byHand, out); err != nil {
			return err
		}
	}
	return nil
}

// step is one line of the table.
func (h *httpBench) step(ctx context.Context, callers int, byHand hand, out io.Writer) error {
	charges, err := dial(callers, h.address)
	if err != nil {
		return err
	}
	defer charges.close()
	empties, err := dial(callers, h.empty)
	if err != nil {
		return err
	}
	defer empties.close()
	made := 0
	if h.batch > 1 {
		made = h.batch
	}
	var ours, empty, theirs []figures
	for range h.Rounds {
		before := h.ledger.Commits()
		f, err := h.round(ctx, callers, func(_ context.Context, n int) error { return charges.post(n, h.charge(n), made) })
		if err != nil {
			return err
		}
		f.flushes = float64(h.ledger.Commits()-before) / max(1, f.perSecond*float64(h.batch)*h.Round.Seconds())
		ours = append(ours, f)
		if f, err = h.round(ctx, callers, func(_ context.Context, n int) error { return empties.post(n, h.charge(n), 0) }); err != nil {
			return err
		}
		empty = append(empty, f)
		if byHand == nil {
			continue
		}
		if f, err = h.handBest(ctx, callers, byHand); err != nil {
			return err
		}
		theirs = append(theirs, f)
	}
	f, n, batch := median(ours), median(empty), float64(h.batch)
	fmt.Fprintf(out, "%8d %12.0f %10s %10s %14.4f %10s %8.1f %12.0f %8.2f %10s %8.1f",
		callers, f.perSecond*batch, short(f.p50), short(f.p99), f.flushes, micro(f.cpu/batch), f.allocs/batch, n.perSecond*batch, f.perSecond/n.perSecond, micro(n.cpu/batch), n.allocs/batch)
	if byHand != nil {
		t := median(theirs)
		fmt.Fprintf(out, " %14.0f %8.2f", t.perSecond, f.perSecond*batch/t.perSecond)
	}
	fmt.Fprintln(out)
	return nil
}

// RunStream measures charges on one connection that stays open, client and server in this
// process, in turn with callers of the ledger on the same database.
func RunStream(ctx context.Context, o Options, out io.Writer) error {
	h, end, err := serve(ctx, o)
	if err != nil {
		return err
	}
	defer end()
	fmt.Fprintf(out, "%s, one stream, rounds of %s, medians of %d\n\n", h.store.Engine(), o.Round, o.Rounds)
	fmt.Fprintf(out, "%8s %12s %10s %10s %14s %12s %8s\n", "in flight", "charges/s", "p50", "p99", "commits/charge", "in process", "of it")
	for _, callers := range o.Callers {
		s := (&client.Client{Server: "http://" + h.address, Key: h.keys[0]}).Stream(ctx, h.ids[0])
		line := func(ctx context.Context, _ int) error {
			_, err := s.Charge(ctx, "", "standard", credits.Credit)
			return err
		}
		var ours, alone []figures
		for range o.Rounds {
			before := h.ledger.Commits()
			f, err := h.round(ctx, callers, line)
			if err != nil {
				return err
			}
			f.flushes = float64(h.ledger.Commits()-before) / max(1, f.perSecond*o.Round.Seconds())
			ours = append(ours, f)
			if f, err = h.round(ctx, callers, h.ours); err != nil {
				return err
			}
			alone = append(alone, f)
		}
		if err := s.Close(); err != nil {
			return err
		}
		f, n := median(ours), median(alone)
		fmt.Fprintf(out, "%8d %12.0f %10s %10s %14.4f %12.0f %8.2f\n", callers, f.perSecond, short(f.p50), short(f.p99), f.flushes, n.perSecond, f.perSecond/n.perSecond)
	}
	return nil
}

// serve opens a server on a port of its own, and beside it one with an empty handler.
func serve(ctx context.Context, o Options) (h *httpBench, end func(), err error) {
	s, err := server.Open(ctx, server.Config{Database: o.Database})
	if err != nil {
		return nil, nil, err
	}
	h = &httpBench{bench: bench{Options: o, store: s.Store, ledger: s.Ledger}}
	if err := h.open(ctx, s); err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	ours, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	beside, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, errors.Join(err, ours.Close(), s.Close())
	}
	served, empty := s.Routes.Server(s.Handler), &http.Server{Handler: http.HandlerFunc(empty)}
	go served.Serve(ours)  // ends with Close
	go empty.Serve(beside) // ends with Close
	h.address, h.empty = ours.Addr().String(), beside.Addr().String()
	return h, func() { served.Close(); empty.Close(); s.Close() }, nil
}

type httpBench struct {
	bench
	batch          int
	address, empty string   // of the two servers
	keys           []string // an admin's, of each workspace
}

// open makes the workspaces, each with an admin's key.
func (h *httpBench) open(ctx context.Context, s *server.Server) error {
	for at, n := 0, h.count(); at < n; at += 1000 {
		err := s.Store.Update(ctx, func(tx *store.Tx) error {
			for range min(1000, n-at) {
				w, err := s.Accounts.CreateWorkspace(tx, account.NewWorkspace{Name: "bench", Plan: "starter", Seats: credits.MaxSeats, TimeZone: "UTC", Anchor: 1, PriceBook: "classic"})
				if err != nil {
					return err
				}
				scope := &account.Scope{Principal: account.Principal{Role: account.Operator}, Workspace: w, Now: time.Now()}
				_, key, err := s.Accounts.CreateKey(tx, scope, account.NewKey{Name: "bench", Role: account.Admin})
				if err != nil {
					return err
				}
				h.ids, h.keys = append(h.ids, w.ID), append(h.keys, key)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// charge is a caller's n-th request, as bytes.
func (h *httpBench) charge(n int) []byte {
	at, first := h.at(n), uuid.Must(uuid.NewV7()).String()
	path, header := "charges", "\r\nIdempotency-Key: "+first
	body := make([]byte, 0, 64+96*h.batch)
	if h.batch <= 1 {
		body = append(body, `{"credit":"standard","amount":1}`...)
	} else { // each line has its own key, in order of time: making it must not cost what is measured
		path, header = "charges/batch", ""
		body = append(body, `{"charges":[`...)
		for n := range h.batch {
			body = append(append(body, `{"credit":"standard","amount":1,"idempotency_key":"`...), first[:len(first)-4]...)
			body = append(hex.AppendEncode(body, []byte{byte(n >> 8), byte(n)}), `"},`...)
		}
		body = append(body[:len(body)-1], "]}"...)
	}
	request := fmt.Appendf(make([]byte, 0, 400+len(body)), "POST /v1/workspaces/%s/%s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\nContent-Type: application/json%s\r\nContent-Length: %d\r\n\r\n",
		h.ids[at], path, h.keys[at], header, len(body))
	return append(request, body...)
}

// empty reads a request and answers as many bytes as a charge's answer has.
func empty(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(emptyAnswer) // the caller may have gone
}

var emptyAnswer, _ = json.Marshal(map[string]any{"id": "chg_1", "entry": "ent_1", "member": nil, "credit": "standard", "amount": 1, "at": time.Now(), "balance": credits.Balance{}})
