package store

import (
	"bytes"
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// OwnKeys is what every idempotency key begins with that the product makes itself. A
// client's key never begins so: Once and the ledger refuse it.
const OwnKeys = "leadmeter:"

// packKey is an idempotency key as a receipt holds it: a UUID is a zero and its 16 bytes,
// any other text is as it came. No key begins with a zero, and UUIDs of version 7 stay in
// the order of time.
func packKey(key string) []byte { return appendKey(nil, key) }

func appendKey(b []byte, key string) []byte {
	if len(key) == 36 {
		if u, err := uuid.Parse(key); err == nil && strings.ToLower(key) == key {
			return append(append(b, 0), u[:]...)
		}
	}
	return append(b, key...)
}

// packKeys packs the keys of receipts into one piece of memory.
func packKeys(receipts []Receipt) [][]byte {
	size := 0
	for n := range receipts {
		size += len(receipts[n].Key)
	}
	all, keys := make([]byte, 0, size), make([][]byte, len(receipts))
	for n := range receipts {
		from := len(all)
		all = appendKey(all, receipts[n].Key)
		keys[n] = all[from:len(all):len(all)]
	}
	return keys
}

func unpackKey(b []byte) string {
	if len(b) == 17 && b[0] == 0 {
		return uuid.UUID(b[1:]).String()
	}
	return string(b)
}

// IsOwnKey tells whether a key is in the product's own namespace.
func IsOwnKey(key string) bool { return strings.HasPrefix(key, OwnKeys) }

// ReplayKey finds in a context whom to tell that a request was answered before: a
// Replays. What answers by a receipt tells them.
type ReplayKey struct{}

// Replays hears that an answer is the first one again.
type Replays interface{ Replayed() }

// Replayed tells the sender of a request that its answer is the first one again.
func Replayed(ctx context.Context) {
	if r, ok := ctx.Value(ReplayKey{}).(Replays); ok {
		r.Replayed()
	}
}

// Once runs fn in one transaction with its receipt: a request with a key happens
// once, and every repetition is given the first answer (rule C9). ws is empty for
// the operator's own requests; without a key there is no such promise. keep is the
// answer as it may be kept, which must hold no secret.
func (s *Store) Once(ctx context.Context, ws, key string, fingerprint []byte, at int64, fn func(tx *Tx) (keep []byte, err error)) (first []byte, replayed bool, err error) {
	if err := ownKey(key); err != nil {
		return nil, false, err
	}
	first, replayed, err = s.onceTry(ctx, ws, key, fingerprint, at, fn)
	if key != "" && fault.Is(err, fault.Conflict) {
		// Perhaps the same request came twice in one instant: then the other
		// one's receipt is there by now.
		first, replayed, err = s.onceTry(ctx, ws, key, fingerprint, at, fn)
	}
	if replayed {
		Replayed(ctx)
	}
	return first, replayed, err
}

// Answered reads the first answer to a request with a key, if there is one: what takes
// long to make ready asks before it begins. Fault: Mismatch for another request.
func (s *Store) Answered(ctx context.Context, ws, key string, fingerprint []byte) (first []byte, found bool, err error) {
	if key == "" {
		return nil, false, nil
	}
	if err := ownKey(key); err != nil {
		return nil, false, err
	}
	err = s.View(ctx, func(tx *Tx) error {
		first, found, err = tx.Accounts().answered(ws, key, fingerprint)
		return err
	})
	if found && err == nil {
		Replayed(ctx)
	}
	return first, found, err
}

// ownKey refuses a client's key that the product could make itself.
func ownKey(key string) error {
	if IsOwnKey(key) {
		return fault.Wrong("idempotency_key", "must not begin with %s, which is kept for the product's own keys", OwnKeys)
	}
	return nil
}

func (t Accounts) answered(ws, key string, fingerprint []byte) (first []byte, found bool, err error) {
	r, found, err := t.FirstReceipt(ws, key)
	if err == nil && found && !bytes.Equal(r.Fingerprint, fingerprint) {
		err = fault.New(fault.Mismatch, "This idempotency key was used for a different request. Send a new key, or the first request unchanged.")
	}
	return r.Answer, found, err
}

func (s *Store) onceTry(ctx context.Context, ws, key string, fingerprint []byte, at int64, fn func(tx *Tx) (keep []byte, err error)) (first []byte, replayed bool, err error) {
	err = s.Update(ctx, func(tx *Tx) error {
		if key != "" {
			if first, replayed, err = tx.Accounts().answered(ws, key, fingerprint); err != nil || replayed {
				return err
			}
		}
		keep, err := fn(tx)
		if err != nil || key == "" {
			return err
		}
		return tx.Accounts().KeepReceipt(Receipt{Workspace: ws, Key: key, Fingerprint: fingerprint, At: at, Answer: keep})
	})
	return first, replayed, err
}
