// Package webhook tells a workspace's own software what happened: endpoints, what
// they want to hear, and signed deliveries by Standard Webhooks.
//
// What follows from the ledger is derived from its entries by a cursor a workspace:
// deliveries and the cursor's advance are one transaction, so nothing is lost and
// nothing is made twice, whatever crashes. A delivery is sent at least once; its
// webhook-id is the same in every repetition. Payloads hold ids, kinds, amounts and
// outcomes, never people's data.
package webhook

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/outbound"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Kind is the kind of effects that deliveries are.
const Kind = "webhook"

// The events that an endpoint can hear.
const (
	CaptureSettled        = "capture.settled"
	LeadCaptured          = "lead.captured"
	ChargeCreated         = "charge.created"
	CreditsLow            = "credits.low"
	CreditsExhausted      = "credits.exhausted"
	CreditRequestCreated  = "credit_request.created"
	CreditRequestDecided  = "credit_request.decided"
	GrantCreated          = "grant.created"
	SubscriptionCancelled = "subscription.cancelled"
	BulkFinished          = "bulk.finished"

	// Test is sent by the test button alone.
	Test = "webhook.test"
)

// about says of every event, in the order of the settings page, when it happens.
var about = []struct{ event, when string }{
	{CaptureSettled, "a capture or preview, with each field’s outcome"},
	{LeadCaptured, "a person is new on the lead sheet"},
	{ChargeCreated, "a charge by your own software"},
	{CreditsLow, "a mark of the allowance is reached"},
	{CreditsExhausted, "all of the allowance is used"},
	{CreditRequestCreated, "a member asks for more"},
	{CreditRequestDecided, "an admin answered"},
	{GrantCreated, "an add-on was given"},
	{SubscriptionCancelled, "the subscription will end, or did"},
	{BulkFinished, "a bulk capture is over"},
}

// Events are all of them.
var Events = func() (list []string) {
	for _, a := range about {
		list = append(list, a.event)
	}
	return list
}()

// About says when an event happens; empty for one that no endpoint can hear.
func About(event string) string {
	for _, a := range about {
		if a.event == event {
			return a.when
		}
	}
	return ""
}

// Why an endpoint is paused.
const (
	ByAdmin = "by_admin"
	Failing = "failing" // for failingFor
	Gone    = "gone"    // it answered 410
)

const (
	// MaxEndpoints bounds a workspace's endpoints.
	MaxEndpoints = 20
	// MaxHeld bounds what waits for a paused endpoint; what happens beyond is not
	// delivered to it.
	MaxHeld = 10_000
	// OldSecret is how long the secret before a rotation signs too.
	OldSecret = 24 * time.Hour
	// failingFor is how long an endpoint may fail before it is paused.
	failingFor = 48 * time.Hour
	timeout    = 15 * time.Second
	maxReply   = 64 << 10 // bytes
)

// Hooks are the webhooks of a server.
type Hooks struct {
	Store    *store.Store
	Ledger   *credits.Ledger
	Accounts *account.Accounts
	Mail     *mail.Post
	// Clock is the machine's.
	Clock func() time.Time
	// Key seals secrets at rest; the zero value keeps them as they are.
	Key seal.Key

	private bool
	sealing bool
	client  *outbound.Client
}

// New makes the webhooks of a server. Private lets endpoints be http:// and on
// private networks; sealing says that key is one.
func New(st *store.Store, ledger *credits.Ledger, accounts *account.Accounts, post *mail.Post, clock func() time.Time, key seal.Key, sealing, private bool) *Hooks {
	return &Hooks{Store: st, Ledger: ledger, Accounts: accounts, Mail: post, Clock: clock, Key: key, sealing: sealing, private: private,
		client: outbound.NewClient(outbound.Options{Timeout: timeout, MaxBody: maxReply, AllowPrivate: private, AnyPort: private})}
}

// Endpoint is a webhook as it may be shown.
type Endpoint struct {
	ID, URL      string
	Events       []string
	Paused       string    // why; empty: it is not
	FailingSince time.Time // zero: it works
	OldUntil     time.Time // until when the secret before the last rotation signs too; zero: it does not
	CreatedAt    time.Time
}

// Host is where the endpoint is, for people to recognise it.
func (e Endpoint) Host() string { return hostOf(e.URL) }

func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Host
}

func (h *Hooks) endpoint(w store.Webhook) Endpoint {
	e := Endpoint{ID: w.ID, URL: w.URL, Paused: w.Paused, CreatedAt: time.UnixMicro(w.CreatedAt).UTC()}
	_ = json.Unmarshal([]byte(w.Events), &e.Events) // written by this package
	if w.FailingSince != 0 {
		e.FailingSince = time.UnixMicro(w.FailingSince).UTC()
	}
	if w.OldSecret != "" && w.OldUntil > h.Clock().UnixMicro() {
		e.OldUntil = time.UnixMicro(w.OldUntil).UTC()
	}
	return e
}

// wants reports whether an endpoint hears an event.
func wants(w store.Webhook, event string) bool {
	var events []string
	return json.Unmarshal([]byte(w.Events), &events) == nil && slices.Contains(events, event)
}

func noEndpoint() error { return fault.New(fault.NotFound, "There is no such webhook.") }

// may admits who may see webhooks, and who may change them to write.
func may(s *account.Scope, write bool) error {
	if write {
		return s.May(account.ManageWebhooks)
	}
	return s.May(account.SeeWebhooks)
}

