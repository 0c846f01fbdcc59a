package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/peer"
)

// meetPeers shares the ledger with the other servers of the database, where there is an address for it.
func (s *Server) meetPeers(ctx context.Context) (err error) {
	switch {
	case s.Config.PeersListen == "":
		return nil
	case s.Store.Engine() == "sqlite":
		return errors.New("peers_listen is for several servers that share a Postgres; a SQLite database has one server")
	}
	s.peers, err = peer.Open(ctx, s.Store, s.Ledger, s.Config.PeersListen, s.Config.Build+" "+sumOf(s.Ledger.Books()))
	return err
}

// sumOf is equal for equal price books: servers that decide by other ones do not decide for each other.
func sumOf(books credits.Books) string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(books)) {
		fmt.Fprintf(h, "%q %q\n", name, books[name].Source())
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}
