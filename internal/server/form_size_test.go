package server_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// A form that is too large is said to be too large, and how large it may be, however it is sent.
func TestTooLargeFormsAreSaidToBe(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		member, _ := w.member(ws, "Mia")
		page := w.signedInAs(ws, member)
		urlencoded := func(field string, size int) (string, []byte) {
			return "application/x-www-form-urlencoded", []byte(url.Values{field: {strings.Repeat("a", size)}}.Encode())
		}
		inParts := func(field string, size int) (string, []byte) {
			var b bytes.Buffer
			parts := multipart.NewWriter(&b)
			if err := parts.WriteField(field, strings.Repeat("a", size)); err != nil {
				t.Fatal(err)
			}
			if err := parts.Close(); err != nil {
				t.Fatal(err)
			}
			return parts.FormDataContentType(), b.Bytes()
		}
		manyValues := func(field string, n int) (string, []byte) {
			return "application/x-www-form-urlencoded", []byte(strings.Repeat(field+"=x&", n))
		}
		for _, c := range []struct {
			path   string
			form   func(field string, size int) (string, []byte)
			field  string
			size   int
			status int
			says   string
		}{
			{"/capture", urlencoded, "who", 3 << 19, 413, "larger than the 1 MB"}, {"/ask", urlencoded, "reason", 1 << 20, 413, "larger than the 1 MB"},
			{"/bulk", urlencoded, "people", 16 << 20, 413, "larger than the 16 MB"}, {"/bulk", inParts, "people", 16 << 20, 413, "larger than the 16 MB"},
			{"/bulk", urlencoded, "people", 12 << 20, 422, "Paste people"}, {"/bulk", inParts, "people", 12 << 20, 422, "Paste people"}, // read, and nobody's
			{"/ask", manyValues, "reason", 20_000, 400, "too many values"},
		} {
			kind, body := c.form(c.field, c.size)
			for _, told := range []bool{true, false} {
				var sent io.Reader = bytes.NewReader(body)
				if !told {
					sent = io.MultiReader(sent) // its length is not said
				}
				r := httptest.NewRequestWithContext(ctx, http.MethodPost, page.base+c.path, sent) // a client that is refused early may miss the answer
				r.Header.Set("Content-Type", kind)
				r.Header.Set("User-Agent", page.agent)
				for _, cookie := range page.client.Jar.Cookies(r.URL) {
					r.AddCookie(cookie)
				}
				answer := httptest.NewRecorder()
				w.server.Handler.ServeHTTP(answer, r)
				page.page, page.status, page.where = answer.Body.String(), answer.Code, c.path
				w.same(c.path, page.status, c.status)
				page.has(c.says)
			}
		}
	})
}