func checkEvents(events []string) (string, error) {
	events = slices.Compact(slices.Sorted(slices.Values(events)))
	if len(events) == 0 {
		return "", fault.Wrong("events", "must name at least one of %s", strings.Join(Events, ", "))
	}
	for _, e := range events {
		if !slices.Contains(Events, e) {
			return "", fault.Wrong("events", "must be of %s", strings.Join(Events, ", "))
		}
	}
	text, err := json.Marshal(events)
	return string(text), err
}

// plain begins a secret that is kept as it is.
const plain = "plain."

func sealName(ws, id string) string { return "webhook " + ws + " " + id }

// newSecret makes a signing secret, and what is kept of it.
func (h *Hooks) newSecret(ws, id string) (secret, kept string, err error) {
	var b [24]byte
	_, _ = rand.Read(b[:]) // never fails
	secret = "whsec_" + base64.StdEncoding.EncodeToString(b[:])
	if !h.sealing {
		return secret, plain + secret, nil
	}
	kept, err = h.Key.Seal(sealName(ws, id), seal.Hide(secret))
	return secret, kept, err
}

func (h *Hooks) openSecret(ws, id, kept string) (seal.Secret, error) {
	if text, ok := strings.CutPrefix(kept, plain); ok {
		return seal.Hide(text), nil
	}
	if !h.sealing {
		return seal.Secret{}, errors.New("the secret is sealed, and the server has no secret key")
	}
	return h.Key.Open(sealName(ws, id), kept)
}

// Create adds an endpoint in the transaction given. The secret comes back this
// once. What happens from then on is told.
func (h *Hooks) Create(ctx context.Context, tx *store.Tx, s *account.Scope, address string, events []string) (e Endpoint, secret string, err error) {
	if err := may(s, true); err != nil {
		return e, "", err
	}
	list, err := checkEvents(events)
	if err := errors.Join(outbound.CheckTarget("url", address, "https://example.com/leadmeter", h.private), err); err != nil {
		return e, "", err
	}
	ws := s.Workspace.ID
	w := store.Webhook{Workspace: ws, ID: ident.New("whk"), URL: address, Events: list, CreatedAt: h.Clock().UnixMicro()}
	if w.FromSeq, err = h.begin(ctx, tx, s); err != nil {
		return e, "", err
	}
	have, err := tx.Webhooks().Of(ws)
	if err != nil {
		return e, "", err
	}
	if len(have) >= MaxEndpoints {
		return e, "", fault.New(fault.Conflict, "A workspace has at most %d webhooks; delete one first.", MaxEndpoints)
	}
	if secret, w.Secret, err = h.newSecret(ws, w.ID); err != nil {
		return e, "", err
	}
	if err := tx.Webhooks().Insert(w); err != nil {
		return e, "", err
	}
	return h.endpoint(w), secret, s.Audit(tx, "webhook.made", w.ID, "")
}

// begin locks the workspace's cursor, made where there is none, and says after
// which entry a new endpoint hears of the ledger.
func (h *Hooks) begin(ctx context.Context, tx *store.Tx, s *account.Scope) (int64, error) {
	ws := s.Workspace.ID
	head, terms, err := tx.Entries().Head(ws)
	if err != nil {
		return 0, err
	}
	if err := tx.Webhooks().PutCursor(ws, store.WebhookCursor{Seq: head, TermsVersion: terms, CancelAt: unknown}, true); err != nil {
		return 0, err
	}
	cursor, _, err := tx.Webhooks().LockCursor(ws) // nobody derives events until this is committed
	if err != nil {
		return 0, err
	}
	if head, terms, err = tx.Entries().Head(ws); err != nil {
		return 0, err
	}
	if cursor.CancelAt != unknown {
		return head, nil
	}
	view, err := h.Ledger.Look(ctx, ws, nil, s.Now)
	if err != nil {
		return 0, account.FromRefusal(err)
	}
	return head, tx.Webhooks().PutCursor(ws, store.WebhookCursor{Seq: cursor.Seq, TermsVersion: terms, CancelAt: cancelsAt(view)}, false)
}

// unknown is the cancellation of a cursor while there is no endpoint to hear of it.
const unknown = -1

func cancelsAt(view *credits.View) int64 {
	if view.Current.CancelsAt.IsZero() {
		return 0
	}
	return view.Current.CancelsAt.UnixMicro()
}

// List lists a workspace's endpoints.
func (h *Hooks) List(ctx context.Context, s *account.Scope) (list []Endpoint, err error) {
	if err := may(s, false); err != nil {
		return nil, err
	}
	err = h.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Webhooks().Of(s.Workspace.ID)
		for _, w := range rows {
			list = append(list, h.endpoint(w))
		}
		return err
	})
	return list, err
}

// Endpoint reads one.
func (h *Hooks) Endpoint(ctx context.Context, s *account.Scope, id string) (e Endpoint, err error) {
	if err := may(s, false); err != nil {
		return e, err
	}
	err = h.Store.View(ctx, func(tx *store.Tx) error {
		w, err := read(tx, s, id)
		e = h.endpoint(w)
		return err
	})
	return e, err
}

func read(tx *store.Tx, s *account.Scope, id string) (store.Webhook, error) {
	w, found, err := tx.Webhooks().ByID(s.Workspace.ID, id)
	if err == nil && !found {
		err = noEndpoint()
	}
	return w, err
}
