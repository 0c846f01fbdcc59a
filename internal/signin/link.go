package signin

import (
	"bytes"
	"cmp"
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

// put writes a link in a place that is free; false: there is none. Who asks from where the address is
// signed in is no stranger.
func (a Asker) put(tx *store.Tx, l store.MailLink, signedIn bool, now int64) (bool, error) {
	var names []string
	if a.Known != "" {
		names = append(names, "browser "+a.Known)
	}
	if signedIn && a.From != "" {
		names = append(names, "familiar "+a.From)
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
	memberships, err := svc.membershipsOf(ctx, email)
	if err != nil || len(memberships) == 0 {
		return err
	}
	now := svc.Clock()
	to, err := svc.recipient(ctx, email, memberships, by, now.UnixMicro())
	if err != nil || !to.known {
		return err
	}
	token, code := ident.Secret(), strings.ToUpper(ident.Secret()[:8])
	return svc.Store.Update(ctx, func(tx *store.Tx) error {
		l := store.MailLink{Hash: ident.Hash(token), Browser: ident.Hash(by.Browser), Code: codeHash(by.Browser, code), Email: email, ExpiresAt: now.Add(LinkLife).UnixMicro()}
		if put, err := by.put(tx, l, to.signedIn, now.UnixMicro()); err != nil || !put {
			return err
		}
		return svc.Mail.Put(tx, to.workspace, mail.Message{To: email, Name: to.name, Template: "sign_in_link",
			Data: map[string]string{"Path": "/sign-in/link?token=" + token, "Code": code[:4] + "-" + code[4:]}})
	})
}

// recipient is whom a link is mailed to.
type recipient struct {
	known bool
	name  string
	// workspace is the one beside whose rows the mail waits: one whose database answers.
	workspace string
	// signedIn: from where the link is asked for.
	signedIn bool
}

func (svc *Service) recipient(ctx context.Context, email string, memberships []Membership, by Asker, now int64) (to recipient, err error) {
	_, err = svc.viewOf(ctx, memberships, func(tx *store.Tx, d Membership) error {
		m, member, err := d.member(tx, email)
		if err != nil || !member {
			return err
		}
		here, err := tx.SignIns().From(d.Workspace, d.Member, by.From, now)
		if !to.known {
			to.workspace = d.Workspace
		}
		to.known, to.name, to.signedIn = true, cmp.Or(m.Name, to.name), to.signedIn || here
		return err
	})
	return to, err
}

// codeHash binds a code to the browser that asked: the hash alone is of no use to
// anybody who reads it.
func codeHash(browser, code string) []byte {
	return ident.Hash(browser + " " + strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code)))
}

// membershipsOf are where an address leads to: the workspaces it is a member of, and the
// operator's pages. No workspace is asked for it.
func (svc *Service) membershipsOf(ctx context.Context, email string) (memberships []Membership, err error) {
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		emails, err := tx.Members().ByEmail(email)
		if err != nil {
			return err
		}
		for _, e := range emails {
			memberships = append(memberships, Membership{e.Workspace, e.Member})
		}
		logins, err := tx.Logins().ByEmail(email)
		for _, l := range logins {
			if l.Workspace == "" {
				memberships = append(memberships, Membership{})
			}
		}
		return err
	})
	return memberships, err
}

// viewOf reads about memberships, and leaves out those whose database does not answer; see
// store.ViewOf.
func (svc *Service) viewOf(ctx context.Context, memberships []Membership, fn func(tx *store.Tx, d Membership) error) (left int, err error) {
	list := make([]string, len(memberships))
	for n, d := range memberships {
		list[n] = d.Workspace
	}
	return svc.Store.ViewOf(ctx, list, func(tx *store.Tx, n int) error { return fn(tx, memberships[n]) })
}

// member reads the member of a membership that was found by an address; false: it is theirs no more.
// The operator has no row.
func (d Membership) member(tx *store.Tx, email string) (m store.Member, there bool, err error) {
	if d.Workspace == "" {
		return m, true, nil
	}
	m, found, err := tx.Members().ByID(d.Workspace, d.Member)
	return m, found && m.RemovedAt == 0 && m.Email == email, err
}

// doorsBy are where a link leads: not to whom all sign-ins were ended since it was mailed.
func (svc *Service) doorsBy(ctx context.Context, l store.MailLink) (memberships []Membership, err error) {
	all, err := svc.membershipsOf(ctx, l.Email)
	if err != nil {
		return nil, err
	}
	_, err = svc.viewOf(ctx, all, func(tx *store.Tx, d Membership) error {
		_, there, err := d.member(tx, l.Email)
		if err != nil || !there {
			return err
		}
		good, err := account.ProvedSince(tx, d.Workspace, d.Member, l.ExpiresAt-LinkLife.Microseconds())
		if good {
			memberships = append(memberships, d)
		}
		return err
	})
	return memberships, err
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
	var l store.MailLink
	found := false
	err = svc.Store.View(ctx, func(tx *store.Tx) (err error) {
		l, found, err = tx.Credentials().MailLink(ident.Hash(token), svc.Clock().UnixMicro())
		return err
	})
	var memberships []Membership
	if err == nil && found {
		memberships, err = svc.doorsBy(ctx, l)
	}
	switch {
	case err != nil:
		return "", err
	case len(memberships) == 0:
		return LinkOver, nil
	case browser == "" || !bytes.Equal(l.Browser, ident.Hash(browser)):
		return LinkOther, nil
	}
	return LinkGood, nil
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
	var l store.MailLink
	err = svc.Store.View(ctx, func(tx *store.Tx) error { // a guess writes nothing
		found := false
		if l, found, err = find(tx); err == nil && !found {
			err = refused
		}
		return err
	})
	if err != nil {
		return e, err
	}
	memberships, err := svc.doorsBy(ctx, l) // sign-ins that end from here on end the entry
	if err == nil && len(memberships) == 0 {
		err = refused
	}
	if err != nil {
		return e, err
	}
	err = svc.Store.Update(ctx, func(tx *store.Tx) error {
		taken, err := tx.Credentials().TakeMailLink(l.Hash)
		if err == nil && !taken {
			err = refused
		}
		return err
	})
	if err != nil {
		return e, err
	}
	e = entry(at, ByLink, memberships...)
	e.Owner = true
	e.Reset = true
	return e, nil
}
