package frame

import (
	"net/url"
	"strings"
)

// maxTried bounds what a support link says was tried, in bytes.
const maxTried = 120

// Support is the operator's address or link, with what somebody who helps asks
// first: the request, the page and what was tried. The page is named by its route, so
// that no id and nobody's data leaves with the link.
func (v *Visit) Support(tried string) string {
	to := v.App.Support
	if to == "" {
		return ""
	}
	request, page := v.W.Header().Get("X-Request-Id"), v.Pattern
	if len(tried) > maxTried {
		tried = tried[:maxTried]
	}
	if strings.Contains(to, "@") && !strings.Contains(to, ":") {
		to = "mailto:" + to
	}
	u, err := url.Parse(to)
	if err != nil {
		return to
	}
	q := u.Query()
	if u.Scheme == "mailto" {
		lines := []string{"", "", "Request: " + request, "Page: " + page}
		subject := "leadmeter: help with " + page
		if tried != "" {
			lines, subject = append(lines, "What happened: "+tried), "leadmeter: "+tried
		}
		q.Set("subject", subject)
		q.Set("body", strings.Join(lines, "\r\n"))
		u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20") // a mail program reads + as itself
		return u.String()
	}
	q.Set("request", request)
	q.Set("page", page)
	if tried != "" {
		q.Set("happened", tried)
	}
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String()
}
