package bench

import (
	"bytes"
	"context"
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

// RunHTTP measures charges over HTTP, client and server in this process, beside a
// handler on the same server that only decodes, checks and answers.
func RunHTTP(ctx context.Context, o Options, batch int, out io.Writer) error {
	h, end, err := serve(ctx, o)
	if err != nil {
		return err
	}
	defer end()
	h.batch = batch
	fmt.Fprintf(out, "%s over HTTP, %d charges a request, rounds of %s, medians of %d\n\n", h.store.Engine(), batch, o.Round, o.Rounds)
	fmt.Fprintf(out, "%8s %12s %10s %10s %14s %12s %8s\n", "callers", "charges/s", "p50", "p99", "commits/charge", "nothing/s", "of it")
	for _, callers := range o.Callers {
		h.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers, MaxConnsPerHost: callers}}
		var ours, nothing []figures
		for range o.Rounds {
			before := h.ledger.Commits()
			f, err := h.round(ctx, callers, h.charge)
			if err != nil {
				return err
			}
			f.flushes = float64(h.ledger.Commits()-before) / max(1, f.perSecond*float64(batch)*o.Round.Seconds())
			ours = append(ours, f)
			if f, err = h.round(ctx, callers, h.nothing); err != nil {
				return err
			}
			nothing = append(nothing, f)
		}
		f, n := median(ours), median(nothing)
		fmt.Fprintf(out, "%8d %12.0f %10s %10s %14.4f %12.0f %8.2f\n", callers, f.perSecond*float64(batch), short(f.p50), short(f.p99), f.flushes, n.perSecond*float64(batch), f.perSecond/n.perSecond)
	}
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
		s := (&client.Client{Server: h.url, Key: h.key}).Stream(ctx, h.ids[0])
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

// serve opens a server on a port of its own, with a handler that does nothing beside it.
func serve(ctx context.Context, o Options) (h *httpBench, end func(), err error) {
	s, err := server.Open(ctx, server.Config{Database: o.Database})
	if err != nil {
		return nil, nil, err
	}
	h = &httpBench{bench: bench{Options: o, store: s.Store, ledger: s.Ledger}}
	if err := h.open(ctx, s); err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /null", null)
	mux.Handle("/", s.Handler)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	hs := &http.Server{Handler: mux}
	go hs.Serve(l) // ends with Close
	h.url = "http://" + l.Addr().String()
	return h, func() { hs.Close(); s.Close() }, nil
}

type httpBench struct {
	bench
	batch    int
	url, key string
	client   *http.Client
}

// open makes a workspace and an admin's key.
func (h *httpBench) open(ctx context.Context, s *server.Server) error {
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		w, err := s.Accounts.CreateWorkspace(tx, account.NewWorkspace{Name: "bench", Plan: "starter", Seats: credits.MaxSeats, TimeZone: "UTC", Anchor: 1, PriceBook: "classic"})
		if err != nil {
			return err
		}
		h.ids = []string{w.ID}
		scope := &account.Scope{Principal: account.Principal{Role: account.Operator}, Workspace: w, Now: time.Now()}
		_, h.key, err = s.Accounts.CreateKey(tx, scope, account.NewKey{Name: "bench", Role: account.Admin})
		return err
	})
}

type wire struct {
	Credit string      `json:"credit"`
	Amount json.Number `json:"amount"`
	Key    string      `json:"idempotency_key,omitempty"`
}

func (h *httpBench) charge(ctx context.Context, _ int) error {
	path := "/v1/workspaces/" + h.ids[0] + "/charges"
	if h.batch > 1 {
		path += "/batch"
	}
	return h.post(ctx, path)
}

func (h *httpBench) nothing(ctx context.Context, _ int) error { return h.post(ctx, "/null") }

func (h *httpBench) post(ctx context.Context, path string) error {
	var body []byte
	var err error
	if h.batch > 1 {
		charges := make([]wire, h.batch)
		for n := range charges {
			charges[n] = wire{"standard", "1", uuid.Must(uuid.NewV7()).String()}
		}
		body, err = json.Marshal(map[string]any{"charges": charges})
	} else {
		body, err = json.Marshal(wire{Credit: "standard", Amount: "1"})
	}
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+h.key)
	r.Header.Set("Content-Type", "application/json")
	if h.batch <= 1 { // else each line has its own
		r.Header.Set("Idempotency-Key", uuid.Must(uuid.NewV7()).String())
	}
	answer, err := h.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && (answer.StatusCode >= 300 || path != "/null" && h.batch > 1 && bytes.Count(text, []byte(`"status":201`)) != h.batch) {
		err = fmt.Errorf("bench: %s: %s", answer.Status, text)
	}
	return err
}

// null decodes, checks and answers as a charge does, and does nothing.
func null(w http.ResponseWriter, r *http.Request) {
	var in struct {
		wire
		Charges []wire `json:"charges"`
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil || r.Header.Get("Authorization") == "" {
		http.Error(w, "bad", http.StatusBadRequest)
		return
	}
	lines := in.Charges
	if len(lines) == 0 {
		lines = []wire{in.wire}
	}
	results := make([]map[string]any, len(lines))
	for n, c := range lines {
		a, err := credits.ParseAmount(c.Amount.String())
		if err != nil {
			http.Error(w, "bad", http.StatusBadRequest)
			return
		}
		results[n] = map[string]any{"status": 201, "id": "chg_1", "entry": "ent_1", "member": nil, "credit": c.Credit, "amount": a, "at": time.Now(), "balance": credits.Balance{}}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"results": results}) // the caller may have gone
}
