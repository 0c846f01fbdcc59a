package spending

import "github.com/leadmeter/leadmeter/internal/web/frame"

// AuditPage is a page of the workspace's audit log.
type AuditPage struct {
	Page          frame.Page
	Zone          string
	Who, Kinds    []frame.Option
	Rows          []AuditRow
	Newest, Older string // links; empty for none
	CSV           string
}

// AuditRow is one change, in words.
type AuditRow struct {
	At, AtISO             string
	Who, What, Of, Detail string
	Via                   string // how: on a page, by the API, from the extension
}
