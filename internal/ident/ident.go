// Package ident makes the ids and secrets of the product. Ids sort by the time
// they were made, which keeps the database's indexes compact; secrets do not.
package ident

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"github.com/google/uuid"
)

var alphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// New makes an id with a type prefix, such as ws_06f…; unique without asking anybody.
func New(prefix string) string {
	u := uuid.Must(uuid.NewV7())
	return written(prefix, u[:])
}

// written allocates the text alone.
func written(prefix string, id []byte) string {
	b := append(append(make([]byte, 0, 64), prefix...), '_')
	return string(alphabet.AppendEncode(b, id))
}

// Small makes an id as New does, of 16 characters after the prefix and not 26: those of a workspace
// and a member are in every row of the ledger, a workspace's in two indexes of it besides. 48 bits are
// the millisecond and 32 are random; the table that owns the id refuses one that is there.
func Small(prefix string) string {
	u := uuid.Must(uuid.NewV7())
	return written(prefix, append(u[:6:6], u[12:]...))
}

// Lead is the id of a person's lead: the same in every capture, so that none is
// ever made twice. Two workspaces' leads of one person share it and never meet.
func Lead(person string) string {
	_, suffix, _ := strings.Cut(person, "_")
	return "lead_" + suffix
}

// Secret makes 160 random bits, written in 32 characters.
func Secret() string {
	var b [20]byte
	_, _ = rand.Read(b[:]) // never fails
	return alphabet.EncodeToString(b[:])
}

// Short writes the first 40 bits of a hash in eight characters, for people to compare.
func Short(hash []byte) string { return alphabet.EncodeToString(hash[:5]) }

// Hash is how a secret is stored: enough bits that a plain hash keeps it.
func Hash(secret string) []byte {
	h := HashOf(secret)
	return h[:]
}

// HashOf is Hash as an array, which a map can be keyed by.
func HashOf(secret string) [sha256.Size]byte {
	return sha256.Sum256(append(make([]byte, 0, 256), secret...))
}
