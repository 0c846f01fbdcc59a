package server_test

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// cursored are the operations that list by a cursor, as the document says.
func (m *matrix) cursored() (paths []string) {
	m.Helper()
	for path, methods := range m.get(m.operator, "/openapi.json")["paths"].(is) {
		op, ok := methods.(is)["get"].(is)
		if !ok {
			continue
		}
		params, _ := op["parameters"].([]any)
		for _, p := range params {
			if p.(is)["name"] == "cursor" {
				_, filled := m.path("GET "+path, m.members["m"])
				paths = append(paths, filled)
			}
		}
	}
	return paths
}

// A cursor that was made up, or that another list or workspace gave, is refused by every
// list, and none says anything about anybody (rule C12).
func TestCursorsAreSealed(t *testing.T) {
	start(t, func(w *world) {
		m := newMatrix(w)
		w.load("text/csv", people)
		for _, who := range []string{"ada", "alan", "grace"} {
			w.post(w.operator, client.In(m.ws, "captures"), is{"person": is{"linkedin_url": "https://linkedin.com/in/" + who}, "fields": []string{"work_phone"}}, 200)
		}
		next := func(path string) string {
			c, _ := w.get(w.operator, path)["next_cursor"].(string)
			return c
		}
		w.workspace("pro", 1, nil)
		leads := next(client.In(m.ws, "leads") + "?limit=1&sort=name")
		other := next("/v1/workspaces?limit=1")
		if leads == "" {
			t.Fatal("there is no cursor to try")
		}
		plain, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(leads, "seal1."))
		if err != nil || strings.Contains(string(plain), "Lovelace") || strings.Contains(leads, "QWRh") {
			t.Errorf("a cursor by name reads %q", plain)
		}
		paths := m.cursored()
		if len(paths) < 10 {
			t.Fatalf("only %d lists were found", len(paths))
		}
		for _, path := range paths {
			for _, forged := range []string{"x", "seal1.x", base64.RawURLEncoding.EncodeToString([]byte("lead_1 Ada")), leads[:len(leads)-2] + "AA", other} {
				if got := m.send(&http.Client{Transport: bearerOf(w.operator.Key)}, "GET", path+"?cursor="+forged, "", nil); got.status != 400 && !(forged == other && path == "/v1/workspaces") {
					t.Errorf("%s takes the cursor %.20s…: %d", path, forged, got.status)
				}
			}
		}
		theirs := w.workspace("pro", 1, nil)
		w.call(w.operator, "GET", client.In(theirs, "leads")+"?sort=name&cursor="+leads, nil, 400)
		w.call(w.operator, "GET", client.In(m.ws, "leads")+"?sort=name&cursor="+leads, nil, 200)

		for _, query := range []string{"", "?sort=-name", "?sort=name&q=ada", "?sort=company"} { // other filters, another order
			w.call(w.operator, "GET", client.In(m.ws, "leads")+query+map[bool]string{true: "?", false: "&"}[query == ""]+"cursor="+leads, nil, 400)
		}
		w.call(w.operator, "GET", client.In(m.ws, "leads")+"?limit=7&sort=name&cursor="+leads, nil, 200)

		// The list continues where it was when the lead is gone that it ended with.
		list := func(query string) string {
			var names []string
			for _, l := range w.get(w.operator, client.In(m.ws, "leads")+query)["data"].([]any) {
				names = append(names, l.(is)["person"].(is)["full_name"].(string))
			}
			return strings.Join(names, ", ")
		}
		byDate := next(client.In(m.ws, "leads") + "?limit=1")
		byName := next(client.In(m.ws, "leads") + "?limit=2&sort=name")
		last := func(query string) string {
			data := w.get(w.operator, client.In(m.ws, "leads")+query)["data"].([]any)
			return data[len(data)-1].(is)["id"].(string)
		}
		wantDate, wantName := list("?cursor="+byDate), list("?sort=name&cursor="+byName)
		w.call(w.operator, "DELETE", client.In(m.ws, "leads", last("?limit=2&sort=name")), nil, 204)
		if got := list("?sort=name&cursor=" + byName); got != wantName || got == "" {
			t.Errorf("by name it continues with %q, want %q", got, wantName)
		}
		if newest := last("?limit=1"); newest != "" {
			w.call(w.operator, "DELETE", client.In(m.ws, "leads", newest), nil, 204)
		}
		if got := list("?cursor=" + byDate); got == "" || !strings.HasSuffix(wantDate, got) {
			t.Errorf("by date it continues with %q, want what is left of %q", got, wantDate)
		}
	})
}

