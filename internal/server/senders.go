package server

import (
	"context"
	"errors"

	"github.com/leadmeter/leadmeter/internal/alert"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/push"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/signin"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/usage"
	"github.com/leadmeter/leadmeter/internal/webhook"
)

// openSenders puts together what leaves the server after a commit.
func (s *Server) openSenders(ctx context.Context) (err error) {
	s.Outbox = outbox.New(s.Store, s.Config.Clock)
	if s.Mail, err = mail.New(s.Config.Mail, s.Config.Clock); err != nil {
		return err
	}
	var key seal.Key
	sealing := s.Config.SecretKeyFile != ""
	if sealing {
		if key, err = seal.ReadKey(s.Config.SecretKeyFile); err != nil {
			return err
		}
		if err := s.useKey(ctx, key); err != nil {
			return err
		}
	}
	if err := s.Mail.KeepIn(ctx, s.Store, key, sealing); err != nil {
		return err
	}
	issuers, err := signin.NewIssuers(s.Config.Issuers, s.Config.PublicURL)
	if err != nil {
		return err
	}
	s.SignIn = &signin.Service{Store: s.Store, Accounts: s.Accounts, Mail: s.Mail, Clock: s.Config.Clock, Key: key, Sealing: sealing, PublicURL: s.Config.PublicURL, Issuers: issuers}
	s.Webhooks = webhook.New(s.Store, s.Ledger, s.Accounts, s.Mail, s.Config.Clock, key, sealing, s.Config.WebhooksPrivate)
	reports := &usage.Reports{Store: s.Store, Ledger: s.Ledger, Accounts: s.Accounts}
	s.Alerts = &alert.Alerts{Store: s.Store, Ledger: s.Ledger, Accounts: s.Accounts, Mail: s.Mail, Clock: s.Config.Clock,
		Export: &export.Export{Store: s.Store, Accounts: s.Accounts, Captures: s.Captures, Reports: reports}}
	s.Pushes = push.New(s.Store, s.Accounts, s.Captures, s.Config.Clock, key, sealing, s.Config.WebhooksPrivate)
	s.Outbox.Send(push.Kind, s.Pushes)
	s.Outbox.Send(mail.Kind, s.Mail)
	s.Outbox.Send(webhook.Kind, s.Webhooks)
	s.Outbox.Handle(outbox.EventKind, func(tx *store.Tx, e store.Effect) error {
		return errors.Join(s.Webhooks.HandleEvent(tx, e), s.Alerts.HandleEvent(tx, e))
	})
	return nil
}

// Senders are what sends, each until its context ends; Serve runs it.
func (s *Server) Senders() map[string]func(ctx context.Context) {
	return map[string]func(ctx context.Context){"outbox": s.Outbox.Work, "webhooks": s.Webhooks.Follow, "alerts": s.Alerts.Work, "mail settings": s.Mail.Follow}
}

// startSenders begins to send.
func (s *Server) startSenders() {
	for name, work := range s.Senders() {
		s.inBackground(name, work)
	}
}
