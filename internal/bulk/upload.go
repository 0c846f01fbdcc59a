package bulk

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// partSize bounds a piece of an upload in the database, in bytes.
	partSize = 128 << 10
	// maxUploads is how many uploads of a member wait at once; the oldest is dropped for another.
	maxUploads = 20
)

// Reading is how an upload is read: what it is taken for, and what its columns are.
type Reading struct {
	As      string              `json:"as"` // one of the Read constants
	Mapping contactfile.Mapping `json:"mapping,omitempty"`
	// Lenient reads a header by which nobody could be found, for its columns to be mapped.
	Lenient bool `json:"-"`
}

// Settings are how an upload is read, and what its capture asks for.
type Settings struct {
	Reading
	Fields []lead.Field `json:"fields"`
	List   string       `json:"list"`
	GoesOn bool         `json:"goes_on"`
}

// Upload is a file, or what was pasted, that waits to be estimated. It is dropped after
// EstimateFor, or once its capture is started.
type Upload struct {
	Settings
	ID, Name, ContentType string
	CreatedAt, ExpiresAt  time.Time
}

// Keep keeps a file until it is estimated. A file that cannot be read by any mapping is
// refused: Invalid.
func (b *Bulk) Keep(ctx context.Context, s *account.Scope, name, contentType string, body []byte, settings Settings) (Upload, error) {
	as, err := readingOf(body, contentType)
	if err != nil {
		return Upload{}, err
	}
	settings.Reading = Reading{As: as}
	text, err := json.Marshal(settings)
	if err != nil {
		return Upload{}, err
	}
	f := store.BulkFile{
		Workspace: s.Workspace.ID, ID: ident.New("file"), Member: s.Member, Name: name, ContentType: contentType, Settings: string(text), CreatedAt: s.Now.UnixMicro(),
	}
	packed, err := pack(body)
	if err != nil {
		return Upload{}, err
	}
	if err := b.makeRoom(ctx, f); err != nil {
		return Upload{}, err
	}
	err = b.Store.Update(ctx, func(tx *store.Tx) error { return tx.BulkJobs().PutFile(f) })
	turns := b.Captures.Turns()
	for part := range slices.Chunk(packed, partSize) {
		if err == nil {
			err = b.Store.Update(ctx, func(tx *store.Tx) error { return tx.BulkJobs().AddFilePart(f.Workspace, f.ID, f.Parts, part) })
			f.Parts++
		}
		if err == nil {
			err = turns.Rest(ctx)
		}
	}
	if err == nil {
		err = b.Store.Update(ctx, func(tx *store.Tx) error { return tx.BulkJobs().PutFile(f) })
	}
	if err != nil {
		return Upload{}, err // what was written is dropped with what expires
	}
	return uploadOf(f)
}

// makeRoom drops the oldest uploads of a member where they have many.
func (b *Bulk) makeRoom(ctx context.Context, f store.BulkFile) error {
	return b.Store.Update(ctx, func(tx *store.Tx) error {
		list, err := tx.BulkJobs().FilesOf(f.Workspace, f.Member)
		for n := maxUploads - 1; n < len(list) && err == nil; n++ {
			err = tx.BulkJobs().DropFile(f.Workspace, list[n].ID)
		}
		return err
	})
}

func pack(body []byte) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(body)
	if e := z.Close(); err == nil {
		err = e
	}
	return b.Bytes(), err
}

func uploadOf(f store.BulkFile) (Upload, error) {
	at := time.UnixMicro(f.CreatedAt).UTC()
	u := Upload{ID: f.ID, Name: f.Name, ContentType: f.ContentType, CreatedAt: at, ExpiresAt: at.Add(EstimateFor)}
	return u, json.Unmarshal([]byte(f.Settings), &u.Settings)
}

