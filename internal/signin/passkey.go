package signin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	maxPasskeys    = 20
	maxPasskeyName = 60 // characters
	// passkeyWithin is how long a browser may take to answer: the offer beside the email field
	// waits for as long as the page is open.
	passkeyWithin = time.Hour
)

// Site is what passkeys are made for: a name, and the origin that pages have.
type Site struct{ ID, Origin string }

// Site is the server's, as a browser that calls it by host reaches it. Where there can
// be no passkeys, why says so.
func (svc *Service) Site(host string) (s Site, why string) {
	if u, err := url.Parse(svc.PublicURL); err == nil && u.Hostname() != "" && net.ParseIP(u.Hostname()) == nil {
		if u.Scheme != "https" && !isLocalhost(u.Hostname()) {
			return s, "Browsers keep passkeys for https:// alone, and this server’s public_url begins with http://."
		}
		return Site{u.Hostname(), u.Scheme + "://" + u.Host}, ""
	}
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	switch {
	case isLocalhost(name):
		return Site{name, "http://" + host}, ""
	case net.ParseIP(strings.Trim(name, "[]")) != nil:
		return s, "Browsers keep passkeys for a name, and this server was reached by an IP address. Open it by its name; on your own machine that is localhost."
	}
	return s, "Passkeys are kept for the name of the server, and its operator has not set public_url."
}

func isLocalhost(name string) bool {
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// party is the server as WebAuthn calls it.
func (s Site) party() (*webauthn.WebAuthn, error) {
	return webauthn.New(&webauthn.Config{
		RPID: s.ID, RPDisplayName: "leadmeter", RPOrigins: []string{s.Origin}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired,
		},
	})
}

// holder is somebody as WebAuthn calls them.
type holder struct {
	membership  Membership
	email, name string
	keys        []store.Passkey
	credentials []webauthn.Credential
}

// WebAuthnID is the membership, so that a passkey says by itself which workspace it is for.
func (h *holder) WebAuthnID() []byte {
	if h.membership.Workspace == "" {
		return []byte("operator")
	}
	return []byte(strings.TrimPrefix(h.membership.Workspace, "ws_") + "/" + strings.TrimPrefix(h.membership.Member, "mem_"))
}

func membershipOf(handle []byte) Membership {
	ws, member, ok := strings.Cut(string(handle), "/")
	if !ok {
		return Membership{}
	}
	return Membership{"ws_" + ws, "mem_" + member}
}

// WebAuthnName is what the browser shows.
func (h *holder) WebAuthnName() string { return h.email }

// WebAuthnDisplayName is the same for people.
func (h *holder) WebAuthnDisplayName() string { return h.name }

// WebAuthnCredentials are their passkeys.
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.credentials }

func (svc *Service) holder(ctx context.Context, d Membership) (*holder, error) {
	h := &holder{membership: d, email: "operator", name: "Operator"}
	return h, svc.Store.View(ctx, func(tx *store.Tx) (err error) {
		if d.Workspace != "" {
			m, w, there, err := d.behind(tx)
			if err != nil {
				return err
			}
			if !there {
				return errNobody
			}
			h.email, h.name = m.Email+" ("+w.Name+")", m.Name
		}
		if h.keys, err = tx.Credentials().Passkeys(d.Workspace, d.Member); err != nil {
			return err
		}
		for _, k := range h.keys {
			var c webauthn.Credential
			if err := json.Unmarshal([]byte(k.Record), &c); err != nil {
				return err
			}
			h.credentials = append(h.credentials, c)
		}
		return nil
	})
}

var errNobody = errors.New("signin: a passkey of nobody")

// OfferPasskey is what a browser is asked to make a passkey of, and what the session
// must keep until it answers.
func (svc *Service) OfferPasskey(ctx context.Context, site Site, p account.Principal) (options any, session []byte, err error) {
	h, err := svc.holder(ctx, Membership{p.Workspace, p.Member})
	if err != nil {
		return nil, nil, err
	}
	if len(h.keys) >= maxPasskeys {
		return nil, nil, fault.New(fault.Conflict, "You have %d passkeys. Remove one first.", maxPasskeys)
	}
	party, err := site.party()
	if err != nil {
		return nil, nil, err
	}
	creation, data, err := party.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.credentials).CredentialDescriptors()))
	if err != nil {
		return nil, nil, err
	}
	session, err = json.Marshal(data)
	return creation.Response, session, err
}

