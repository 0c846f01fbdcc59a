package browser_test

import (
	"testing"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
)

// A person of two workspaces chooses one, and where a second factor is wanted sets it
// up on the way in: both doors are pages like any other.
func TestTwoWorkspacesAndAFactorThatIsWanted(t *testing.T) {
	w := gated(t)
	err := w.server.Store.Update(ctx, func(tx *store.Tx) error {
		other, err := w.server.Accounts.CreateWorkspace(tx, account.NewWorkspace{Name: "Second Sales", Plan: "pro", TimeZone: "UTC", PriceBook: "classic", Seats: 1, Anchor: 1})
		if err != nil {
			return err
		}
		scope := &account.Scope{Principal: account.Principal{Role: account.Operator}, Workspace: other, Now: w.now()}
		_, err = w.server.Accounts.AddMember(tx, scope, account.NewMember{Email: "mel@acme.example", Name: "Mel Elsewhere", Role: account.Regular})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ours, err := w.server.Accounts.Enter(ctx, account.Principal{Role: account.Admin, Workspace: w.ws}, w.ws)
	if err == nil {
		err = w.server.SignIn.SetPolicy(ctx, ours, store.SignInPolicy{Workspace: w.ws, SecondFactor: true})
	}
	if err != nil {
		t.Fatal(err)
	}
	tab := w.tab()
	tab.goTo("/sign-in")
	tab.fill("#email", "mel@acme.example")
	tab.follow(`button[formaction="/sign-in/link"]`)
	tab.goTo(w.mailed("sign-in link", `(/sign-in/link\?token=[a-z0-9]+)`))
	tab.follow("main form button")
	tab.wait(`location.pathname == "/sign-in/choose"`)
	tab.has("main", "Acme")
	tab.has("main", "Second Sales")
	tab.standsUp("/sign-in/choose")
	tab.has("button.choice:first-of-type", "Acme")
	tab.follow("button.choice:first-of-type")
	tab.wait(`location.pathname == "/sign-in/set-up"`)
	tab.standsUp("/sign-in/set-up")
	if where := location(t, w.base+"/leads", tab.cookie()); where != "/sign-in?next=%2Fleads" {
		t.Errorf("half signed in leads to %q", where)
	}
}