// upload reads an upload of the principal's own: whom it is captured for follows from whose it is.
// Fault: NotFound.
func (b *Bulk) upload(ctx context.Context, s *account.Scope, id string) (f store.BulkFile, body []byte, err error) {
	var parts [][]byte
	err = b.Store.View(ctx, func(tx *store.Tx) error {
		found := false
		if f, found, err = tx.BulkJobs().File(s.Workspace.ID, id); err != nil {
			return err
		}
		if !found || f.Member != s.Member || f.CreatedAt <= unstarted(s) {
			return fault.New(fault.NotFound, "The file is not here any more: it is kept for a day, or until its capture is started. Upload it again.")
		}
		parts, err = tx.BulkJobs().FileParts(s.Workspace.ID, id)
		return err
	})
	if err != nil {
		return f, nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(bytes.Join(parts, nil)))
	if err != nil {
		return f, nil, err
	}
	body, err = io.ReadAll(z)
	return f, body, err
}

// Upload reads an upload without its content.
func (b *Bulk) Upload(ctx context.Context, s *account.Scope, id string) (Upload, error) {
	f, _, err := b.upload(ctx, s, id)
	if err != nil {
		return Upload{}, err
	}
	return uploadOf(f)
}

// Change keeps how an upload is to be read, and what is asked for.
func (b *Bulk) Change(ctx context.Context, s *account.Scope, id string, settings Settings) error {
	f, body, err := b.upload(ctx, s, id)
	if err != nil {
		return err
	}
	was, err := uploadOf(f)
	if err != nil {
		return err
	}
	if settings.As != was.As { // other columns
		settings.Mapping = nil
	}
	settings.Lenient = true
	if _, err := rowsIn(body, f.ContentType, settings.Reading, func(Row) {}); err != nil {
		return err
	}
	text, err := json.Marshal(settings)
	if err != nil {
		return err
	}
	f.Settings = string(text)
	return b.Store.Update(ctx, func(tx *store.Tx) error { return tx.BulkJobs().PutFile(f) })
}

// BeginUpload estimates an upload: Begin with its people. Of rows that an earlier estimate of the upload
// had too, whom they mean stays chosen and nobody is looked up again; that estimate is given up.
func (b *Bulk) BeginUpload(ctx context.Context, s *account.Scope, id string, ask Ask) (Job, error) {
	f, body, err := b.upload(ctx, s, id)
	if err != nil {
		return Job{}, err
	}
	u, err := uploadOf(f)
	if err != nil {
		return Job{}, err
	}
	if ask.People, err = peopleIn(body, f.ContentType, u.Reading); err != nil {
		return Job{}, err
	}
	ask.File, ask.Fields, ask.List, ask.GoesOn = id, u.Fields, u.List, u.GoesOn
	earlier, err := b.estimatedBefore(ctx, s, ask)
	if err != nil {
		return Job{}, err
	}
	j, err := b.Begin(ctx, s, ask)
	if err != nil {
		return Job{}, err
	}
	return j, b.Store.Update(ctx, func(tx *store.Tx) error {
		for _, before := range earlier {
			if before.ID == j.ID {
				continue
			}
			if err := tx.BulkJobs().Discard(before.Workspace, before.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// estimatedBefore are the earlier estimates of an upload. Who was chosen or looked up in them is
// noted on the people of the next.
func (b *Bulk) estimatedBefore(ctx context.Context, s *account.Scope, ask Ask) (earlier []store.BulkJob, err error) {
	err = b.Store.View(ctx, func(tx *store.Tx) error {
		earlier, err = tx.BulkJobs().OfFile(s.Workspace.ID, ask.File)
		return err
	})
	chosen, looked := map[string]store.BulkRow{}, map[string]bool{}
	for _, j := range earlier {
		var rows []store.BulkRow
		if err == nil {
			rows, err = b.allRows(ctx, j)
		}
		for _, r := range rows {
			if r.Person != "" && r.Status == RowWaiting {
				chosen[r.Reference] = r
			}
			looked[r.Reference] = looked[r.Reference] || wasLookedUp(r)
		}
	}
	for n := range ask.People {
		if err != nil || len(looked) == 0 {
			break
		}
		var text []byte
		text, err = json.Marshal(ask.People[n].Reference)
		ask.People[n].kept, ask.People[n].looked = chosen[string(text)], looked[string(text)]
	}
	return earlier, err
}
