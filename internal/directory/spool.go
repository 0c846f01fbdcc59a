package directory

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// MaxFile bounds an uploaded file, in bytes.
const MaxFile = 4 << 30

// lease is how long a server that says nothing is taken to be alive: after that
// another, or the same one started again, continues its imports.
var lease = 15 * time.Second

func host() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}

// Spool takes a file in, begins its import and lets it run in the background. The
// file is kept on disk meanwhile: a slow upload holds up nothing, and a server that
// is started again continues where it was. The import's id comes back; what is wrong
// with the file as a whole is an error here. With a key the same file is imported
// once, and every repetition gets the first one's id.
func (d *Directory) Spool(ctx context.Context, f File, background func(name string, work func(ctx context.Context))) (string, error) {
	file, sum, err := d.keep(f)
	if err != nil {
		return "", err
	}
	drop := func() {
		file.Close()
		os.Remove(file.Name())
	}
	f.Content = file
	i, first, err := d.begin(ctx, f, sum, file.Name())
	if err != nil || first != "" {
		drop()
		return first, err
	}
	id := i.ID() // from here on the import is its goroutine's
	d.runSpooled(i, file, background)
	return id, nil
}

func (d *Directory) runSpooled(i *Import, file *os.File, background func(name string, work func(ctx context.Context))) {
	background("import", func(ctx context.Context) {
		defer file.Close()
		// The import's own record says how it ended.
		if state, _ := i.Run(ctx); state.Status != Running {
			os.Remove(file.Name())
		}
	})
}

// keep writes a file to the spool and returns it at its beginning, with what tells
// it from another.
func (d *Directory) keep(f File) (file *os.File, sum []byte, err error) {
	if err := os.MkdirAll(d.Spools, 0o700); err != nil {
		return nil, nil, err
	}
	if file, err = os.CreateTemp(d.Spools, "import-*"); err != nil { // mode 0600
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			file.Close()
			os.Remove(file.Name())
		}
	}()
	hash := sha256.New()
	hash.Write([]byte("import\x00" + f.ContentType + "\x00"))
	if len(f.Mapping) > 0 || f.Source != "" {
		said, err := json.Marshal([]any{f.Source, slices.Sorted(maps.Keys(f.Mapping)), f.Mapping})
		if err != nil {
			return nil, nil, err
		}
		hash.Write(said)
	}
	if _, err := io.Copy(io.MultiWriter(file, hash), f.Content); err != nil {
		var said *fault.Error
		var large *http.MaxBytesError
		var disk *os.PathError
		switch {
		case errors.As(err, &said): // by the edge: too slow, too large, or its sender may not any more
			return file, nil, err
		case errors.As(err, &large):
			return file, nil, fault.New(fault.TooLarge, "The file is larger than 4 GiB; split it.")
		case errors.As(err, &disk):
			return file, nil, fault.Wrap(fault.Overloaded, err, "The server has no room for the file; nothing was imported.")
		}
		return file, nil, fault.Wrap(fault.Invalid, err, "The file was incomplete. Nothing was imported.")
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return file, nil, err
	}
	return file, hash.Sum(nil)[:16], nil
}
