package webhook

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/outbound"
	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Send delivers once.
func (h *Hooks) Send(ctx context.Context, e store.Effect) (int, error) {
	var w store.Webhook
	var found bool
	err := h.Store.View(ctx, func(tx *store.Tx) (err error) {
		w, found, err = tx.Webhooks().ByID(e.Workspace, e.Target)
		return err
	})
	switch {
	case err != nil:
		return 0, err
	case !found:
		return 0, &outbox.SendError{Text: "the webhook was deleted", Never: true}
	case w.Paused != "":
		return 0, &outbox.SendError{Text: "the webhook is paused"}
	}
	now := h.Clock()
	signature, err := h.sign(w, e.Message, now, e.Payload)
	if err != nil {
		return 0, &outbox.SendError{Text: "the signing secret does not open: the server's secret key is missing or is another one"}
	}
	header := http.Header{}
	header.Set(standard.HeaderWebhookID, e.Message)
	header.Set(standard.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	header.Set(standard.HeaderWebhookSignature, signature)
	reply, err := h.client.Do(ctx, outbound.Call{Method: http.MethodPost, URL: w.URL, Header: header, Body: e.Payload})
	if err != nil {
		return 0, &outbox.SendError{Text: outbound.Outside(err)}
	}
	return verdict(reply.Status, reply.Header, now)
}

// sign writes the signatures: of the secret, and for a while of the one before it.
func (h *Hooks) sign(w store.Webhook, message string, now time.Time, body []byte) (string, error) {
	kept := []string{w.Secret}
	if w.OldSecret != "" && now.UnixMicro() < w.OldUntil {
		kept = append(kept, w.OldSecret)
	}
	var list []string
	for _, k := range kept {
		secret, err := h.openSecret(w.Workspace, w.ID, k)
		if err != nil {
			return "", err
		}
		signer, err := standard.NewWebhook(secret.Reveal())
		if err != nil {
			return "", err
		}
		signature, err := signer.Sign(message, now, body)
		if err != nil {
			return "", err
		}
		list = append(list, signature)
	}
	return strings.Join(list, " "), nil
}

// verdict says what a receiver's status means.
func verdict(status int, header http.Header, now time.Time) (int, error) {
	switch {
	case status >= 200 && status < 300:
		return status, nil
	case status >= 300 && status < 400:
		return status, &outbox.SendError{Text: "it redirects; redirects are not followed", Code: status}
	case status == http.StatusGone:
		return status, &outbox.SendError{Text: "it says that it is gone", Code: status, Never: true}
	}
	return status, &outbox.SendError{Text: "it answered " + strconv.Itoa(status), Code: status, After: outbound.RetryAfter(header, now, outbox.Longest)}
}

// RecordOutcome keeps count of an endpoint that fails: after days, or at once where it says
// that it is gone, it is paused and its admins are told.
func (h *Hooks) RecordOutcome(tx *store.Tx, e *store.Effect) error {
	w, found, err := tx.Webhooks().ByID(e.Workspace, e.Target)
	if err != nil || !found {
		return err
	}
	now := h.Clock()
	if e.Status == store.EffectSent {
		if w.FailingSince == 0 {
			return nil
		}
		return tx.Webhooks().Fail(w.Workspace, w.ID, 0)
	}
	if w.Paused != "" {
		e.Status = store.EffectHeld
		return nil
	}
	why, text := Failing, "it has failed for two days"
	switch {
	case e.Code == http.StatusGone:
		why, text = Gone, "it answered that it is gone (410)"
	case w.FailingSince == 0:
		return tx.Webhooks().Fail(w.Workspace, w.ID, now.UnixMicro())
	case now.Sub(time.UnixMicro(w.FailingSince)) < failingFor:
		return nil
	}
	paused, err := tx.Webhooks().Pause(w.Workspace, w.ID, why)
	if err != nil || !paused {
		return err
	}
	e.Status, e.Due = store.EffectHeld, 0
	if err := tx.Effects().MoveTarget(w.Workspace, w.ID, store.EffectWaiting, store.EffectHeld, now.UnixMicro()); err != nil {
		return err
	}
	return h.tellAdmins(tx, w, text)
}

func (h *Hooks) tellAdmins(tx *store.Tx, w store.Webhook, why string) error {
	if !h.Mail.On() {
		return nil
	}
	ws, _, err := tx.Workspaces().ByID(w.Workspace)
	if err != nil {
		return err
	}
	admins, err := account.Admins(tx, w.Workspace)
	for _, m := range admins {
		if err := h.Mail.Put(tx, w.Workspace, mail.Message{To: m.Email, Name: m.Name, Template: "webhook_paused",
			Data: map[string]any{"Workspace": ws.Name, "Host": hostOf(w.URL), "Why": why}}); err != nil {
			return err
		}
	}
	return err
}
