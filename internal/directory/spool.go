package directory

import (
	"context"
	"crypto/sha256"
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
// comes back; what is wrong with the file as a whole is an error here. With a key
// the same file is imported once, and every repetition gets the first one's id.
func (d *Directory) Spool(ctx context.Context, body io.Reader, contentType, key string, background func(name string, work func(ctx context.Context))) (string, error) {
	file, err := os.CreateTemp("", "leadmeter-import-*")
	if err != nil {
		return "", err
	}
	drop := func() {
		file.Close()
		os.Remove(file.Name())
	}
	sum := sha256.New()
	sum.Write([]byte("import\x00" + contentType + "\x00"))
	if _, err := io.Copy(io.MultiWriter(file, sum), body); err != nil {
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
	i, first, err := d.begin(ctx, file, contentType, key, sum.Sum(nil)[:16])
	if err != nil || first != "" {
		drop()
		return first, err
	}
	background("import", func(ctx context.Context) {
		defer drop()
		_, _ = i.Run(ctx) // the import's own record says how it ended
	})
	return i.ID(), nil
}