// A page that is full and the last one has no next cursor, and every page before one.
func TestLastPagesSayTheyAreLast(t *testing.T) {
	start(t, func(w *world) {
		m := newMatrix(w)
		w.load("text/csv", people)
		for _, who := range []string{"ada", "alan", "grace", "mary"} {
			w.post(w.operator, client.In(m.ws, "captures"), is{"person": is{"linkedin_url": "https://linkedin.com/in/" + who}, "fields": []string{"work_phone"}}, 200)
			w.post(m.keys["m"], client.In(m.ws, "credit-requests"), is{"credit": "standard", "amount": 1}, 201)
			w.post(w.operator, "/v1/addon-requests/"+(&walk{world: w, ws: m.ws}).addOn()+"/decide", is{"grant": 0}, 200)
			w.post(w.operator, client.In(m.ws, "bulk-captures"), is{"people": []is{{"linkedin_url": "https://linkedin.com/in/" + who}}, "confirm_above": 0}, 202)
		}
		for _, path := range m.cursored() {
			all := w.status(w.operator, "GET", path, nil)
			if all != 200 {
				continue // of something that is not there
			}
			rows := w.get(w.operator, path+"?limit=500")["data"].([]any)
			if len(rows) < 2 {
				continue
			}
			seen, cursor := 0, ""
			for pages := 0; ; pages++ {
				page := w.get(w.operator, path+"?limit="+strconv.Itoa(max(1, len(rows)/2))+cursor)
				n := len(page["data"].([]any))
				seen += n
				if n == 0 || pages > len(rows) {
					t.Errorf("%s: page %d is empty", path, pages)
					break
				}
				next, more := page["next_cursor"].(string)
				if !more {
					break
				}
				cursor = "&cursor=" + next
			}
			if seen != len(rows) {
				t.Errorf("%s: %d of %d rows", path, seen, len(rows))
			}
			if page := w.get(w.operator, path+"?limit="+strconv.Itoa(len(rows))); page["next_cursor"] != nil {
				t.Errorf("%s: a full last page has a next cursor", path)
			}
		}
	})
}

// What was answered before says so, whether it was granted or refused; the order of a
// body's members makes no other request (rule C9).
func TestReplaysSaySo(t *testing.T) {
	start(t, func(w *world) {
		m := newMatrix(w)
		w.load("text/csv", people)
		send := func(path, key, body string) (int, string) {
			r, err := http.NewRequestWithContext(ctx, "POST", w.http.URL+client.In(m.ws)+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+m.keys["a"].Key)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", key)
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			return answer.StatusCode, answer.Header.Get("Idempotent-Replayed")
		}
		for _, c := range []struct{ name, path, body, again string }{
			{"a charge", "/charges", `{"credit":"standard","amount":1}`, `{"amount":1,"credit":"standard"}`},
			{"a described charge", "/charges", `{"credit":"standard","amount":1,"description":"<é>"}`, `{ "description":"<é>", "amount":1,"credit":"standard"}`},
			{"a refused charge", "/charges", `{"credit":"premium","amount":999999}`, `{"amount":999999,"credit":"premium"}`},
			{"a hold", "/holds", `{"credit":"standard","amount":1,"expires_in":"60s"}`, `{"expires_in":"60s","amount":1,"credit":"standard"}`},
			{"a capture", "/captures", `{"person":{"linkedin_url":"https://linkedin.com/in/ada"},"fields":["work_phone"]}`, `{"fields":["work_phone"],"person":{"linkedin_url":"https://linkedin.com/in/ada"}}`},
			{"a member", "/members", `{"email":"n@acme.example","name":"N","role":"member"}`, `{"role":"member","name":"N","email":"n@acme.example"}`},
			{"a key", "/keys", `{"role":"admin","name":"k"}`, `{"name":"k","role":"admin"}`},
			{"a job", "/bulk-captures", `{"people":[{"linkedin_url":"https://linkedin.com/in/ada","full_name":"Ada"}],"list":"x"}`, `{"list":"x","people":[{"full_name":"Ada","linkedin_url":"https://linkedin.com/in/ada"}]}`},
			{"a webhook", "/webhooks", `{"url":"https://example.com/x","events":["credits.low"]}`, `{"events":["credits.low"],"url":"https://example.com/x"}`},
			{"a batch", "/charges/batch", `{"charges":[{"credit":"standard","amount":1},{"credit":"standard","amount":2}]}`, `{"charges":[{"amount":1,"credit":"standard"},{"amount":2,"credit":"standard"}]}`},
		} {
			key := strings.Repeat("k", 245) + c.name[2:min(len(c.name), 12)]
			status, replayed := send(c.path, key, c.body)
			if replayed != "" || status >= 500 || status == 400 {
				t.Errorf("%s: %d, replayed %q", c.name, status, replayed)
			}
			used := w.credit(m.ws, "standard")["used"]
			for _, body := range []string{c.body, c.again} {
				if again, replayed := send(c.path, key, body); again != status || replayed != "true" {
					t.Errorf("%s again: %d, replayed %q; first %d", c.name, again, replayed, status)
				}
			}
			if now := w.credit(m.ws, "standard")["used"]; now != used {
				t.Errorf("%s was charged again: %v after %v", c.name, now, used)
			}
		}
		if status, _ := send("/charges", strings.Repeat("k", 256), `{"credit":"standard","amount":1}`); status != 400 {
			t.Errorf("a key of 256 characters: %d", status)
		}
	})
}
