package server_test

import (
	"fmt"
	"strings"
	"testing"
)

const namesHead = "id,full_name,company,work_email,mobile_phones,linkedin_url\n"

func sourced(id string) is { return is{"source_id": id} }

// strangers are two people in two files of two sources who share one key, and stay two.
func strangers(a, b, mail, profile string) fieldCase {
	row := func(id, name, end string) string {
		return namesHead + fmt.Sprintf("%s,%s,Vco,%s,+49151124401%s,%s\n@%s", id, name, mail, end, profile, "src"+id)
	}
	return fieldCase{name: a + " and " + b, files: []string{row("1", a, "01"), row("2", b, "02")}, asked: []ask{
		{sourced("src1:1"), a + " " + withMail(mail) + "+4915112440101"}, {sourced("src2:2"), b + " " + withMail(mail) + "+4915112440102"}}}
}

func withMail(mail string) string {
	if mail == "" {
		return ""
	}
	return mail + " "
}

const (
	unlistedRole  = "schalter1@v.example"
	sharedProfile = "https://www.linkedin.com/in/shared-v408"
)

// Strangers who share a role address that no list has, or a mistaken profile, and one word: in the
// middle of their names, one that folds to a particle, or none that compares.
func TestStrangersStayApart(t *testing.T) {
	runFields(t, []fieldCase{
		strangers("Juan Carlos Perez", "Luis Carlos Gomez", unlistedRole, ""), strangers("Juan Carlos Perez", "Luis Carlos Gomez", "", sharedProfile),
		strangers("Ana Paula Silva", "Maria Paula Souza", unlistedRole, ""), strangers("Kim Min Su", "Park Min Ho", unlistedRole, ""),
		strangers("Carlos Perez Lopez", "Luis Perez Gomez", "", sharedProfile), strangers("Juan Carlos Perez", "Luis Carlos Perez", unlistedRole, ""),
		strangers("Anna Lee", "Anna Dell", unlistedRole, ""), strangers("Lee Van", "Nina Kowalski", unlistedRole, ""), strangers("Van Le", "Nina Kowalski", "", sharedProfile),
		strangers("Ludwig Ten", "Ludwig Zu", unlistedRole, ""), strangers("Van Nguyen", "Linh Nguyen", unlistedRole, ""), strangers("Ken Lee", "Anna Dell", "", sharedProfile),
		strangers("李雷", "Nina Kowalski", unlistedRole, ""), strangers("محمد علي", "Nina Kowalski", unlistedRole, ""), strangers("김민수", "李雷", unlistedRole, ""),
		{name: "a profile joins across scripts", files: []string{
			namesHead + "1,李雷,Vco," + unlistedRole + ",+4915112440101," + sharedProfile + "\n@src1",
			namesHead + "2,Li Lei,Vco," + unlistedRole + ",+4915112440102," + sharedProfile + "\n@src2"},
			asked: []ask{{sourced("src1:1"), "Li Lei " + unlistedRole + " +4915112440102 +4915112440101"}}},
	})
}

// attacked is one file of one source.
func (w *world) attacked(source, rows string) is { return w.imported(namesHead+rows, source) }

// idOf is the id of whom a source's id means.
func (w *world) idOf(ws, id string) string {
	w.Helper()
	_, _, out := w.try("/v1/workspaces/"+ws+"/lookups", is{"person": sourced(id)})
	if out == nil {
		w.Fatalf("nobody is %s", id)
	}
	return out["person"].(is)["id"].(string)
}

// Erasing one of two who share a contested key leaves the other to everybody, and to the
// workspace that paid.
func TestErasingOneSparesTheOther(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("enterprise", 1, nil)
		w.attacked("crm", "1,Ada Byron,Eco,front2@eco.example,+4915112600001,linkedin.com/in/byron-x\n2,Ada Lovelace,Eco,front2@eco.example,+4915112600002,linkedin.com/in/lovelace-x\n")
		w.post(w.operator, "/v1/workspaces/"+ws+"/captures", is{"person": sourced("crm:2"), "fields": []string{"mobile_phone"}}, 200)
		w.call(w.operator, "DELETE", "/v1/directory/people/"+w.idOf(ws, "crm:1"), nil, 204)
		want := "Ada Lovelace front2@eco.example +4915112600002"
		for _, p := range []is{sourced("crm:2"), page("linkedin.com/in/lovelace-x"), called("Ada Lovelace", "Eco")} {
			if got := w.asked(ws, p); got != want {
				t.Errorf("%v gives %s, want %s", p, got, want)
			}
		}
		if got := len(w.get(w.operator, "/v1/workspaces/"+ws+"/leads")["data"].([]any)); got != 1 {
			t.Errorf("%d leads are on the sheet that paid for one", got)
		}
		for row, in := range map[string]int{"3,Ada Byron,Eco,front2@eco.example,,\n": 0, "4,Byron Ada,Eco,front2@eco.example,,\n": 0, "5,Ada Lovelace,Eco,front2@eco.example,,\n": 1, "6,Ada Turing,Eco,front2@eco.example,,\n": 1, ",Zed Quux,Eco,,,linkedin.com/in/byron-x\n": 1} {
			if r := w.attacked("late", row); fmt.Sprint(r["imported"]) != fmt.Sprint(in) {
				t.Errorf("%q: %v in, want %d: %s", row, r["imported"], in, described(r))
			}
		}
	})
}

