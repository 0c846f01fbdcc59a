package server

import (
	"github.com/leadmeter/leadmeter/internal/outbox"
)

// openReach puts together what leaves the server after a commit.
func (s *Server) openReach() error {
	s.Outbox = outbox.New(s.Store, s.Config.Clock)
	return nil
}

// reach begins to send.
func (s *Server) reach() {
	s.inBackground("outbox", s.Outbox.Work)
}
