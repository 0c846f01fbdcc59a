package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/server"
)

// searches is how many are measured of each kind.
const searches = 40

// RunPeople fills the directory with people, if it is empty, and measures the first page of
// searches of it over HTTP, one after the other, each of its own words: with the day's meter, the
// prices of 50 people and, in every other one, facets.
func RunPeople(ctx context.Context, o Options, people int, out io.Writer) error {
	s, err := server.Open(ctx, server.Config{Database: o.Database})
	if err != nil {
		return err
	}
	took, err := fillDirectory(ctx, s, people)
	if err = errors.Join(err, s.Close()); err != nil {
		return err
	}
	h, end, err := serve(ctx, o)
	if err != nil {
		return err
	}
	defer end()
	fmt.Fprintf(out, "%s, %d people, imported in %s; the first page of %d searches of each kind\n\n", h.store.Engine(), people, took.Round(time.Second), searches)
	fmt.Fprintf(out, "%-34s %8s %8s %8s %8s\n", "search", "found", "p50", "p95", "most")
	r := rand.New(rand.NewPCG(3, 19))
	var all []time.Duration
	for _, kind := range searchKinds {
		var times []time.Duration
		found := 0
		for n := range searches {
			q := kind.ask(r)
			if n%2 == 0 {
				q.Set("facets", "seniority,function,company,location,industry,company_size")
			}
			began := time.Now()
			total, err := h.search(ctx, q)
			if err != nil {
				return err
			}
			times = append(times, time.Since(began))
			found += total
		}
		all = append(all, times...)
		line(out, kind.name, fmt.Sprint(found/searches), times)
	}
	line(out, "all", "", all)
	return nil
}

func line(out io.Writer, name, found string, times []time.Duration) {
	slices.Sort(times)
	at := func(share float64) string { return short(times[int(share*float64(len(times)-1))]) }
	fmt.Fprintf(out, "%-34s %8s %8s %8s %8s\n", name, found, at(0.5), at(0.95), at(1))
}

func (h *httpBench) search(ctx context.Context, q url.Values) (total int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+h.address+"/v1/workspaces/"+h.ids[0]+"/people?"+q.Encode(), nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+h.keys[0])
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return 0, errors.Join(err, fmt.Errorf("bench: %s: %s %s", q.Encode(), answer.Status, body))
	}
	_, count, _ := strings.Cut(string(body), `"total":`)
	_, err = fmt.Sscan(count, &total)
	return total, err
}

// fillDirectory imports people who are made up, unless there are some.
func fillDirectory(ctx context.Context, s *server.Server, people int) (time.Duration, error) {
	has, err := s.Directory.Any(ctx)
	if err != nil || has {
		return 0, err
	}
	began := time.Now()
	file, write := io.Pipe()
	go func() { write.CloseWithError(writeCrowd(write, people)) }()
	i, err := s.Directory.BeginFile(ctx, directory.File{Content: file, ContentType: "text/csv", Source: "bench"})
	if err == nil {
		_, err = i.Run(ctx)
	}
	return time.Since(began), err
}

// What the crowd's texts are made of. Companies and places are chosen so that a few have many
// people, as is usual.
var (
	givenNames = strings.Fields("Ada Alan Grace Mary Katherine Dorothy Edsger Barbara Donald John Margaret Radia Frances Jean Ken Dennis Brian Leslie Tony Robin Zoë José Søren Łukasz Chloé Jürgen Anaïs Björn Nuria Paolo")
	syllables  = strings.Fields("ba ko li mo ra se ti un ve wi xa yo zu ham ler ton berg stein son ski ova dez")
	levels     = strings.Split("|||||Junior |Senior |Senior |Lead |Principal |Head of |Director of |VP of |Chief Officer |Manager of |Manager of ", "|")
	roles      = strings.Split("Sales|Account Executive|Business Development|Marketing|Brand Marketing|Content|Software Engineer|Software Developer|DevOps Engineer|Data Scientist|Product Manager|UX Designer|Finance|Accountant|Controller|Human Resources|Recruiter|Legal Counsel|Customer Success|Customer Support|Purchasing|Supply Chain|Operations|Quality|Research Scientist|Teacher|Nurse|Consultant|Office Manager|IT Administrator|Vertriebsleiter|Geschäftsführer|Einkäufer|Responsable comercial|Directeur commercial", "|")
	places     = strings.Split("London, UK|Berlin, Germany|Paris, France|New York, USA|San Francisco, USA|Madrid, Spain|Milan, Italy|Amsterdam, Netherlands|Warsaw, Poland|Munich, Germany|Hamburg, Germany|Lyon, France|Barcelona, Spain|Rome, Italy|Lisbon, Portugal|Stockholm, Sweden|Copenhagen, Denmark|Oslo, Norway|Helsinki, Finland|Vienna, Austria|Zurich, Switzerland|Dublin, Ireland|Chicago, USA|Boston, USA|Austin, USA|Seattle, USA|Toronto, Canada|Sydney, Australia|Singapore|Tokyo, Japan|São Paulo, Brazil|Tallinn, Estonia", "|")
	industries = strings.Split("Software|Retail|Banking|Insurance|Health Care|Construction|Automotive|Logistics|Education|Telecommunications|Energy|Food Production|Pharmaceuticals|Real Estate|Media|Public Administration|Machinery|Chemicals|Hospitality|Agriculture", "|")
	crowdSizes = strings.Split("1-10|11-50|51-200|201-500|501-1000|1001-5000|5001-10000|10001+", "|")
)

