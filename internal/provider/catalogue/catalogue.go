// Package catalogue lists every kind of source that a configuration can name.
package catalogue

import (
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/provider/dropcontact"
	"github.com/leadmeter/leadmeter/internal/provider/generic"
	"github.com/leadmeter/leadmeter/internal/provider/hunter"
	"github.com/leadmeter/leadmeter/internal/provider/peopledatalabs"
)

// Kinds are the kinds, by the name that a configuration gives them.
var Kinds = map[string]provider.Kind{
	"hunter":         hunter.Kind,
	"peopledatalabs": peopledatalabs.Kind,
	"dropcontact":    dropcontact.Kind,
	"generic":        generic.Kind,
}
