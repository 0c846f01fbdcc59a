package directory

import (
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/internal/lead"
)

const roleHead = "full_name,company,linkedin_url,work_email,mobile_phones\n"

// A role address that no list has is learnt from people of two companies; from then on namesakes who
// share one are not one person, and an address that carries its person's name still joins.
func TestRoleAddressesAreLearnt(t *testing.T) {
	eachLand(t, func(l *land) {
		l.load("a", roleHead+
			"Ada King,One,,halle3@one.example,+447911123401\n"+
			"Oto Stone,Two,,halle@two.example,+447911123402\n"+
			"Ann Byrne,Three,,zorro@three.example,+447911123403\n")
		r := l.load("b", roleHead+
			"Bob Ray,Three,,halle3@three.example,+447911123404\n"+
			"Bob Ray,Three,,ray.halle@three.example,+447911123405\n"+
			"Ann Byrne,Three,,zorro@three.example,+447911123406\n")
		again := roleHead + "Robert Ray,Three,,halle3@three.example,+447911123407\nRob Ray,Three,,ray.halle@three.example,+447911123408\n"
		l.load("c", again)
		l.load("d", again)
		l.same("people", l.numbers(), "01|02|03 06|04|05 08|07")
		if told := r.told(); !strings.Contains(told, "halle3@three.example") || strings.Contains(told, "ray.halle") {
			t.Error(told)
		}
		for _, who := range []string{"Oto Stone", "Robert Ray", "Bob Ray"} {
			address := "halle3@three.example"
			if who == "Oto Stone" {
				address = "halle@two.example"
			}
			m, err := l.Find(t.Context(), lead.Reference{FullName: who, Email: address})
			if err != nil || m.Person.FullName != who {
				t.Errorf("%s by %s is %q, %v", who, address, m.Person.FullName, err)
			}
		}
	})
}

// A word is learnt by contradicting names at two companies: not at one, not of one name, not
// by personnel numbers, and not at providers where anybody may have an address.
func TestWhatMakesNoRoleAddress(t *testing.T) {
	eachLand(t, func(l *land) {
		for _, c := range []struct{ first, second string }{
			{"Ada King,One,,front@one.example", "Oto Stone,One,,front2@one.example"},
			{"Ada King,One,,front@one.example", "Ada King,Two,,front@two.example"},
			{"Ada King,One,,x10234@one.example", "Oto Stone,Two,,x10234@two.example"},
			{"Ada King,One,,sunshine@gmail.com", "Oto Stone,Two,,sunshine@yahoo.com"},
			{"Ada King,One,,kingsize@one.example", "Oto Stone,Two,,kingsize@two.example"},
		} {
			l.clear()
			l.load("a", roleHead+c.first+",+447911123401\n"+c.second+",+447911123402\n")
			l.load("b", roleHead+c.first+",+447911123403\n"+c.second+",+447911123404\n")
			l.same(c.second, l.numbers(), "01 03|02 04")
		}
	})
}

// numbers is who has which rows, by the end of each row's number.
func (l *land) numbers() string {
	l.Helper()
	var people []string
	for line := range strings.SplitSeq(l.sorted(), "\n") {
		var of []string
		for _, word := range strings.Fields(line) {
			if _, number, found := strings.Cut(word, "+4479111234"); found {
				of = append(of, number[:2])
			}
		}
		people = append(people, strings.Join(of, " "))
	}
	slices.Sort(people)
	return strings.Join(people, "|")
}