const firms = 60_000

// few is a number below n, of which small ones are frequent.
func few(r *rand.Rand, n int) int { return int(math.Pow(r.Float64(), 3) * float64(n)) }

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

func surname(r *rand.Rand) string {
	s := pick(r, syllables) + pick(r, syllables) + pick(r, syllables)
	return strings.ToUpper(s[:1]) + s[1:]
}

// firm is a company's name and domain. It is in one industry and of one size.
func firm(n int) (name, domain string) {
	r := rand.New(rand.NewPCG(uint64(n), 11))
	word := surname(r)
	return word + " " + pick(r, strings.Fields("Group Systems Labs GmbH Ltd Partners Foods Works")), fmt.Sprintf("%s%d.example", strings.ToLower(word), n)
}

func writeCrowd(w io.Writer, people int) error {
	if _, err := io.WriteString(w, "id,full_name,title,company,company_domain,location,industry,company_size,linkedin_url,work_email,work_email_status,work_email_verified_at,mobile_phones\n"); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 9))
	var line []byte
	for n := range people {
		at := few(r, firms)
		name, domain := firm(at)
		email, status, mobile := "", "", ""
		if r.IntN(10) < 8 {
			email, status = fmt.Sprintf("p%x.%d@%s", r.Uint32(), n, domain), pick(r, []string{"verified", "verified", "likely"})
		}
		if r.IntN(10) < 4 {
			mobile = fmt.Sprintf("+4479%08d", n%100_000_000)
		}
		line = fmt.Appendf(line[:0], "%d,%s %s,%s%s,%s,%s,\"%s\",%s,%s,https://www.linkedin.com/in/p%x-%d,%s,%s,2026-02-01,%s\n", n, pick(r, givenNames), surname(r),
			pick(r, levels), pick(r, roles), name, domain, places[few(r, len(places))], industries[at%len(industries)], crowdSizes[at/7%len(crowdSizes)], r.Uint64(), n, email, status, mobile)
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// searchKinds are what people ask for, from the narrow to the broad.
var searchKinds = []struct {
	name string
	ask  func(r *rand.Rand) url.Values
}{
	{"a company's domain", func(r *rand.Rand) url.Values { _, d := firm(few(r, firms)); return url.Values{"domain": {d}} }},
	{"a company, seniority", func(r *rand.Rand) url.Values {
		name, _ := firm(few(r, firms))
		return url.Values{"company": {name}, "seniority": {"director,vp,c_level"}}
	}},
	{"a name", func(r *rand.Rand) url.Values { return url.Values{"q": {pick(r, givenNames) + " " + surname(r)}} }},
	{"one word", func(r *rand.Rand) url.Values {
		return url.Values{"q": {pick(r, strings.Fields("sales berlin software banking ada zoe marketing engineer gmbh"))}}
	}},
	{"two words", func(r *rand.Rand) url.Values {
		return url.Values{"q": {pick(r, strings.Fields("sales marketing engineer recruiter")) + " " + pick(r, strings.Fields("berlin paris london oslo tallinn"))}}
	}},
	{"a title and a place", func(r *rand.Rand) url.Values {
		return url.Values{"title": {pick(r, roles)}, "location": {places[few(r, len(places))]}}
	}},
	{"function, seniority, industry", func(r *rand.Rand) url.Values {
		return url.Values{"function": {pick(r, strings.Fields("sales marketing engineering hr finance"))}, "seniority": {"director,vp"}, "industry": {pick(r, industries)}}
	}},
	{"function, size, place, has", func(r *rand.Rand) url.Values {
		return url.Values{"function": {pick(r, strings.Fields("sales marketing procurement it"))}, "company_size": {"51-200,201-500"}, "location": {pick(r, places)}, "has": {"mobile_phone"}}
	}},
	{"a function", func(r *rand.Rand) url.Values {
		return url.Values{"function": {pick(r, strings.Fields("sales engineering hr support data"))}}
	}},
	{"has a mobile, not owned", func(*rand.Rand) url.Values { return url.Values{"has": {"mobile_phone"}, "not_owned": {"true"}} }},
	{"nobody: a doctor at a bank", func(r *rand.Rand) url.Values {
		return url.Values{"title": {"geschaftsfuhrer nurse"}, "industry": {"banking"}, "has": {"work_email"}}
	}},
}
