package server_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/edge"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// announced sends the head of a request whose body waits to be asked for, and returns when
// the server asked for it: who sends it was admitted. False: it was answered at once.
func (m *matrix) announced(pattern string, size int, lines ...string) (net.Conn, *bufio.Reader, bool) {
	m.Helper()
	c := m.raw(pattern, append(lines, "Expect: 100-continue", fmt.Sprint("Content-Length: ", size))...)
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	r := bufio.NewReader(c)
	line, err := r.ReadString('\n')
	if err != nil {
		m.Fatalf("%s: %v", pattern, err)
	}
	if !strings.Contains(line, " 100 ") {
		return c, r, false
	}
	if _, err := r.ReadString('\n'); err != nil { // the empty line
		m.Fatal(err)
	}
	return c, r, true
}

// finished sends the body and reads the answer.
func (m *matrix) finished(c net.Conn, r *bufio.Reader, body []byte) (status int, text string) {
	m.Helper()
	if _, err := c.Write(body); err != nil {
		m.Fatal(err)
	}
	answer, err := http.ReadResponse(r, nil)
	if err != nil {
		m.Fatal(err)
	}
	defer answer.Body.Close()
	all, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(all)
}

// Anyone who loses their rights while their body arrives does nothing with it: on every
// operation of the API that takes one (rule A1).
func TestRightsEndWhileABodyArrives(t *testing.T) {
	start(t, func(w *world) {
		m := newMatrix(w)
		checked := 0
		bodies := map[string][]byte{"/charges": []byte(`{"credit":"standard","amount":1}`), "/members": []byte(`{"email":"late@acme.example","name":"Late","role":"admin"}`), "/keys": []byte(`{"role":"admin"}`)}
		for _, route := range m.writing() {
			if !strings.Contains(route.Pattern, " /v1/workspaces/{ws}/") {
				continue
			}
			made := w.post(w.operator, client.In(m.ws, "keys"), is{"role": "admin"}, 201)
			body := []byte("{}")
			for end, is := range bodies {
				if strings.HasSuffix(route.Pattern, end) {
					body = is
				}
			}
			c, r, waits := m.announced(route.Pattern, len(body), "Authorization: Bearer "+made["key"].(string), "Content-Type: application/json")
			if !waits {
				continue // the operator's alone, or it takes no body
			}
			w.call(w.operator, http.MethodDelete, client.In(m.ws, "keys", made["id"].(string)), nil, 204)
			if status, text := m.finished(c, r, body); status != 401 {
				t.Errorf("%s: %d %s", route.Pattern, status, text)
			}
			checked++
		}
		if checked < 20 {
			t.Errorf("%d operations were tried: the test sees too little", checked)
		}
		w.same("used", w.credit(m.ws, "standard")["used"], 0)
	})
}

// The same for somebody who was made less, and for the forms of the pages.
func TestSessionsEndWhileAFormArrives(t *testing.T) {
	var c server.Config
	behindProxy(&c) // so many sign-ins come from several addresses
	reachable(t, c, func(w *world) {
		m := newMatrix(w)
		may, checked := expectations(w.T), 0
		for _, route := range m.writing() {
			if strings.Contains(route.Pattern, "/v1/") || may[route.Pattern] == "open" || strings.HasSuffix(route.Pattern, "/sign-out") {
				continue
			}
			v := w.visitor()
			v.from = fmt.Sprint("198.51.100.", checked)
			operators := strings.Contains(route.Pattern, "/operator")
			if operators {
				v.byCode("", "")
			} else {
				v.byCode(m.ws, m.members["a"])
			}
			body, kind := []byte("idempotency_key=late&email=late@acme.example&name=Late&role=admin"), "application/x-www-form-urlencoded"
			if route.File {
				body, kind = fileForm(t)
			}
			c, r, waits := m.announced(route.Pattern, len(body), "Cookie: "+cookiesOf(v), "Content-Type: "+kind)
			if !waits {
				t.Errorf("%s was answered before its form", route.Pattern)
				continue
			}
			var err error
			if operators {
				err = w.server.SignIn.ResetOperator(ctx)
			} else {
				var s *account.Scope
				if s, err = w.server.Accounts.Enter(ctx, account.Principal{Role: account.Operator}, m.ws); err == nil {
					_, err = w.server.Accounts.EndMemberSessions(ctx, s, m.members["a"])
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			if status, text := m.finished(c, r, body); status != 401 {
				t.Errorf("%s: %d %.300s", route.Pattern, status, text)
			}
			checked++
		}
		if checked < 40 {
			t.Errorf("%d forms were tried: the test sees too little", checked)
		}
	})
}

func cookiesOf(v *visitor) string {
	home, err := url.Parse(v.base)
	if err != nil {
		v.Fatal(err)
	}
	var list []string
	for _, c := range v.client.Jar.Cookies(home) {
		list = append(list, c.Name+"="+c.Value)
	}
	return strings.Join(list, "; ")
}

func fileForm(t *testing.T) (body []byte, kind string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", "people.csv")
	if err == nil {
		_, err = io.WriteString(part, "full_name,company\nAda,Acme\n")
	}
	if err != nil || form.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes(), form.FormDataContentType()
}

// endings are the ways in which all of somebody's sign-ins end.
var endings = map[string]func(w *world, ws, member string) error{
	"a new password": func(w *world, ws, member string) error {
		return w.server.SignIn.SetPassword(ctx, account.Principal{Workspace: ws, Member: member}, "mel@acme.example", "a longer password 2")
	},
	"ended by an admin": func(w *world, ws, member string) error { w.end(ws, member); return nil },
	"a reset": func(w *world, ws, member string) error {
		s, err := w.server.Accounts.Enter(ctx, account.Principal{Role: account.Operator}, ws)
		if err == nil {
			err = w.server.SignIn.Reset(ctx, s, member)
		}
		return err
	},
}

// Who proved half of what a sign-in needs has proved nothing any more once the password
// was changed, the sessions were ended or the factors were reset; and looking at the page
// of a step signs nobody in.
func TestHalfMadeSignInsEnd(t *testing.T) {
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			gated(t, nil, func(w *world, clock *hands) {
				one, two := w.plainWorkspace("North"), w.plainWorkspace("South")
				member, other := w.newMember(one, "mel@acme.example", "Mel", "admin"), w.newMember(two, "mel@acme.example", "Mel", "member")
				thief := w.visitor()
				thief.ask("mel@acme.example")
				thief.post("/sign-in/link/use", "token", token(w.newest("mel@acme.example"))).at("/sign-in/choose")
				clock.move(time.Second)
				if err := end(w, one, member); err != nil {
					t.Fatal(err)
				}
				thief.post("/sign-in/choose", "membership", one+"/"+member)
				thief.wantIn(false)
				thief.get("/sign-in/choose")
				thief.wantIn(false)
				clock.move(time.Second)
				w.signedInAs(two, other).wantIn(true)
				again := w.signedInAs(one, member) // what is proved afterwards is good
				again.wantIn(true)
			})
		})
	}
}

