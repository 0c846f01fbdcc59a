// Package static serves the stylesheets, the scripts and the icon, by names that change with
// their content.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed *.css *.js *.svg *.txt
var files embed.FS

// asset is one embedded file, ready to be sent.
type asset struct {
	url     string // /static/app.<hash>.css
	kind    string // its content type
	tag     string // its entity tag
	plain   []byte
	gzipped []byte // nil where it saves nothing
}

var assets = sync.OnceValue(loadAssets)

var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
}

// loadAssets reads every embedded file, by its name and by its hashed name.
func loadAssets() map[string]*asset {
	all := map[string]*asset{}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		panic("static: the embedded files are missing: " + err.Error())
	}
	for _, e := range entries {
		body, err := files.ReadFile(e.Name())
		if err != nil {
			panic("static: an embedded file cannot be read: " + err.Error())
		}
		sum := sha256.Sum256(body)
		hash := hex.EncodeToString(sum[:6])
		ext := path.Ext(e.Name())
		hashed := strings.TrimSuffix(e.Name(), ext) + "." + hash + ext
		a := &asset{
			url: "/static/" + hashed, kind: contentTypes[ext], tag: `"` + hash + `"`,
			plain: body, gzipped: compressed(body),
		}
		if a.kind == "" {
			a.kind = "application/octet-stream"
		}
		all[e.Name()], all[hashed] = a, a
	}
	return all
}

func compressed(body []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if _, err := w.Write(body); err != nil || w.Close() != nil || b.Len() >= len(body) {
		return nil
	}
	return b.Bytes()
}

// URL is the address of an embedded file, which changes whenever its
// content does: AssetURL("app.css") is /static/app.1f2e….css. An unknown name
// panics, for it is a mistake in a page.
func URL(name string) string {
	a := assets()[name]
	if a == nil {
		panic("static: no embedded file " + name)
	}
	return a.url
}

// Handler serves the embedded files below /static/. Hashed addresses may be
// kept for a year; plain ones are asked about every time.
func Handler() http.Handler {
	all := assets()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		a := all[strings.TrimPrefix(r.URL.Path, "/static/")]
		if a == nil {
			http.NotFound(w, r)
			return
		}
		a.serve(w, r)
	})
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", a.tag)
	h.Set("Cache-Control", "no-cache")
	if r.URL.Path == a.url {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if strings.Contains(r.Header.Get("If-None-Match"), a.tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := a.plain
	if a.gzipped != nil && AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = a.gzipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	// A client that went away is no concern of a static file's.
	_, _ = w.Write(body)
}

// AcceptsGzip reads an Accept-Encoding header; q=0 means no.
func AcceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q = strings.ReplaceAll(q, " ", "")
			return strings.Trim(strings.TrimPrefix(q, "q="), "0.") != "" || q == ""
		}
	}
	return false
}
