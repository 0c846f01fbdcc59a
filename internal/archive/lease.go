package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// leaseName is where the database says who archives. Two at once would harm nothing, since each step
// checks what it moves, but an archive and a restore would undo each other for ever.
const leaseName = "archiving"

// leased is for how long a lease is taken as held by somebody who does not renew it.
const leased = time.Minute

var errTaken = errors.New("another leadmeter archive has taken over; this one has stopped")

// lease is the right to archive.
type lease struct {
	archive *Archive
	text    string // as the database has it
	id      string
	until   time.Time
}

type leaseText struct {
	ID    string    `json:"id"`
	Until time.Time `json:"until"`
}

// take takes the lease, if nobody has it.
func (a *Archive) take(ctx context.Context) (*lease, error) {
	l := &lease{archive: a, id: ident.New("archive")}
	if err := a.Store.View(ctx, func(tx *store.Tx) (err error) {
		l.text, err = tx.Leases().Get(leaseName)
		return err
	}); err != nil {
		return nil, err
	}
	var held leaseText
	if l.text != "" {
		if err := json.Unmarshal([]byte(l.text), &held); err != nil {
			return nil, fmt.Errorf("the lease %s of the database cannot be read: %w", leaseName, err)
		}
	}
	if held.Until.After(a.Clock()) {
		return nil, fmt.Errorf("another leadmeter archive is running, or was killed a moment ago; try again after %s", held.Until.UTC().Format("2006-01-02 15:04:05 MST"))
	}
	return l, l.extend(ctx)
}

// renew keeps the lease, and fails when another one has it.
func (l *lease) renew(ctx context.Context) error {
	if l.until.Sub(l.archive.Clock()) > leased/2 {
		return nil
	}
	return l.extend(ctx)
}

func (l *lease) extend(ctx context.Context) error {
	until := l.archive.Clock().Add(leased)
	text, err := json.Marshal(leaseText{l.id, until})
	if err == nil {
		err = l.swap(ctx, string(text))
	}
	if err == nil {
		l.until = until
	}
	return err
}

func (l *lease) release(ctx context.Context) error {
	err := l.swap(ctx, "")
	if errors.Is(err, errTaken) {
		return nil // it is another's already
	}
	return err
}

func (l *lease) swap(ctx context.Context, text string) error {
	return l.archive.Store.Update(ctx, func(tx *store.Tx) error {
		mine, err := tx.Leases().Swap(leaseName, l.text, text)
		if err == nil && !mine {
			err = errTaken
		}
		if err == nil {
			l.text = text
		}
		return err
	})
}
