package signin

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// LinkLife is how long a mailed link is good for.
	LinkLife = 15 * time.Minute
	// maxLinks bounds the links of an address that are good at once for one who asks.
	// From maxStrangers links on each network gets one, so that strangers take no place
	// from the owner; maxNetworks bounds how many mails strangers can have sent there.
	maxLinks     = 3
	maxStrangers = 30
	maxNetworks  = 100
)

// Asker is who asks for a link. Browser is the secret of the browser, which the link is
// bound to. Network is where it is, and From the same in the words of SignIn.Address. Known
// is the id of a browser that was signed in with the address before. Such a browser, and a
// network that the address is signed in from, have places of their own whatever strangers ask.
type Asker struct{ Browser, Network, From, Known string }

// familiar are the names under which links of who is no stranger are kept.
func (a Asker) familiar(tx *store.Tx, memberships []Membership, now int64) (names []string, err error) {
	if a.Known != "" {
		names = append(names, "browser "+a.Known)
	}
	for _, d := range memberships {
		here, err := tx.SignIns().From(d.Workspace, d.Member, a.From, now)
		if err != nil {
			return nil, err
		}
		if here && a.From != "" {
			return append(names, "familiar "+a.From), nil
		}
	}
	return names, nil
}

// put writes a link in a place that is free; false: there is none.
func (a Asker) put(tx *store.Tx, l store.MailLink, memberships []Membership, now int64) (bool, error) {
	names, err := a.familiar(tx, memberships, now)
	if err != nil {
		return false, err
	}
	for _, name := range names {
		if put, err := putLink(tx, l, name, now); put || err != nil {
			return put, err
		}
	}
	if a.Known != "" {
		return false, nil
	}
	stranger := "network " + a.Network
	all, own, err := tx.Credentials().CountMailLinks(l.Email, ident.Hash(stranger), now)
	if err != nil || all >= maxNetworks || all >= maxStrangers && own > 0 {
		return false, err
	}
	return putLink(tx, l, stranger, now)
}

func putLink(tx *store.Tx, l store.MailLink, name string, now int64) (put bool, err error) {
	l.Asker = ident.Hash(name)
	for place := 0; place < maxLinks && !put && err == nil; place++ {
		put, err = tx.Credentials().PutMailLink(l, place, now)
	}
	return put, err
}

// AskLink mails a sign-in link to an address, if it is one that somebody signs in
// with. It works in the browser that asked, which proves itself by a secret; in it the
// code from the mail does the same, so that the mail may be read elsewhere. The answer
// is the same whether anything was sent.
func (svc *Service) AskLink(ctx context.Context, address string, by Asker) error {
	email, err := lead.Email(address)
	if err != nil || !svc.Mail.On() {
		return nil
	}
	known := false
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		memberships, _, err := membershipsOf(tx, email)
		known = len(memberships) > 0
		return err
	})
	if err != nil || !known {
		return err
	}
	token, code := ident.Secret(), strings.ToUpper(ident.Secret()[:8])
	now := svc.Clock()
	return svc.Store.Update(ctx, func(tx *store.Tx) error {
		memberships, name, err := membershipsOf(tx, email)
		if err != nil || len(memberships) == 0 {
			return err
		}
		l := store.MailLink{Hash: ident.Hash(token), Browser: ident.Hash(by.Browser), Code: codeHash(by.Browser, code), Email: email, ExpiresAt: now.Add(LinkLife).UnixMicro()}
		if put, err := by.put(tx, l, memberships, now.UnixMicro()); err != nil || !put {
			return err
		}
		// The operator's own mails have no workspace; an address's of several neither.
		return svc.Mail.Put(tx, "", mail.Message{To: email, Name: name, Template: "sign_in_link",
			Data: map[string]string{"Path": "/sign-in/link?token=" + token, "Code": code[:4] + "-" + code[4:]}})
	})
}

// codeHash binds a code to the browser that asked: the hash alone is of no use to
// anybody who reads it.
func codeHash(browser, code string) []byte {
	return ident.Hash(browser + " " + strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code)))
}

