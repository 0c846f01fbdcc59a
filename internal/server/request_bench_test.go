package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
)

// What a request costs beside what net/http costs by itself: allocations are those
// of the server, as the client writes the same bytes and only counts the answer's.
// System calls: run the built test under `strace -f -c` with a fixed -benchtime.
func BenchmarkRequest(b *testing.B) {
	s, err := server.Open(b.Context(), server.Config{Database: "sqlite:" + b.TempDir() + "/bench.db"})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var ws, key string
	err = s.Store.Update(b.Context(), func(tx *store.Tx) error {
		w, err := s.Accounts.CreateWorkspace(tx, account.NewWorkspace{Name: "bench", Plan: "starter", Seats: credits.MaxSeats, TimeZone: "UTC", Anchor: 1, PriceBook: "classic"})
		if err != nil {
			return err
		}
		ws = w.ID
		scope := &account.Scope{Principal: account.Principal{Role: account.Operator}, Workspace: w, Now: s.Accounts.Clock()}
		_, key, err = s.Accounts.CreateKey(tx, scope, account.NewKey{Name: "bench", Role: account.Admin})
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/v1/", s.Handler)
	mux.HandleFunc("POST /nothing", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"ok":true}`)
	})
	h := httptest.NewServer(mux)
	defer h.Close()
	body := `{"credit":"standard","amount":1}`
	for name, path := range map[string]string{"charge": "/v1/workspaces/" + ws + "/charges", "nothing": "/nothing"} {
		b.Run(name, func(b *testing.B) {
			conn, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			request := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, key, len(body), body)
			answer := bufio.NewReader(conn)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := conn.Write(request); err != nil {
					b.Fatal(err)
				}
				if err := skipAnswer(answer); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// skipAnswer reads one answer without keeping anything of it.
func skipAnswer(r *bufio.Reader) error {
	length, first := 0, true
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		text := string(line) // at most a line, not of the server's
		if first && !strings.HasPrefix(text, "HTTP/1.1 20") {
			return fmt.Errorf("answered %s", text)
		}
		first = false
		if n, ok := strings.CutPrefix(text, "Content-Length: "); ok {
			if _, err := fmt.Sscan(n, &length); err != nil {
				return err
			}
		}
		if len(line) <= 2 {
			_, err := r.Discard(length)
			return err
		}
	}
}
