// Package push sends leads that a workspace owns to where its team works: HubSpot
// and Salesforce by their upserts, anything else by a signed webhook. It is always
// free.
//
// A push is rows of leads' ids. The outbox carries it in parts: attempts, pauses that
// the other side asks for, and restarts are the outbox's. What a lead holds is read
// when its part is sent, so a person who was suppressed or erased meanwhile does not
// leave; nobody's data waits anywhere. A part that is sent twice updates what it made
// the first time.
package push

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"regexp"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/outbound"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Kind is the kind of effects that parts of pushes are.
const Kind = "push"

// Where leads can be pushed to.
const (
	HubSpot    = "hubspot"
	Salesforce = "salesforce"
	Webhook    = "webhook"
)

// Kinds are all of them.
var Kinds = []string{HubSpot, Salesforce, Webhook}

// Outcomes of a lead.
const (
	Created = "created"
	Updated = "updated"
	Sent    = "sent" // to a webhook, which does not say
	Failed  = "failed"
	Skipped = "skipped" // it lacks what is needed, or may not be shown
)

const (
	// MaxLeads bounds one push, and part the leads of one request.
	MaxLeads = 10_000
	part     = 100
	timeout  = 30 * time.Second
	maxReply = 4 << 20 // bytes
)

// Pushes are the pushes of a server.
type Pushes struct {
	Store    *store.Store
	Accounts *account.Accounts
	Captures *capture.Service
	Clock    func() time.Time
	// HubSpotAPI is where HubSpot's API is.
	HubSpotAPI string

	key     seal.Key
	sealing bool
	private bool
	client  *outbound.Client

	accesses accesses
}

// New makes the pushes of a server; sealing says that there is a key, without which
// there are no connections. Private lets addresses be http:// and on private networks.
func New(st *store.Store, accounts *account.Accounts, captures *capture.Service, clock func() time.Time, key seal.Key, sealing, private bool) *Pushes {
	return &Pushes{Store: st, Accounts: accounts, Captures: captures, Clock: clock, HubSpotAPI: "https://api.hubapi.com", key: key, sealing: sealing, private: private,
		client: outbound.NewClient(outbound.Options{Timeout: timeout, MaxBody: maxReply, AllowPrivate: private, AnyPort: private})}
}

// Ready tells whether the server can keep tokens.
func (p *Pushes) Ready() bool { return p.sealing }

// Connection is one as it may be shown.
type Connection struct {
	Kind, Address, Field string
	RefusedAt            time.Time // when its token was refused; zero: it was not
	CreatedAt            time.Time
}

// NewConnection is a connection to be made.
type NewConnection struct {
	Kind  string
	Token string // of HubSpot
	// ClientID and ClientSecret are the consumer key and secret of an app of Salesforce's.
	ClientID, ClientSecret string
	Address                string // of Salesforce, and of a webhook
	// Field is Salesforce's external id field, which takes our lead's id; empty is
	// Leadmeter_Id__c.
	Field string
}

var fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}$`)

func sealName(ws, kind string) string { return "push " + ws + " " + kind }

// Connect keeps a connection, in the transaction given, in place of one of its
// kind. For a webhook a signing secret comes back, this once.
func (p *Pushes) Connect(tx *store.Tx, s *account.Scope, n NewConnection) (secret string, err error) {
	if err := s.May(account.ManagePushes); err != nil {
		return "", err
	}
	if !p.sealing {
		return "", fault.New(fault.Conflict, "This server has no secret key to keep tokens with. The operator sets secret_key_file first.")
	}
	n.Address = strings.TrimRight(strings.TrimSpace(n.Address), "/")
	switch n.Kind {
	case HubSpot:
		n.Address, n.Field = "", ""
		err = checkToken("token", n.Token, "must be an access token, without spaces")
	case Salesforce:
		if n.Field == "" {
			n.Field = "Leadmeter_Id__c"
		}
		if !fieldName.MatchString(n.Field) {
			return "", fault.Wrong("field", "must be the API name of an external id field, such as Leadmeter_Id__c")
		}
		if err := checkToken("client_id", n.ClientID, "must be the consumer key of the app, without spaces"); err != nil {
			return "", err
		}
		if err := checkToken("client_secret", n.ClientSecret, "must be the consumer secret of the app, without spaces"); err != nil {
			return "", err
		}
		n.Token = keys(n.ClientID, n.ClientSecret)
		err = outbound.CheckTarget("address", n.Address, "https://acme.my.salesforce.com", p.private)
	case Webhook:
		n.Field = ""
		err = outbound.CheckTarget("address", n.Address, "https://example.com/leads", p.private)
		var b [24]byte
		_, _ = rand.Read(b[:]) // never fails
		secret = "whsec_" + base64.StdEncoding.EncodeToString(b[:])
		n.Token = secret
	default:
		return "", fault.Wrong("kind", "must be one of %s", strings.Join(Kinds, ", "))
	}
	if err != nil {
		return "", err
	}
	kept, err := p.key.Seal(sealName(s.Workspace.ID, n.Kind), seal.Hide(n.Token))
	if err != nil {
		return "", err
	}
	if err := s.Audit(tx, "push.connected", n.Kind, ""); err != nil {
		return "", err
	}
	return secret, tx.Pushes().PutConnection(store.PushConnection{Workspace: s.Workspace.ID, Kind: n.Kind, Address: n.Address, Field: n.Field, Secret: kept, CreatedAt: p.Clock().UnixMicro()})
}

func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

func checkToken(field, text, must string) error {
	if len(text) < 8 || len(text) > 4000 || !printable(text) {
		return fault.Wrong(field, "%s", must)
	}
	return nil
}

// Connections lists a workspace's.
func (p *Pushes) Connections(ctx context.Context, s *account.Scope) (list []Connection, err error) {
	if err := s.May(account.SeePushes); err != nil {
		return nil, err
	}
	err = p.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Pushes().Connections(s.Workspace.ID)
		for _, c := range rows {
			one := Connection{Kind: c.Kind, Address: c.Address, Field: c.Field, CreatedAt: time.UnixMicro(c.CreatedAt).UTC()}
			if c.RefusedAt != 0 {
				one.RefusedAt = time.UnixMicro(c.RefusedAt).UTC()
			}
			list = append(list, one)
		}
		return err
	})
	return list, err
}

// Disconnect forgets a connection with its token; what waits for it fails.
func (p *Pushes) Disconnect(ctx context.Context, s *account.Scope, kind string) error {
	if err := s.May(account.ManagePushes); err != nil {
		return err
	}
	return p.Store.Update(ctx, func(tx *store.Tx) error {
		found, err := tx.Pushes().DropConnection(s.Workspace.ID, kind)
		if err == nil && !found {
			err = fault.New(fault.NotFound, "There is no such connection.")
		}
		if err != nil {
			return err
		}
		return s.Audit(tx, "push.disconnected", kind, "")
	})
}

// Ask is what is to be pushed: leads, or a list.
type Ask struct {
	Kind  string
	Leads []string
	List  string
}

// stretch is a part's payload: rows of a push.
type stretch struct {
	Push string `json:"push"`
	From int64  `json:"from"`
	To   int64  `json:"to"`
}

func connection(tx *store.Tx, ws, kind string) (c store.PushConnection, found bool, err error) {
	list, err := tx.Pushes().Connections(ws)
	for _, c := range list {
		if c.Kind == kind {
			return c, true, err
		}
	}
	return c, false, err
}

// List lists pushes before an id, newest first; of an id that one alone.
func (p *Pushes) List(ctx context.Context, s *account.Scope, id, before string, limit int) (list []store.Push, err error) {
	if err := s.May(account.SeePushes); err != nil {
		return nil, err
	}
	err = p.Store.View(ctx, func(tx *store.Tx) error {
		if list, err = tx.Pushes().Of(s.Workspace.ID, id, before, limit); err == nil && id != "" && len(list) == 0 {
			err = fault.New(fault.NotFound, "There is no such push.")
		}
		return err
	})
	return list, err
}

// Rows lists the leads of a push after a row's number, with their outcomes.
func (p *Pushes) Rows(ctx context.Context, s *account.Scope, id string, after int64, limit int) (list []store.PushRow, err error) {
	if _, err := p.List(ctx, s, id, "", 1); err != nil {
		return nil, err
	}
	err = p.Store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.Pushes().Rows(s.Workspace.ID, id, after, limit)
		return err
	})
	return list, err
}
