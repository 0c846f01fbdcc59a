package lead

import "testing"

// Names that are one person's, names that may be, and names that cannot: by each table.
func TestWho(t *testing.T) {
	const (
		same    = "same"
		agree   = "agree"
		sibling = "sibling" // agree, but not where an address is shared
		script  = "script"  // agree, but are in scripts that no table brings together: not where an address is shared
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
		{"García Márquez, Gabriel", "Gabriel García", agree}, {"高橋 健", "Takeshi Takahashi", script}, {"Nguyễn Văn Quân", "Quan Nguyen", same},
		{"Nia Pardo", "Oto Pardo", sibling}, {"Erik Roth", "Erika Roth", sibling}, {"Marta Roth", "Maria Roth", sibling}, {"N. Pardo", "Oto Pardo", sibling},
		{"Tim Roth", "Tom Roth", sibling}, {"Ada King", "Bob Ray", other}, {"A. King", "Ada Ray", other}, {"A. K.", "Bob Ray", other}, {"Ada", "Bob Ray", other},
		{"Ann Colley", "Ben Dovecot", other}, {"James Ray", "Ray Jones", other}, {"J. King", "J. Doe", other}, {"高橋 健", "佐藤 恵", other}, {"Юрий Петров", "Ivan Sidorov", other},
		{"Xena Marsh", "Yul Brook", other},
		// A word in the middle of both names is neither's given name and neither's family name.
		{"Juan Carlos Perez", "Luis Carlos Gomez", other}, {"Ana Paula Silva", "Maria Paula Souza", other}, {"Kim Min Su", "Park Min Ho", other}, {"Maria Jose Lopez", "Jose Maria Ruiz", agree},
		{"Carlos Perez Lopez", "Luis Perez Gomez", other}, {"Juan Carlos Perez", "Luis Carlos Perez", sibling}, {"Juan Carlos Perez", "Carlos Perez", agree}, {"Gabriel García Márquez", "Gabriel Márquez", agree},
		{"J. Carlos Perez", "Juan Carlos Perez", agree}, {"J. Carlos Perez", "M. Carlos Perez", sibling}, {"Nagy Anna Zsófia", "Anna Nagy", agree}, {"Kim Min Su", "Min Su Kim", same},
		{"李雷", "Nina Kowalski", script}, {"محمد علي", "Nina Kowalski", script}, {"李雷", "محمد علي", script}, {"高橋 健", "たかはし けん", script}, {"김민수", "Kim Min Su", script},
		{"Li Lei 李雷", "Li Lei", agree}, {"Li Lei 李雷", "Nina Kowalski", other}, {"李雷", "李雷", same}, {"李雷", "", agree}, {"李雷", "王芳", other}, {"नीना शर्मा", "Nina Sharma", script},
		// Family names and given names that are, or fold to, particles.
		{"Michael Dell", "Michael Lee", agree}, {"Michael Dell", "Ken Lee", other}, {"Anna Lee", "Anna Dell", agree}, {"Lee Van", "Nina Kowalski", other}, {"Van Le", "Nina Kowalski", other},
		{"Al Gore", "Tipper Gore", sibling}, {"Van Nguyen", "Linh Nguyen", sibling}, {"Ludwig Ten", "Ludwig Zu", agree}, {"Jan de Vries", "De Vries Jan", agree}, {"Jan van der Berg", "Jan Berg", same},
		{"Bo Oo", "Bo Olsen", agree}, {"W. Ash", "William Ash", agree}, {"Y. Petrov", "Юрий Петров", agree}, {"Aa Bo", "Adam Bo", sibling},
	} {
		a, b := WhoIs(c.a), WhoIs(c.b)
		for range 2 {
			got := other
			switch {
			case a.Same() == b.Same():
				got = same
			case a.Agrees(b) && a.Incomparable(b):
				got = script
			case a.Agrees(b) && a.Sibling(b):
				got = sibling
			case a.Agrees(b):
				got = agree
			}
			if got != c.want {
				t.Errorf("%q and %q: %s, want %s (%v, %v)", c.a, c.b, got, c.want, a.words, b.words)
			}
			if profile, email := Contradict(KindProfile, a, b), Contradict(KindEmail, a, b); profile != (c.want == other) || email != (c.want == other || c.want == sibling || c.want == script) {
				t.Errorf("%q and %q contradict for a profile: %v, for an address: %v", c.a, c.b, profile, email)
			}
			hash := func(s string) string { return "#" + s }
			for _, address := range []string{"front2@v.example", "robert.king@v.example", "roth@v.example"} {
				m := a.Mark(address, hash).Facing(b, hash)
				for _, kind := range []string{KindProfile, KindEmail} {
					if Contradict(kind, m, b) != Contradict(kind, a, b) || Vouches(address, m, b) != Vouches(address, a, b) || m.Like(b) != a.Like(b) || (m.Same() == b.Same()) != (a.Same() == b.Same()) {
						t.Errorf("the mark of %q and %q differ at %s of %s: %q", c.a, c.b, kind, address, m.words)
					}
				}
			}
			a, b = b, a
		}
	}
	if len(nicknames()) < 2000 {
		t.Errorf("%d names have short forms", len(nicknames()))
	}
}

// A name with letters is somebody's, however it folds; and a word counts for one part of a
// name: the given name and the family name that vouch for two rows are different words.
func TestEveryWordCountsOnce(t *testing.T) {
	for _, name := range []string{"Lee", "Dell", "Van Le", "Lee Van", "Del Dell", "Di Li", "Ten Zu", "ь", "Ъ Ь", "Aa", "Ee Oo", "von", "le le"} {
		if WhoIs(name).Nobody() || WhoIs(name).words[0] == "" {
			t.Errorf("%q is nobody's name", name)
		}
	}
	for _, c := range [][2]string{{"Juan Carlos Perez", "Luis Carlos Gomez"}, {"Ana Paula Silva", "Maria Paula Souza"}, {"Kim Min Su", "Park Min Ho"}, {"Maria Jose Lopez", "Jose Maria Ruiz"},
		{"Juan Carlos Perez", "Carlos Gomez"}, {"Anna Lee", "Anna Dell"}, {"Ludwig Ten", "Ludwig Zu"}, {"Lee Van", "Nina Kowalski"}} {
		a, b := WhoIs(c[0]), WhoIs(c[1])
		if a.Like(b) || b.Like(a) || !Contradict(KindEmail, a, b) && Vouches("front2@v.example", a, b) {
			t.Errorf("%q and %q would be one at a role address", c[0], c[1])
		}
	}
}
