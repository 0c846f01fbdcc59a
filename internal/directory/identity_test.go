package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

const whoHead = "source,id,full_name,company,linkedin_url,work_email,mobile_phones\n"

// The partition of rows does not depend on their order, on the files that they are split
// over, or on the transactions: with names that agree, contradict and are missing, and keys that
// are shared. Nor do the values. Left out are rows that lie between two contradicting ones
// (docs/decisions/0012), such as those of Ada King and Oto King, who agree beside a profile and
// contradict beside an address: of them only the next test's property holds.
func TestWhoIsWhoDoesNotDependOnTheOrder(t *testing.T) {
	names := []string{"Ada King", "ADA KING", "King, Ada", "Ada L. King", "Bob Ray", "Robert Ray", "Rob Ray", "B. Ray", "Oto Lane", "Zoe Ash"}
	eachLand(t, func(l *land) {
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			if n++; n > 60 {
				return
			}
			row := 0
			rows := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) string {
				row++
				pick := func(what string, of ...string) string { return rapid.SampledFrom(of).Draw(r, what) }
				line := "s,"
				line += pick("id", "", "", "1", "2") + ","
				line += quoted(rapid.SampledFrom(names).Draw(r, "name")) + ",Acme,"
				line += pick("profile", "", "linkedin.com/in/one", "linkedin.com/in/two") + ","
				line += pick("email", "", "one@acme.example", "two@acme.example", "info@acme.example")
				return line + fmt.Sprintf(",+4479111234%02d", row)
			}), 2, 9).Draw(r, "rows")
			want := l.placed(r, rows, len(rows), len(rows))
			for range 3 {
				shuffled := rapid.Permutation(rows).Draw(r, "shuffled")
				chunk, file := rapid.IntRange(1, len(rows)).Draw(r, "chunk"), rapid.IntRange(1, len(rows)).Draw(r, "file")
				if got := l.placed(r, shuffled, chunk, file); got != want {
					r.Fatalf("%d rows a transaction and %d a file:\n%s\ngive\n%s\nand in order\n%s\ngive\n%s", chunk, file, strings.Join(shuffled, "\n"), got, strings.Join(rows, "\n"), want)
				}
			}
		})
	})
}

func quoted(s string) string {
	if strings.Contains(s, ",") {
		return `"` + s + `"`
	}
	return s
}

// placed imports rows, so many a file and a transaction, into an empty directory, and is the
// partition: the values of each person, a line each. Every row has a number of its own, and
// all are of one instant, so that none is a source's last word.
func (l *land) placed(t *rapid.T, rows []string, chunk, file int) string {
	l.clear()
	for part := range slices.Chunk(rows, file) {
		i, err := l.BeginFile(context.Background(), File{Content: strings.NewReader(whoHead + strings.Join(part, "\n")), ContentType: "text/csv"})
		if err != nil {
			t.Fatal(err)
		}
		i.pace.size = float64(chunk)
		if _, err := i.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	return l.partition()
}

func (l *land) partition() string {
	l.Helper()
	var lines []string
	rows, err := l.db.Query(`SELECT details FROM people`)
	if err != nil {
		l.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var details string
		if err := rows.Scan(&details); err != nil {
			l.Fatal(err)
		}
		p, err := fromRow(store.PersonRow{Details: details, Extra: "null"})
		if err != nil {
			l.Fatal(err)
		}
		var words []string
		for _, v := range p.Values {
			words = append(words, string(v.Field)+" "+v.Value+" "+v.Status+" "+string(v.Mailbox))
		}
		slices.Sort(words)
		lines = append(lines, strings.Join(words, ", "))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// However rows are connected, nobody is made of names that contradict each other: through
// rows without a name, with initials and with either of two family names.
func TestNobodyIsMadeOfContradictingNames(t *testing.T) {
	names := []string{"Ada King", "Ada Lovelace", "Bob Lovelace", "Bob Ray", "B. Ray", "A. King", "Ada", "", "", "Lovelace", "Oto King"}
	eachLand(t, func(l *land) {
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			if n++; n > 60 {
				return
			}
			row := 0
			rows := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) string {
				row++
				pick := func(what string, of ...string) string { return rapid.SampledFrom(of).Draw(r, what) }
				return "s," + pick("id", "", "1", "2") + "," + pick("name", names...) + ",Acme," + pick("profile", "", "linkedin.com/in/one", "linkedin.com/in/two") + "," +
					pick("email", "one@acme.example", "two@acme.example", "six@acme.example", "halle@acme.example", "halle2@ash.example") + fmt.Sprintf(",+4479111234%02d", row)
			}), 2, 10).Draw(r, "rows")
			l.placed(r, rows, rapid.IntRange(1, len(rows)).Draw(r, "chunk"), rapid.IntRange(1, len(rows)).Draw(r, "file"))
			name := map[string]lead.Who{}
			for _, line := range rows {
				cells := strings.Split(line, ",")
				name[cells[len(cells)-1]] = lead.WhoIs(cells[2])
			}
			for _, person := range strings.Split(l.partition(), "\n") {
				var who []lead.Who
				for number, w := range name {
					if strings.Contains(person, number) {
						who = append(who, w)
					}
				}
				for i, a := range who {
					for _, b := range who[:i] {
						if lead.Contradict(lead.KindProfile, a, b) {
							r.Fatalf("one person of %v and %v: %s\nof\n%s", a, b, person, strings.Join(rows, "\n"))
						}
					}
				}
			}
		})
	})
}
