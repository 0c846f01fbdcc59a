package server

import (
	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/outbox"
)

// openReach puts together what leaves the server after a commit.
func (s *Server) openReach() (err error) {
	s.Outbox = outbox.New(s.Store, s.Config.Clock)
	if s.Mail, err = mail.New(s.Config.Mail, s.Config.Clock); err != nil {
		return err
	}
	s.Outbox.Send(mail.Kind, s.Mail)
	return nil
}

// reach begins to send.
func (s *Server) reach() {
	s.inBackground("outbox", s.Outbox.Work)
}
