package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/store"
)

// IssuerConfig is an OpenID Connect issuer, as the server's configuration has it.
type IssuerConfig struct {
	ID, Name, URL, ClientID string
	Secret                  seal.Secret // empty: a public client
	// Workspaces and Domains are what it may vouch for: members of these workspaces, and
	// members whose address is of these domains. At least one of the two is named; where both
	// are, both must hold.
	Workspaces, Domains []string
	// Join is the workspace that people whom nobody invited become members of; empty:
	// none.
	Join string
}

// Issuer vouches for people.
type Issuer struct {
	IssuerConfig
	client *http.Client

	mu       sync.Mutex
	provider *oidc.Provider // nil until it answered
}

const (
	issuerWithin = 10 * time.Second
	// SSOWithin is how long somebody may take at the issuer.
	SSOWithin = 15 * time.Minute
)

var issuerID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,30}$`)

// NewIssuers checks what the configuration says. An error says what to change.
func NewIssuers(configs []IssuerConfig, publicURL string) ([]*Issuer, error) {
	var list []*Issuer
	seen := map[string]bool{}
	for _, c := range configs {
		u, err := url.Parse(c.URL)
		switch {
		case publicURL == "":
			return nil, fmt.Errorf("sign_in: oidc needs public_url: issuers send people back there")
		case !issuerID.MatchString(c.ID):
			return nil, fmt.Errorf("sign_in: oidc: id %q must be lower-case letters, digits and dashes", c.ID)
		case seen[c.ID] || seen[c.URL]:
			return nil, fmt.Errorf("sign_in: oidc: %s is there twice", c.ID)
		case err != nil || u.Host == "" || u.Scheme != "https" && !loopback(u):
			return nil, fmt.Errorf("sign_in: oidc %s: issuer must begin with https://", c.ID)
		case c.ClientID == "":
			return nil, fmt.Errorf("sign_in: oidc %s: client_id is missing", c.ID)
		case len(c.Workspaces) == 0 && len(c.Domains) == 0:
			return nil, fmt.Errorf("sign_in: oidc %s: name in workspaces or in domains whom it may vouch for, or it could sign people in to every workspace", c.ID)
		case slices.ContainsFunc(c.Workspaces, func(id string) bool { return !strings.HasPrefix(id, "ws_") }):
			return nil, fmt.Errorf("sign_in: oidc %s: workspaces must be ids that begin with ws_", c.ID)
		case slices.ContainsFunc(c.Domains, func(d string) bool { return strings.Trim(d, "@ ") == "" }):
			return nil, fmt.Errorf("sign_in: oidc %s: domains holds an empty one", c.ID)
		case c.Join != "" && len(c.Workspaces) > 0 && !slices.Contains(c.Workspaces, c.Join):
			return nil, fmt.Errorf("sign_in: oidc %s: join must be one of its workspaces", c.ID)
		case c.Join != "" && len(c.Domains) == 0:
			return nil, fmt.Errorf("sign_in: oidc %s: join needs domains, or everybody whom the issuer knows could come in", c.ID)
		}
		if c.Name == "" {
			c.Name = c.ID
		}
		seen[c.ID], seen[c.URL] = true, true
		c.Domains = slices.Clone(c.Domains)
		for n, d := range c.Domains {
			c.Domains[n] = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(d), "@"))
		}
		list = append(list, &Issuer{IssuerConfig: c, client: &http.Client{Timeout: issuerWithin}})
	}
	return list, nil
}

func loopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "http" && (isLocalhost(u.Hostname()) || ip != nil && ip.IsLoopback())
}

// serves reports whether the issuer may vouch for a member.
func (i *Issuer) serves(m store.Member) bool {
	return i.servesWorkspace(m.Workspace) && (len(i.Domains) == 0 || slices.Contains(i.Domains, domainOf(m.Email)))
}

func (i *Issuer) servesWorkspace(ws string) bool {
	return ws != "" && (len(i.Workspaces) == 0 || slices.Contains(i.Workspaces, ws))
}

func domainOf(email string) string {
	return strings.ToLower(email[strings.LastIndexByte(email, '@')+1:])
}

// Serving are the issuers that may vouch for members of a workspace.
func (svc *Service) Serving(ws string) (list []*Issuer) {
	for _, i := range svc.Issuers {
		if i.servesWorkspace(ws) {
			list = append(list, i)
		}
	}
	return list
}

// accepted reports whether a workspace takes the word of the issuer, which may be empty, for
// both factors.
func (svc *Service) accepted(p store.SignInPolicy, issuer string) bool {
	i, err := svc.issuer(issuer)
	return err == nil && slices.Contains(p.Accepted, i.URL)
}

func names(list []*Issuer) string {
	var all []string
	for _, i := range list {
		all = append(all, i.Name)
	}
	return strings.Join(all, " or ")
}

// issuerName is how an issuer is called, by its address.
func (svc *Service) issuerName(address string) string {
	for _, i := range svc.Issuers {
		if i.URL == address {
			return i.Name
		}
	}
	return address
}

// IssuerName is how an issuer is called, by its address.
func (svc *Service) IssuerName(address string) string { return svc.issuerName(address) }

func (svc *Service) issuer(id string) (*Issuer, error) {
	for _, i := range svc.Issuers {
		if i.ID == id {
			return i, nil
		}
	}
	return nil, fault.New(fault.NotFound, "There is no such way to sign in.")
}

// discover asks the issuer, once, where its parts are.
func (i *Issuer) discover() (*oidc.Provider, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.provider != nil {
		return i.provider, nil
	}
	// The provider keeps the context for the keys that it fetches later.
	p, err := oidc.NewProvider(oidc.ClientContext(context.Background(), i.client), i.URL)
	if err != nil {
		return nil, i.away(err)
	}
	i.provider = p
	return p, nil
}

func (i *Issuer) away(cause error) error {
	return fault.Wrap(fault.Overloaded, cause, i.Name+" cannot be reached just now. Try again in a moment, or sign in another way.")
}

func (svc *Service) exchange(i *Issuer, p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: i.ClientID, ClientSecret: i.Secret.Reveal(), Endpoint: p.Endpoint(), Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
		RedirectURL: strings.TrimSuffix(svc.PublicURL, "/") + "/sign-in/with/" + i.ID + "/back"}
}

// Began is what a browser's session keeps while somebody is at an issuer.
type Began struct {
	Issuer, State, Nonce, Verifier string
	At                             int64 // microseconds since 1970
}

func unguessable() string {
	var b [24]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// BeginSSO is where to send a browser, and what its session must keep. Faults:
// NotFound, Overloaded (the issuer does not answer).
func (svc *Service) BeginSSO(id string) (to string, b Began, err error) {
	i, err := svc.issuer(id)
	if err != nil {
		return "", b, err
	}
	p, err := i.discover()
	if err != nil {
		return "", b, err
	}
	b = Began{Issuer: id, State: unguessable(), Nonce: unguessable(), Verifier: oauth2.GenerateVerifier(), At: svc.Clock().UnixMicro()}
	return svc.exchange(i, p).AuthCodeURL(b.State, oidc.Nonce(b.Nonce), oauth2.S256ChallengeOption(b.Verifier)), b, nil
}

// claims are what an issuer says of somebody.
type claims struct {
	Subject  string `json:"sub"`
	Email    string `json:"email"`
	Verified any    `json:"email_verified"` // a few issuers write it as a text
	Name     string `json:"name"`
	Party    string `json:"azp"` // the client that the token was made for, where it names several
}

func (c claims) verified() bool {
	return c.Verified == true || c.Verified == "true"
}

// BySSO is an entry by what an issuer says: it sent the browser back with q. Faults:
// Unauthenticated (with what happened), NotAllowed (nobody here is meant), Overloaded.
func (svc *Service) BySSO(ctx context.Context, id string, b Began, q url.Values) (e Entry, err error) {
	i, err := svc.issuer(id)
	if err != nil {
		return e, err
	}
	late := svc.Clock().UnixMicro()-b.At > SSOWithin.Microseconds()
	switch {
	case b.Issuer != id || b.State == "" || late || subtle.ConstantTimeCompare([]byte(b.State), []byte(q.Get("state"))) != 1:
		return e, fault.New(fault.Unauthenticated, "This sign-in began in another browser, or too long ago. Start again.")
	case q.Get("iss") != "" && q.Get("iss") != i.URL:
		return e, fault.New(fault.Unauthenticated, "Somebody else than %s answered. Start again.", i.Name)
	case q.Get("error") != "":
		return e, fault.New(fault.Unauthenticated, "%s did not let you in (%s). Try again, or ask who looks after it.", i.Name, word(q.Get("error")))
	}
	at := svc.Clock()
	c, err := svc.asked(ctx, i, b, q.Get("code"))
	if err != nil {
		return e, err
	}
	if len(i.Domains) > 0 || c.Email != "" && c.verified() {
		if err := i.mayVouch(c); err != nil {
			return e, err
		}
	}
	return svc.arrive(ctx, at, i, c)
}

// word keeps what an issuer calls an error from being a text of its own.
func word(code string) string {
	if len(code) > 40 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "unknown error"
	}
	return code
}

// mayVouch holds that the address is verified and of a domain that the issuer may
// vouch for.
func (i *Issuer) mayVouch(c claims) error {
	if !c.verified() {
		return fault.New(fault.NotAllowed, "%s has not verified your email address. Verify it there first.", i.Name)
	}
	if len(i.Domains) > 0 && !slices.Contains(i.Domains, domainOf(c.Email)) {
		return fault.New(fault.NotAllowed, "%s may not vouch for addresses of this domain here.", i.Name)
	}
	return nil
}

// asked trades the code for what the issuer says of somebody.
func (svc *Service) asked(ctx context.Context, i *Issuer, b Began, code string) (c claims, err error) {
	p, err := i.discover()
	if err != nil {
		return c, err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, i.client), issuerWithin)
	defer cancel()
	token, err := svc.exchange(i, p).Exchange(ctx, code, oauth2.VerifierOption(b.Verifier))
	if err != nil {
		var refused *oauth2.RetrieveError
		if errors.As(err, &refused) && refused.Response.StatusCode < 500 {
			return c, i.unbelieved(fmt.Errorf("the code was refused: %s", refused.ErrorCode))
		}
		return c, i.away(err)
	}
	raw, _ := token.Extra("id_token").(string)
	said, err := p.Verifier(&oidc.Config{ClientID: i.ClientID, Now: svc.Clock}).Verify(ctx, raw)
	if err != nil {
		return c, i.unbelieved(err)
	}
	if err := said.Claims(&c); err != nil {
		return c, i.unbelieved(err)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(said.Nonce), []byte(b.Nonce)) != 1:
		return c, i.unbelieved(errors.New("the nonce is another sign-in's"))
	case said.Subject == "": // people without a name of their own would all be one
		return c, i.unbelieved(errors.New("it does not say whom it speaks of: sub is empty"))
	case c.Party != "" && c.Party != i.ClientID:
		return c, i.unbelieved(errors.New("the token was made for another client"))
	}
	if c.Email == "" && p.UserInfoEndpoint() != "" {
		info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return c, i.away(err)
		}
		if info.Subject != said.Subject {
			return c, i.unbelieved(fmt.Errorf("the user info is about somebody else"))
		}
		c.Email, c.Verified = info.Email, info.EmailVerified
	}
	c.Subject = said.Subject
	return c, nil
}

// unbelieved is what an issuer said and could not be checked; why is for the log.
func (i *Issuer) unbelieved(why error) error {
	slog.Warn("what an issuer said was not believed", "issuer", i.ID, "error", why)
	return fault.Wrap(fault.Unauthenticated, why, "What "+i.Name+" said could not be checked. Start again; if it happens again, tell the operator of this server.")
}
