package frame

import (
	"bytes"
	"errors"
	"io"
	"mime"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// arriving is a body on its way. Its end is an error where a form with files broke off, which
// the standard library takes for the end of the form, and for somebody who lost the right to
// do this meanwhile. So a page that read a body to its end may act on it.
type arriving struct {
	io.ReadCloser
	mayStill func() error
	closing  []byte // the form's last boundary; empty: it has none, or it was seen
	tail     []byte // what may be the beginning of it
}

func (v *Visit) arriving() *arriving {
	b := &arriving{ReadCloser: v.Body, mayStill: v.mayStill}
	kind, params, _ := mime.ParseMediaType(v.Header.Get("Content-Type")) // a wrong one has no boundary
	if kind == "multipart/form-data" && params["boundary"] != "" {
		b.closing = []byte("--" + params["boundary"] + "--")
	}
	return b
}

func (b *arriving) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if len(b.closing) > 0 {
		b.look(p[:n])
	}
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	if len(b.closing) > 0 {
		return n, fault.New(fault.Invalid, "Your form was incomplete. Nothing was changed.")
	}
	if late := b.mayStill(); late != nil {
		return n, late
	}
	return n, err
}

// look looks for the last boundary, which may come in pieces.
func (b *arriving) look(p []byte) {
	most := len(b.closing) - 1
	edge := append(b.tail, p[:min(len(p), most)]...)
	if bytes.Contains(edge, b.closing) || bytes.Contains(p, b.closing) {
		b.closing, b.tail = nil, nil
		return
	}
	if len(p) >= most {
		edge = p
	}
	b.tail = append(b.tail[:0:0], edge[max(0, len(edge)-most):]...)
}

// Arrived reads what is left of the body, and refuses a form that broke off or whose sender
// may not send it any more. Who reads a form with files asks it before acting on it.
func (v *Visit) Arrived() error {
	_, err := io.Copy(io.Discard, v.Body)
	return err
}

// mayStill refuses somebody who lost the right to do this while their form arrived.
func (v *Visit) mayStill() (err error) {
	if v.verb == "" || v.ContentLength == 0 {
		return nil
	}
	if v.came, err = v.App.Accounts.Refresh(v.Context(), v.came); err != nil {
		return err
	}
	if !v.Who.Watching {
		v.Who = v.came
	}
	if v.Scope != nil {
		if v.Scope, err = v.App.Accounts.Enter(v.Context(), v.Who, v.Who.Workspace); err != nil {
			return err
		}
	}
	return v.Who.May(v.verb)
}

// Last reads a file that is the last that a form has of use: its end is the form's.
func (v *Visit) Last(file io.Reader) io.Reader { return lastReader{file, v.Arrived} }

type lastReader struct {
	io.Reader
	arrived func() error
}

func (r lastReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		if broken := r.arrived(); broken != nil {
			return n, broken
		}
	}
	return n, err
}
