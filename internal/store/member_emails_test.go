package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// team is what members there should be.
type team struct {
	*testing.T
	st      *store.Store
	r       *rand.Rand
	members map[string]store.Member
}

const (
	teamSpaces = 6
	teamEmails = 8
)

func teamEmail(n int) string { return fmt.Sprintf("p%d@acme.example", n) }

// change does one thing to one member, as it is refused or done.
func (m *team) change(n int) {
	m.Helper()
	ws := fmt.Sprint("ws_", m.r.IntN(teamSpaces))
	one := store.Member{Workspace: ws, ID: fmt.Sprint("mem_", n), Email: teamEmail(m.r.IntN(teamEmails)), Name: "A", Role: "member", CreatedAt: 1}
	add := true
	if ids := m.of(ws); len(ids) > 0 && m.r.IntN(3) > 0 {
		add, one = false, m.members[ids[m.r.IntN(len(ids))]]
		switch m.r.IntN(4) {
		case 0:
			one.RemovedAt = int64(n + 1)
		case 1:
			one.RemovedAt = 0
		case 2:
			one.Email = teamEmail(m.r.IntN(teamEmails))
		case 3:
			one.Name += "b"
		}
	}
	err := m.st.Update(context.Background(), func(tx *store.Tx) error {
		if add {
			return tx.Members().Insert(one)
		}
		return tx.Members().Update(one)
	})
	switch {
	case err == nil:
		m.members[one.ID] = one
	case !fault.Is(err, fault.Conflict):
		m.Fatal(err)
	}
}

func (m *team) of(ws string) (ids []string) {
	for id, one := range m.members {
		if one.Workspace == ws {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// check finds by each address exactly the members who have it.
func (m *team) check() {
	m.Helper()
	some := 0
	for n := range teamEmails {
		var want []store.MemberEmail
		for _, one := range m.members {
			if one.Email == teamEmail(n) && one.RemovedAt == 0 {
				want = append(want, store.MemberEmail{Email: one.Email, Workspace: one.Workspace, Member: one.ID})
			}
		}
		slices.SortFunc(want, func(a, b store.MemberEmail) int { return int(a.Workspace[3]) - int(b.Workspace[3]) })
		var got []store.MemberEmail
		if err := m.st.View(context.Background(), func(tx *store.Tx) (err error) {
			got, err = tx.Members().ByEmail(teamEmail(n))
			return err
		}); err != nil {
			m.Fatal(err)
		}
		if !slices.Equal(got, want) {
			m.Fatalf("%s leads to %v, and should to %v", teamEmail(n), got, want)
		}
		some += len(got)
	}
	if len(m.members) > 20 && some == 0 {
		m.Fatal("no address leads anywhere: nothing was tested")
	}
}

// An address leads to the members who have it, whatever is done to them; what a server that does not
// know of it leaves wrong is mended.
func TestEmailsFollowMembers(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		m := &team{T: t, st: st, r: rand.New(rand.NewPCG(3, 5)), members: map[string]store.Member{}}
		for n := range 150 {
			m.change(n)
			if n%10 == 0 {
				m.check()
			}
		}
		m.check()
		wrong := 0
		err := st.Update(t.Context(), func(tx *store.Tx) error {
			for id, one := range m.members {
				switch {
				case m.r.IntN(2) == 0:
					continue
				case one.RemovedAt == 0:
					if err := tx.Members().ForgetEmail(one); err != nil {
						return err
					}
					wrong++
				default:
					if err := tx.Members().KeepEmail(store.MemberEmail{Email: one.Email, Workspace: one.Workspace, Member: id}); err != nil {
						return err
					}
					wrong++
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := st.MendMemberEmails(t.Context()); err != nil || n != wrong || wrong < 10 {
			t.Errorf("%d of %d were mended, %v", n, wrong, err)
		}
		m.check()
		if n, err := st.MendMemberEmails(t.Context()); err != nil || n != 0 {
			t.Errorf("%d are still wrong, %v", n, err)
		}
	})
}
