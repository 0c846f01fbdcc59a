package directory

import (
	"context"
	"encoding/json"
	"os"

	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Draft keeps a file that somebody wants to look at before it is imported. It is
// forgotten after a day. What makes the file useless is an error here.
func (d *Directory) Draft(ctx context.Context, f File) (id string, err error) {
	file, _, err := d.keep(f)
	if err != nil {
		return "", err
	}
	defer func() {
		file.Close()
		if err != nil {
			os.Remove(file.Name())
		}
	}()
	f.Content = file
	if _, err := d.PreviewFile(f); err != nil {
		return "", err
	}
	text, err := json.Marshal(plan{f.ContentType, f.Mapping})
	if err != nil {
		return "", err
	}
	now := d.clock().UnixMicro()
	draft := store.Import{
		ID: ident.New("imp"), Status: Draft, Name: f.Name, Source: f.Source, Plan: string(text), Host: host(), Spool: file.Name(), CreatedAt: now, UpdatedAt: now,
	}
	return draft.ID, d.store.Update(ctx, func(tx *store.Tx) error { return tx.Imports().Put(draft) })
}

// openDraft is a draft and its file, which the caller closes.
func (d *Directory) openDraft(ctx context.Context, id string) (state store.Import, f File, file *os.File, err error) {
	err = d.store.View(ctx, func(tx *store.Tx) (err error) {
		found := false
		if state, found, err = tx.Imports().ByID(id); err == nil && !found {
			err = fault.New(fault.NotFound, "There is no such import.")
		}
		return err
	})
	if err != nil {
		return state, f, nil, err
	}
	if state.Status != Draft {
		return state, f, nil, fault.New(fault.Conflict, "The import was begun already.")
	}
	var how plan
	if err := json.Unmarshal([]byte(state.Plan), &how); err != nil {
		return state, f, nil, err
	}
	if file, err = os.Open(state.Spool); err != nil {
		return state, f, nil, fault.Wrap(fault.NotFound, err, "The file is not here any more. Upload it again.")
	}
	return state, File{Content: file, ContentType: how.ContentType, Name: state.Name, Source: state.Source}, file, nil
}

// PreviewDraft is what a draft would be imported as by a mapping.
func (d *Directory) PreviewDraft(ctx context.Context, id string, mapping contactfile.Mapping) (*Preview, File, error) {
	_, f, file, err := d.openDraft(ctx, id)
	if err != nil {
		return nil, f, err
	}
	defer file.Close()
	f.Mapping = mapping
	p, err := d.PreviewFile(f)
	return p, f, err
}

// Start imports a draft, once however often it is asked for.
func (d *Directory) Start(ctx context.Context, id string, mapping contactfile.Mapping, background func(name string, work func(ctx context.Context))) error {
	state, f, file, err := d.openDraft(ctx, id)
	if err != nil {
		return err
	}
	f.Mapping = mapping
	i := &Import{directory: d, state: state}
	now := d.clock()
	i.state.Status, i.state.CreatedAt, i.state.UpdatedAt = Running, now.UnixMicro(), now.UnixMicro()
	i.state.LeaseUntil = now.Add(lease).UnixMicro()
	if err := i.open(f); err != nil {
		file.Close()
		return err
	}
	err = d.store.Update(ctx, func(tx *store.Tx) error {
		mine, err := tx.Imports().BeginDraft(id)
		if err == nil && !mine {
			err = fault.New(fault.Conflict, "The import was begun already.")
		}
		if err != nil {
			return err
		}
		for _, p := range i.reader.Problems() {
			if err := i.problem(tx, p); err != nil {
				return err
			}
		}
		return tx.Imports().Put(i.state)
	})
	if err != nil {
		file.Close()
		return err
	}
	d.runSpooled(i, file, background)
	return nil
}