// Anyone whom a key would have joined to somebody is barred when they are erased, and nobody else:
// the same names are imported beside one who is kept and beside one who was erased.
func TestErasureBarsWhomTheKeyWouldJoin(t *testing.T) {
	names := [][2]string{{"Li Wang", "Wang Li"}, {"Zsofia Nagy", "Nagy Zsofia"}, {"Erwin Sedler", "Herr Sedler"}, {"Erwin Sedler", "E. Sedler"}, {"Erwin Sedler", "Sedler, Erwin"}, {"Robert Quill", "B. Quill"},
		{"Robert Quill", "Bob Quill"}, {"Michael Roth", "Micheal Roth"}, {"Jean Paul Durand", "Paul Durand"}, {"Anna Lee", ""}, {"Юрий Петров", "Yuriy Petrov"}, {"Ada Byron", "Ada L. Byron"},
		{"Anna Lee", "Anna Dell"}, {"Nia Pardo", "Oto Pardo"}, {"Ada Byron", "Ada Lovelace"}, {"Juan Carlos Perez", "Luis Carlos Gomez"}, {"李雷", "Nina Kowalski"}, {"Ada Byron", "Bob Ray"}, {"A. King", "Ada Ray"}}
	start(t, func(w *world) {
		ws := w.workspace("enterprise", 1, nil)
		barred := 0
		for n, c := range names {
			row := func(id, name, box string) string {
				return fmt.Sprintf("%s%d,%q,Erco,%s%d77@er.example,+491511264%s%02d,\n", id, n, name, box, n, map[string]string{"k": "10", "l": "11", "e": "12", "f": "13"}[id], n)
			}
			w.attacked("a", row("k", c[0], "live")+row("e", c[0], "box"))
			w.attacked("b", row("l", c[1], "live"))
			joined := w.idOf(ws, fmt.Sprint("a:k", n)) == w.idOf(ws, fmt.Sprint("b:l", n))
			w.call(w.operator, "DELETE", "/v1/directory/people/"+w.idOf(ws, fmt.Sprint("a:e", n)), nil, 204)
			in := fmt.Sprint(w.attacked("b", row("f", c[1], "box"))["imported"])
			if joined != (in == "0") {
				t.Errorf("%q and %q are joined: %v; %s came back after the erasure", c[0], c[1], joined, in)
			}
			if joined {
				barred++
			}
		}
		if barred < 8 || len(names)-barred < 5 {
			t.Errorf("%d of %d pairs are joined: too few or too many to tell", barred, len(names))
		}
	})
}

// A person on the suppression list who proves to be two people is two on the list.
func TestPartsOfTheSuppressedStayOut(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("enterprise", 1, nil)
		w.attacked("crm", "1,Ada Byron,Sco,ada.b@s.example,+4915112610001,linkedin.com/in/ada-s\n")
		w.attacked("net", "2,Ada Lovelace,Sco,ada.l@s.example,+4915112610002,linkedin.com/in/ada-s\n")
		if w.idOf(ws, "crm:1") != w.idOf(ws, "net:2") {
			t.Fatal("the rows are not one person's")
		}
		w.post(w.operator, "/v1/directory/suppressions", is{"person": w.idOf(ws, "crm:1")}, 201)
		w.attacked("late", "3,Zed Quux,Sco,,,linkedin.com/in/ada-s\n")
		for _, id := range []string{"crm:1", "net:2"} {
			if got := w.asked(ws, sourced(id)); !strings.HasPrefix(got, "404") {
				t.Errorf("%s came back: %s", id, got)
			}
		}
		if got := w.asked(ws, sourced("late:3")); !strings.HasPrefix(got, "Zed Quux") {
			t.Errorf("Zed Quux is on no list: %s", got)
		}
	})
}
