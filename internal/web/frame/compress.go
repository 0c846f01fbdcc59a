package frame

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"sync"

	"github.com/leadmeter/leadmeter/internal/web/static"
)

// minGzip is from how many bytes on a page is compressed: less is one packet anyway.
const minGzip = 1400

var gzips = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzipLevel) // a level that there is
	return z
}}

// gzipLevel shrinks a lead sheet of fifty rows to a twelfth; what a higher one would
// save is less than the time that it takes.
const gzipLevel = 4

// send writes an answer, compressed for those who take it. What a page holds that is
// secret is in no page twice: keys of forms are new in each, and what is shown once is
// shown once; so nobody learns anything by the sizes of many answers. Another site
// cannot ask for one as the visitor, for the session's cookie is SameSite.
func send(w http.ResponseWriter, r *http.Request, status int, body []byte) error {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if len(body) < minGzip || !static.AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		_, err := w.Write(body)
		return err
	}
	h.Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	z := gzips.Get().(*gzip.Writer)
	defer gzips.Put(z)
	z.Reset(w)
	if _, err := z.Write(body); err != nil {
		return err
	}
	return z.Close()
}