// membershipsOf are where an address leads to: the workspaces it is a member of, and the
// operator's pages.
func membershipsOf(tx *store.Tx, email string) (memberships []Membership, name string, err error) {
	members, err := tx.Members().ByEmail(email)
	if err != nil {
		return nil, "", err
	}
	for _, m := range members {
		memberships, name = append(memberships, Membership{m.Workspace, m.ID}), m.Name
	}
	logins, err := tx.Logins().ByEmail(email)
	for _, l := range logins {
		if l.Workspace == "" {
			memberships = append(memberships, Membership{})
		}
	}
	return memberships, name, err
}

// doorsBy are where a link leads: not to whom all sign-ins were ended since it was mailed.
func doorsBy(tx *store.Tx, l store.MailLink) (memberships []Membership, err error) {
	all, _, err := membershipsOf(tx, l.Email)
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		good, err := account.ProvedSince(tx, d.Workspace, d.Member, l.ExpiresAt-LinkLife.Microseconds())
		if err != nil {
			return nil, err
		}
		if good {
			memberships = append(memberships, d)
		}
	}
	return memberships, nil
}

// LinkState is what may be done with a link.
type LinkState string

// What may be done with a link.
const (
	LinkOver  LinkState = "over"  // it was used, is too old or never was
	LinkOther LinkState = "other" // another browser asked for it
	LinkGood  LinkState = "good"
)

// Link looks at a link and leaves it as it is: mail scanners open links too.
func (svc *Service) Link(ctx context.Context, token, browser string) (state LinkState, err error) {
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		l, found, err := tx.Credentials().MailLink(ident.Hash(token), svc.Clock().UnixMicro())
		var memberships []Membership
		if err == nil && found {
			memberships, err = doorsBy(tx, l)
		}
		switch {
		case len(memberships) == 0:
			state = LinkOver
		case browser == "" || !bytes.Equal(l.Browser, ident.Hash(browser)):
			state = LinkOther
		default:
			state = LinkGood
		}
		return err
	})
	return state, err
}

// ByLink is an entry by a link, in the browser that asked for it; it is used up.
func (svc *Service) ByLink(ctx context.Context, token, browser string) (Entry, error) {
	return svc.byLink(ctx, browser, func(tx *store.Tx) (store.MailLink, bool, error) {
		l, found, err := tx.Credentials().MailLink(ident.Hash(token), svc.Clock().UnixMicro())
		return l, found && bytes.Equal(l.Browser, ident.Hash(browser)), err
	})
}

// ByLinkCode is an entry by the code of a link, in the browser that asked for it.
func (svc *Service) ByLinkCode(ctx context.Context, code, browser string) (Entry, error) {
	return svc.byLink(ctx, browser, func(tx *store.Tx) (store.MailLink, bool, error) {
		return tx.Credentials().MailLinkByCode(ident.Hash(browser), codeHash(browser, code), svc.Clock().UnixMicro())
	})
}

func (svc *Service) byLink(ctx context.Context, browser string, find func(tx *store.Tx) (store.MailLink, bool, error)) (e Entry, err error) {
	refused := fault.New(fault.Unauthenticated, "This is unknown, used or too old, or another browser asked for it. Ask for a new link.")
	if browser == "" {
		return e, refused
	}
	at := svc.Clock()
	err = svc.Store.View(ctx, func(tx *store.Tx) error { // a guess writes nothing
		_, found, err := find(tx)
		if err == nil && !found {
			err = refused
		}
		return err
	})
	if err != nil {
		return e, err
	}
	err = svc.Store.Update(ctx, func(tx *store.Tx) error {
		l, found, err := find(tx)
		if err != nil {
			return err
		}
		if !found {
			return refused
		}
		taken, err := tx.Credentials().TakeMailLink(l.Hash)
		if err != nil {
			return err
		}
		if !taken {
			return refused
		}
		memberships, err := doorsBy(tx, l)
		if err != nil {
			return err
		}
		if len(memberships) == 0 {
			return refused
		}
		e = entry(at, ByLink, memberships...)
		e.Owner = true
		e.Reset = true
		return nil
	})
	return e, err
}
