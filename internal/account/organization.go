package account

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// maxOrganization is how many characters the organization's name may have.
const maxOrganization = 80

// organization is the name of the setting.
const organization = "organization"

// Organization is the name of the organization that runs the server, which the sign-in page
// shows; empty: none was given.
func (a *Accounts) Organization(ctx context.Context) (name string, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		name, err = tx.Settings().Get(organization)
		return err
	})
	return name, err
}

// NameOrganization changes it. The error is fault.Invalid for a name that is empty or too long.
func (a *Accounts) NameOrganization(ctx context.Context, name string) error {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || utf8.RuneCountInString(name) > maxOrganization {
		return fault.Wrong("organization", "must have 1 to 80 characters")
	}
	return a.Store.Update(ctx, func(tx *store.Tx) error { return tx.Settings().Put(organization, name) })
}