// AddPasskey keeps the passkey that a browser made. Fault: Invalid.
func (svc *Service) AddPasskey(ctx context.Context, site Site, p account.Principal, session, answer []byte, name string) error {
	h, err := svc.holder(ctx, Membership{p.Workspace, p.Member})
	if err != nil {
		return err
	}
	party, err := site.party()
	if err != nil {
		return err
	}
	var data webauthn.SessionData
	if err := json.Unmarshal(session, &data); err != nil {
		return passkeyRefused(err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return passkeyRefused(err)
	}
	made, err := party.CreateCredential(h, data, parsed)
	if err != nil {
		return passkeyRefused(err)
	}
	record, err := json.Marshal(made)
	if err != nil {
		return err
	}
	if name, err = passkeyName(name); err != nil {
		return err
	}
	k := store.Passkey{Workspace: p.Workspace, Member: p.Member, ID: ident.New("pk"), Credential: made.ID, Name: name, Record: string(record), CreatedAt: svc.Clock().UnixMicro()}
	return svc.change(ctx, p, "passkey.added", "", "A passkey was added that signs in as you: "+name+".", func(tx *store.Tx) error {
		return tx.Credentials().InsertPasskey(k)
	})
}

func passkeyName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		name = "Passkey"
	}
	return name, fault.Length("name", name, 1, maxPasskeyName)
}

func passkeyRefused(cause error) error {
	return &fault.Error{Kind: fault.Invalid, Message: "The passkey could not be checked. Try again.", Cause: cause}
}

// asked is what a browser that asked to sign in by a passkey must bring back. It is not kept
// on the server, so At says whether it counted already: the passkey was used since.
type asked struct {
	At   int64 // microseconds since 1970
	Data webauthn.SessionData
}

// AskPasskey is what a browser is asked to sign in with, no matter who it is, and what it must
// bring back, sealed, with its answer.
func (svc *Service) AskPasskey(site Site) (options any, sealed []byte, err error) {
	party, err := site.party()
	if err != nil {
		return nil, nil, err
	}
	assertion, data, err := party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, nil, err
	}
	sealed, err = json.Marshal(asked{svc.Clock().UnixMicro(), *data})
	return assertion.Response, sealed, err
}

// ByPasskey is an entry by a passkey whose holder proved themselves to it: that is both
// factors. Fault: Unauthenticated.
func (svc *Service) ByPasskey(ctx context.Context, site Site, session, answer []byte) (e Entry, err error) {
	refused := func(cause error) error {
		return &fault.Error{Kind: fault.Unauthenticated, Message: "This passkey is unknown here, or was removed. Sign in another way.", Cause: cause}
	}
	party, err := site.party()
	if err != nil {
		return e, err
	}
	var data asked
	if err := json.Unmarshal(session, &data); err != nil {
		return e, refused(err)
	}
	if svc.Clock().UnixMicro()-data.At > passkeyWithin.Microseconds() {
		return e, refused(errors.New("signin: the browser was asked too long ago"))
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return e, refused(err)
	}
	at := svc.Clock()
	var whose *holder
	_, used, err := party.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		h, err := svc.holder(ctx, membershipOf(handle))
		if err != nil {
			return nil, err
		}
		whose = h
		return h, nil
	}, data.Data, parsed)
	if err != nil {
		return e, refused(err)
	}
	if used.Authenticator.CloneWarning {
		return e, refused(errors.New("signin: the passkey's counter went back"))
	}
	record, err := json.Marshal(used)
	if err != nil {
		return e, err
	}
	e = entry(at, ByPasskey, whose.membership)
	e.Whole = true
	return e, svc.Store.Update(ctx, func(tx *store.Tx) error {
		for _, k := range whose.keys {
			if bytes.Equal(k.Credential, used.ID) {
				fresh, err := tx.Credentials().UsePasskey(k.Workspace, k.Member, k.ID, string(record), data.At, svc.Clock().UnixMicro())
				if err == nil && !fresh {
					err = refused(errors.New("signin: an answer came twice"))
				}
				return err
			}
		}
		return refused(nil)
	})
}

// RenamePasskey gives one of the principal's another name.
func (svc *Service) RenamePasskey(ctx context.Context, p account.Principal, id, name string) error {
	name, err := passkeyName(name)
	if err != nil {
		return err
	}
	return svc.change(ctx, p, "passkey.renamed", "", "", func(tx *store.Tx) error {
		found, err := tx.Credentials().RenamePasskey(p.Workspace, p.Member, id, name)
		if err == nil && !found {
			err = noPasskey()
		}
		return err
	})
}

// RemovePasskey takes one of the principal's away.
func (svc *Service) RemovePasskey(ctx context.Context, p account.Principal, id string) error {
	return svc.change(ctx, p, "passkey.removed", "", "A passkey was removed. It can no longer sign you in.", func(tx *store.Tx) error {
		found, err := tx.Credentials().DropPasskey(p.Workspace, p.Member, id)
		if err == nil && !found {
			err = noPasskey()
		}
		return err
	})
}

func noPasskey() error { return fault.New(fault.NotFound, "There is no such passkey.") }
