// Package web serves the pages. Each of its packages has the pages of one part of the
// navigation, with their routes (routes.go), what they look like (*.templ) and what they do
// (page_*.go). They stand on package frame and not on each other, except that capturing shows
// rows of the sheet, and the operator sees what spending shows.
package web

import (
	"github.com/leadmeter/leadmeter/internal/edge"
	"github.com/leadmeter/leadmeter/internal/web/capturing"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/web/gate"
	"github.com/leadmeter/leadmeter/internal/web/operator"
	"github.com/leadmeter/leadmeter/internal/web/settings"
	"github.com/leadmeter/leadmeter/internal/web/sheet"
	"github.com/leadmeter/leadmeter/internal/web/spending"
	"github.com/leadmeter/leadmeter/internal/web/team"
)

// App is what the pages are served from.
type App = frame.App

// Register adds the pages to a mux.
func Register(app *App, mux *edge.Mux) {
	r := app.Routes(mux)
	gate.Register(r)
	sheet.Register(r)
	capturing.Register(r)
	spending.Register(r)
	team.Register(r)
	settings.Register(r)
	operator.Register(r)
}