// A file that takes longer than any other request may is answered when it is in.
func TestLongUploadsAreAnswered(t *testing.T) {
	testdb.Slow(t)
	patient(t, edge.Timeouts{Body: 400 * time.Millisecond, Answer: 400 * time.Millisecond}, func(w *world) {
		m := newMatrix(w)
		row := []byte(strings.Repeat("x", 20<<10) + "\n") // more than counts as progress
		c := m.raw("POST /v1/directory/imports", "Authorization: Bearer "+w.operator.Key, "Content-Type: text/csv", fmt.Sprint("Content-Length: ", 10+8*len(row)))
		if _, err := io.WriteString(c, "full_name\n"); err != nil {
			t.Fatal(err)
		}
		for range 8 { // longer than body and answer together
			time.Sleep(150 * time.Millisecond) // what is tried is that time passes
			if _, err := c.Write(row); err != nil {
				t.Fatal(err)
			}
		}
		if answer := head(c, 10*time.Second); answer == nil || answer.StatusCode != 202 {
			t.Errorf("the upload was answered %v", answer)
		}
	})
}

// An answer that nobody reads ends after its time, whatever it is.
func TestUnreadAnswersEnd(t *testing.T) {
	testdb.Slow(t)
	patient(t, edge.Timeouts{Body: 30 * time.Second, Answer: 300 * time.Millisecond}, func(w *world) {
		for _, path := range []string{"/openapi.json", "/sign-in"} {
			c, err := net.Dial("tcp", strings.TrimPrefix(w.http.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			_ = c.(*net.TCPConn).SetReadBuffer(2048)
			const asked = 2000
			go func() {
				for range asked {
					_, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", path, w.operator.Key)
					if err != nil {
						return // the server hung up
					}
				}
			}()
			time.Sleep(2 * time.Second) // what is tried is that time passes
			_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
			answers := 0 // until the server hung up
			for r := bufio.NewReader(c); ; answers++ {
				answer, err := http.ReadResponse(r, nil)
				if err == nil {
					_, err = io.Copy(io.Discard, answer.Body)
				}
				if err != nil {
					break
				}
			}
			if answers >= asked {
				t.Errorf("%s: all of %d answers waited to be read", path, answers)
			}
			c.Close()
		}
	})
}

// A form that does not arrive is said not to have arrived, on every page.
func TestBrokenFormsAreRefused(t *testing.T) {
	start(t, func(w *world) {
		m := newMatrix(w)
		for _, route := range m.writing() {
			if strings.Contains(route.Pattern, "/v1/") || strings.Contains(route.Pattern, "/callbacks/") {
				continue
			}
			c := m.raw(route.Pattern, "Cookie: "+m.cookies(route.Pattern), "Content-Type: application/x-www-form-urlencoded", "Content-Length: 100")
			if _, err := io.WriteString(c, "a=b"); err != nil {
				t.Fatal(err)
			}
			_ = c.(*net.TCPConn).CloseWrite()
			if answer := head(c, 10*time.Second); answer == nil || answer.StatusCode < 400 && answer.StatusCode != 303 {
				t.Errorf("%s: %v", route.Pattern, answer)
			}
			c.Close()
		}
	})
}
