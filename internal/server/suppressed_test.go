package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
)

// canaries are words that nothing has but one person.
var canaries = []string{"Zyxname", "zyxname", "Zyxtitle", "Zyxcompany", "zyxdomain", "Zyxplace", "zyxprofile", "zyxhome", "5559871234", "Zyxnotes", "zyxtag", "zyxlist"}

const zyx = `full_name,title,company,company_domain,linkedin_url,location,work_email,work_email_status,personal_emails,mobile_phones
Zyxname Person,Zyxtitle,Zyxcompany,zyxdomain.example,https://linkedin.com/in/zyxprofile,Zyxplace,zyxname@zyxdomain.example,verified,zyxhome@post.example,+1 555 987 1234
`

// planted is a workspace with somebody who is to be suppressed on its sheet.
type planted struct {
	*matrix
	lead, person, bulk, push, imported string
	page                               *visitor
}

func plant(w *world) *planted {
	w.load("text/csv", people)
	p := &planted{matrix: newMatrix(w)}
	p.imported = w.post(w.operator, "/v1/directory/imports", client.File{Type: "text/csv", Content: strings.NewReader(zyx)}, 202)["id"].(string)
	w.poll(func() bool { return w.get(w.operator, "/v1/directory/imports/"+p.imported)["status"] == "done" })
	for _, who := range []string{"ada", "alan"} {
		w.post(w.operator, client.In(p.ws, "captures"), is{"person": is{"linkedin_url": "https://linkedin.com/in/" + who}}, 200)
	}
	out := w.post(p.keys["m"], client.In(p.ws, "captures"), is{"person": is{"linkedin_url": "https://linkedin.com/in/zyxprofile"}, "fields": []string{"work_email", "personal_email", "mobile_phone"}, "list": "zyxlist"}, 200)
	p.lead, p.person = out["lead"].(string), out["person"].(is)["id"].(string)
	w.call(w.operator, "PATCH", client.In(p.ws, "leads", p.lead), is{"notes": "Zyxnotes", "tags": []string{"zyxtag"}}, 200)
	p.bulk = w.post(p.keys["m"], client.In(p.ws, "bulk-captures"), is{"people": []is{{"linkedin_url": "https://linkedin.com/in/zyxprofile"}, {"email": "zyxname@zyxdomain.example"}, {"linkedin_url": "https://linkedin.com/in/ada"}}, "confirmed": true}, 202)["id"].(string)
	w.working(func() { w.until(w.operator, client.In(p.ws, "bulk-captures", p.bulk), status("done")) })
	w.call(w.operator, "PUT", client.In(p.ws, "push-connections", "webhook"), is{"address": "https://push.example/leads"}, 200)
	p.push = w.post(w.operator, client.In(p.ws, "pushes"), is{"to": "webhook", "list": "zyxlist"}, 202)["id"].(string)
	p.page = w.signedInAs(p.ws, p.members["a"])
	p.page.post("/leads/views", "name", "Those", "query", "list=zyxlist", "shared", "on")
	return p
}

// paths are the addresses of a route, filled in with what there is.
func (p *planted) paths(pattern string) []string {
	path := strings.NewReplacer("{ws}", p.ws, "{$}", "", "{lead}", p.lead, "{bulk}", p.bulk, "{push}", p.push, "{person}", p.person, "{import}", p.imported, "{member}", p.members["m"]).Replace(strings.TrimPrefix(pattern, "GET "))
	list := []string{placeholder.ReplaceAllString(path, "none")}
	if strings.Contains(path, "leads") {
		for _, q := range []string{"list=zyxlist", "tag=zyxtag", "sort=name", "sort=title", "sort=company", "has=mobile_phone", "format=hubspot", "as=xlsx", "as=vcf"} {
			list = append(list, list[0]+"?"+q)
		}
		if strings.HasPrefix(path, "/v1/") {
			for _, c := range canaries {
				list = append(list, list[0]+"?q="+url.QueryEscape(c))
			}
		}
	}
	return list
}

// shows is how often the person is seen anywhere, and where first.
func (p *planted) shows(echo string) (n int, where []string) {
	p.Helper()
	for _, route := range p.server.Routes.Routes() {
		if !strings.HasPrefix(route.Pattern, "GET /") || strings.Contains(route.Pattern, "/static/") {
			continue
		}
		for _, path := range p.paths(route.Pattern) {
			for _, c := range p.everybody(route.Pattern) {
				answer, err := c.Get(p.http.URL + path)
				if err != nil {
					p.Fatal(err)
				}
				text, err := io.ReadAll(answer.Body)
				answer.Body.Close()
				if err != nil {
					p.Fatal(err)
				}
				said := strings.ReplaceAll(string(text), echo, "")
				if _, query, _ := strings.Cut(path, "?"); query != "" { // the page's own address, and what was asked for
					_, value, _ := strings.Cut(query, "=")
					said = strings.ReplaceAll(said, value, "")
				}
				for _, canary := range canaries {
					if answer.StatusCode < 400 && strings.Contains(said, canary) {
						n++
						where = append(where, fmt.Sprintf("%s says %s", path, canary))
					}
				}
			}
		}
	}
	return n, where
}

