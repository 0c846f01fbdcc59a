package bench

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// keepFree is what a filler leaves free on the disk of a database that is on this machine.
const keepFree = 5 << 30

// progress says every few seconds how far the filler is, and stops it before the disk is full.
type progress struct {
	out   io.Writer
	disk  string // a directory on it; empty: another machine's
	free  func(dir string) int64
	what  string
	of    int
	left  int
	began time.Time
	said  time.Time
	err   error
}

func (p *progress) begin(what string, of int) {
	p.what, p.of, p.left = what, of, of
	p.began = time.Now()
	p.said = p.began
}

// done tells that so many are. It looks at the time once in a batch of rows.
func (p *progress) done(n int) {
	p.left = p.of - n
	if n%rowsAtOnce != 0 || time.Since(p.said) < 5*time.Second {
		return
	}
	p.said = time.Now()
	took := time.Since(p.began)
	rate := float64(n) / took.Seconds()
	fmt.Fprintf(p.out, "%s: %d of %d, %.0f/s, about %s left\n", p.what, n, p.of, rate, time.Duration(float64(p.left)/rate*float64(time.Second)).Round(time.Second))
	if free := p.free(p.disk); free >= 0 && free < keepFree {
		p.err = fmt.Errorf("less than %d GB are free at %s; drop the database", keepFree>>30, p.disk)
	}
}

// diskOf is a directory beside a database's files; empty: they are not on this machine, as far as its
// address says.
func diskOf(address string) string {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		return filepath.Dir(path)
	}
	if u, err := url.Parse(address); err == nil && strings.HasPrefix(u.Query().Get("host"), "/") {
		return u.Query().Get("host")
	}
	return ""
}

// tidy lets a Postgres look at what was added, as it does by itself within minutes.
func tidy(ctx context.Context, address string) error {
	if strings.HasPrefix(address, "sqlite:") {
		return nil
	}
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(ctx))
	_, err = c.Exec(ctx, "VACUUM ANALYZE")
	return err
}
