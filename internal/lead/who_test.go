package lead

import "testing"

// Names that are one person's, names that may be, and names that cannot: by each table.
func TestWho(t *testing.T) {
	const (
		same    = "same"
		agree   = "agree"
		sibling = "sibling" // agree, but not where an address is shared
		other   = "other"
	)
	for _, c := range []struct{ a, b, want string }{
		{"Ada King", "ADA  KING", same}, {"Jürgen Quöll", "Juergen Quoell", same}, {"Jürgen Quöll", "Jurgen Quoll", same},
		{"Lukas Strauß", "Lukas Strauss", same}, {"QUIRKE John", "John Quirke", same}, {"Quirke, John", "John Quirke", same},
		{"Ada L. King", "Ada King", same}, {"Dr. Ada King, PhD", "Ada King", same}, {"Юрий Петров", "Yuriy Petrov", same},
		{"Дмитрий Соколов", "Dmitry Sokolov", same}, {"Наталья Иванова", "Natalya Ivanova", same}, {"Алексей Попов", "Alexey Popov", same},
		{"Γιώργος Παππάς", "Giorgos Pappas", same}, {"Søren Kjær", "Soren Kjaer", same}, {"Siobhán O’Quigley", "Siobhan OQuigley", same},
		{"Robert Quill", "Bob Quill", agree}, {"Bob Quill", "Rob Quill", agree}, {"William Ash", "Bill Ash", agree}, {"José Ruiz", "Pepe Ruiz", agree},
		{"Aleksandr Petrov", "Sasha Petrov", agree}, {"Johannes Bach", "Hans Bach", agree}, {"Katarzyna Nowak", "Kasia Nowak", agree},
		{"Ada King", "A. King", agree}, {"Ada King", "Ada K.", agree}, {"Ada King", "A. K.", agree}, {"Robert Quill", "B. Quill", agree}, {"K. Nowak", "NOWAK Katharina", agree}, {"Ada King", "Ada", agree}, {"Ada King", "", agree},
		{"Ada King", "Ada Lovelace", agree}, {"Ada King", "Ada King-Noel", agree}, {"Michael Roth", "Micheal Roth", agree}, {"Anna Maria Roth", "Maria Roth", agree},
		{"García Márquez, Gabriel", "Gabriel García", agree}, {"高橋 健", "Takeshi Takahashi", agree}, {"Nguyễn Văn Quân", "Quan Nguyen", same},
		{"Nia Pardo", "Oto Pardo", sibling}, {"Erik Roth", "Erika Roth", sibling}, {"Marta Roth", "Maria Roth", sibling}, {"N. Pardo", "Oto Pardo", sibling},
		{"Tim Roth", "Tom Roth", sibling}, {"Ada King", "Bob Ray", other}, {"A. King", "Ada Ray", other}, {"A. K.", "Bob Ray", other}, {"Ada", "Bob Ray", other},
		{"Ann Colley", "Ben Dovecot", other}, {"James Ray", "Ray Jones", other}, {"J. King", "J. Doe", other}, {"高橋 健", "佐藤 恵", other}, {"Юрий Петров", "Ivan Sidorov", other},
		{"Xena Marsh", "Yul Brook", other},
	} {
		a, b := WhoIs(c.a), WhoIs(c.b)
		for range 2 {
			got := other
			switch {
			case a.Same() == b.Same():
				got = same
			case a.Agrees(b) && a.Sibling(b):
				got = sibling
			case a.Agrees(b):
				got = agree
			}
			if got != c.want {
				t.Errorf("%q and %q: %s, want %s (%v, %v)", c.a, c.b, got, c.want, a.words, b.words)
			}
			if profile, email := Contradict(KindProfile, a, b), Contradict(KindEmail, a, b); profile != (c.want == other) || email != (c.want == other || c.want == sibling) {
				t.Errorf("%q and %q contradict for a profile: %v, for an address: %v", c.a, c.b, profile, email)
			}
			a, b = b, a
		}
	}
	if len(nicknames()) < 2000 {
		t.Errorf("%d names have short forms", len(nicknames()))
	}
}
