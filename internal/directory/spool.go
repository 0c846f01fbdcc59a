package directory

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// MaxFile bounds an uploaded file, in bytes.
const MaxFile = 4 << 30

// Spool takes a file in, begins its import and lets it run in the background. The
// file is kept on disk meanwhile: a slow upload holds up nothing. The import's id
// comes back; what is wrong with the file as a whole is an error here.
func (d *Directory) Spool(ctx context.Context, body io.Reader, contentType string, background func(name string, work func(ctx context.Context))) (string, error) {
	file, err := os.CreateTemp("", "leadmeter-import-*")
	if err != nil {
		return "", err
	}
	drop := func() {
		file.Close()
		os.Remove(file.Name())
	}
	if _, err := io.Copy(file, body); err != nil {
		drop()
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return "", fault.New(fault.TooLarge, "The file is larger than 4 GiB; split it.")
		}
		return "", fault.Wrap(fault.Invalid, err, "The file did not arrive whole; nothing was imported.")
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		drop()
		return "", err
	}
	i, err := d.Begin(ctx, file, contentType)
	if err != nil {
		drop()
		return "", err
	}
	background("import", func(ctx context.Context) {
		defer drop()
		_, _ = i.Run(ctx) // the import's own record says how it ended
	})
	return i.ID(), nil
}