// counts are the numbers of leads that the sheet and the API say.
func (p *planted) counts() string {
	p.Helper()
	n := 0
	for cursor := ""; ; {
		page := p.get(p.operator, client.In(p.ws, "leads")+"?limit=1&sort=name"+cursor)
		n += len(page["data"].([]any))
		next, _ := page["next_cursor"].(string)
		if next == "" {
			break
		}
		cursor = "&cursor=" + url.QueryEscape(next)
	}
	p.page.get("/leads")
	return fmt.Sprint(n, " ", p.page.found(`(\d+ leads?)`))
}

// Somebody who is suppressed is nowhere: in no list, search, count, order, export, note,
// tag or name of a list, on no page and in no answer (rule C12). Lifting it brings them back.
func TestSuppressedIsGone(t *testing.T) {
	reachable(t, server.Config{SecretKeyFile: secretKey(t)}, func(w *world) {
		p := plant(w)
		if n, _ := p.shows("\x00"); n < 40 {
			t.Fatalf("the person is seen in %d places before: the walk sees too little", n)
		}
		w.same("counts before", p.counts(), "3 3 leads")
		ops := w.visitor()
		ops.byCode("", "")
		before := w.credit(p.ws, "standard")["used"]
		for kind, value := range map[string]string{"email": "Zyxname@zyxdomain.example", "domain": "zyxdomain.example", "person": p.person, "phone": "+15559871234"} {
			w.post(w.operator, "/v1/directory/suppressions", is{kind: value}, 201)
			n, where := p.shows("\x00")
			for _, one := range where[:min(n, 10)] {
				t.Errorf("suppressed by %s: %s", kind, one)
			}
			w.same("counts, suppressed by "+kind, p.counts(), "2 2 leads")
			p.hiddenByPosts(kind)
			p.pushed("suppressed by "+kind, 0)
			w.same("sums of the ledger", w.credit(p.ws, "standard")["used"], before)
			ops.post("/operator/suppressions", "kind", kind, "value", value, "do", "remove")
			w.same("counts after it was lifted", p.counts(), "3 3 leads")
			p.pushed("after it was lifted", 1)
			if l := w.get(w.operator, client.In(p.ws, "leads", p.lead)); l["notes"] != "Zyxnotes" {
				t.Errorf("lifted, the lead is %v", l)
			}
		}
	})
}

// pushed: a push has so many rows, in its list and in its counts.
func (p *planted) pushed(when string, rows int) {
	p.Helper()
	push := client.In(p.ws, "pushes", p.push)
	p.same("rows of the push "+when, len(p.get(p.operator, push+"/rows")["data"].([]any)), rows)
	p.same("total of the push "+when, p.get(p.operator, push)["total"], float64(rows))
	counted := 0.0
	for _, n := range p.get(p.operator, push)["counts"].(is) {
		counted += n.(float64)
	}
	p.same("counts of the push "+when, counted, float64(rows))
}

// hiddenByPosts: what is asked for by forms and requests says nothing either.
func (p *planted) hiddenByPosts(kind string) {
	p.Helper()
	lead := client.In(p.ws, "leads", p.lead)
	p.call(p.operator, "GET", lead, nil, 404)
	p.call(p.operator, "PATCH", lead, is{"notes": "x"}, 404)
	p.call(p.operator, "DELETE", lead, nil, 404)
	p.call(p.operator, "POST", lead+"/unlock", is{"fields": []string{"mobile_phone"}}, 404)
	p.post(p.operator, client.In(p.ws, "lookups"), is{"person": is{"linkedin_url": "https://linkedin.com/in/zyxprofile"}}, 404)
	for _, form := range []url.Values{{"leads": {p.lead}, "do": {"list"}}, {"all": {"on"}, "do": {"export"}}} {
		for _, path := range []string{"/leads/chosen", "/leads/news", "/leads/chosen/do"} {
			p.page.send(http.MethodPost, path, form)
			for _, c := range canaries {
				if strings.Contains(p.page.page, c) {
					p.Errorf("suppressed by %s: POST %s says %s", kind, path, c)
				}
			}
		}
	}
}

// A suppression that was written when the server was stopped takes effect by itself.
func TestSuppressionIsResumed(t *testing.T) {
	reachable(t, server.Config{SecretKeyFile: secretKey(t)}, func(w *world) {
		p := plant(w)
		if err := w.server.Store.Update(ctx, suppressOnly(w.server, "zyxdomain.example")); err != nil {
			t.Fatal(err)
		}
		if err := w.server.Directory.Recover(ctx); err != nil {
			t.Fatal(err)
		}
		w.same("counts", p.counts(), "2 2 leads")
	})
}

// suppressOnly is the first half of a suppression.
func suppressOnly(s *server.Server, domain string) func(tx *store.Tx) error {
	return func(tx *store.Tx) error {
		return s.Directory.Suppress(tx, directory.Suppression{Domain: domain})
	}
}
