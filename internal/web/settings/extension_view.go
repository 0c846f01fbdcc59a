package settings

import "github.com/leadmeter/leadmeter/internal/web/frame"

// ConnectPage asks whether a browser extension may act as the person signed in.
type ConnectPage struct {
	Page  frame.Page
	State string // ask, approved, denied or over
	ID    string
	Key   string
	Name  string // what the extension calls its browser: anybody can have written it
	Code  string // what the extension's panel shows too
	Asked string // when it asked
	As    string // who it would act as
}

// Extensions are the person's connected browser extensions.
type Extensions struct {
	List []Extension
}

// Extension is one that is connected.
type Extension struct {
	ID        string
	Name      string
	Connected string
	LastUsed  string
	EndKey    string // idempotency key of its disconnect button
}
