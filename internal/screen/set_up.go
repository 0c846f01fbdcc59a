package screen

import (
	"context"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
)

// SetUp is how far a new server is, step by step.
type SetUp struct {
	OwnSignIn    bool   // the operator has a password or a passkey
	Organization string // the name of who runs the server; empty: none was given
	Workspace    string // a workspace's id, the first of the list; empty: there is none
	Name         string // of that workspace
	Admin        string // the id of its first admin
	AdminName    string
	Mail         bool // mails leave the server
	People       bool // the directory has people
	Extension    bool // somebody connected a browser extension
	Captured     bool // a lead is on a sheet

	Types []string
	Plans []Offer
}

// New reports whether nothing was done yet on the server that only a set-up does.
func (s *SetUp) New() bool { return s.Workspace == "" && !s.People }

// Open is how many steps are left to do.
func (s *SetUp) Open() (n int) {
	for _, done := range []bool{s.OwnSignIn, s.Organization != "", s.Workspace != "", s.Mail, s.People, s.Captured} {
		if !done {
			n++
		}
	}
	return n
}

// SetUpSteps is how many steps there are, but for those that not every server needs.
const SetUpSteps = 6

// membersLooked is among how many members the first admin is looked for.
const membersLooked = 100

// SetUp reads it.
func (s *Screens) SetUp(ctx context.Context) (p SetUp, err error) {
	book := s.Ledger.Books()[credits.UsualBook]
	p.Types, p.Plans, p.Mail = book.Credits, offersOf(book), s.SignIn.Mail.On()
	if p.Organization, err = s.Accounts.Organization(ctx); err != nil {
		return p, err
	}
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		begun, err := tx.Workspaces().Begun()
		if err != nil {
			return err
		}
		p.OwnSignIn, p.People, p.Extension, p.Captured = begun.OwnSignIn, begun.People, begun.Extension, begun.Captured
		rows, err := tx.Workspaces().Listed("", "", 1)
		if err != nil || len(rows) == 0 {
			return err
		}
		p.Workspace, p.Name = rows[0].ID, rows[0].Name
		members, err := tx.Members().Of(p.Workspace, "", membersLooked, false)
		for _, m := range members {
			if m.Role == account.Admin && p.Admin == "" {
				p.Admin, p.AdminName = m.ID, m.Name
			}
		}
		return err
	})
	return p, err
}
