package directory

import (
	"fmt"
	"testing"
)

// A report tells new people from known ones, and says how many proved to be one.
func TestWhatRowsWereToTheDirectory(t *testing.T) {
	eachLand(t, func(l *land) {
		const head = "full_name,company,work_email,linkedin_url,work_email_status\n"
		for n, c := range []struct{ rows, want string }{
			{"Ada Byron,Engines,ada@engines.example,,valid\nBo Kahn,Mills,bo@mills.example,,valid\n", "2 in, 2 new, 0 updated, 0 joined"},
			{"Ada Byron,Engines,ada@engines.example,,valid\n", "1 in, 0 new, 0 updated, 0 joined"},
			{"Bo Kahn,Mills,bo@mills.example,,bounced\n", "1 in, 0 new, 1 updated, 0 joined"},
			{"Ada Byron,Engines,,https://www.linkedin.com/in/ada-byron-1,\n", "1 in, 1 new, 0 updated, 0 joined"},
			{"Ada Byron,Engines,ada@engines.example,https://www.linkedin.com/in/ada-byron-1,valid\nCy Dee,Works,cy@works.example,,valid\n", "2 in, 1 new, 0 updated, 1 joined"},
		} {
			r := l.load("", head+c.rows)
			l.same(fmt.Sprint("file ", n), fmt.Sprintf("%d in, %d new, %d updated, %d joined", r.Imported, r.Added, r.Updated, r.Joined), c.want)
		}
	})
}
