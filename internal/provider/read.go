package provider

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// configLine is where yaml says that a text is wrong.
var configLine = regexp.MustCompile(`^\[(\d+):\d+\] *(unknown field "[^"]*")?`)

// ReadConfig reads keys of one source as the configuration's file has them. The error may be shown:
// it names the line. Anchors are refused: a few lines of them make a body without end.
func ReadConfig(text string) (c Config, err error) {
	for _, t := range lexer.Tokenize(text) {
		if t.Type == token.AnchorType || t.Type == token.AliasType {
			return c, fault.Wrong("more", "has an anchor or alias (& or *) in line %d: write the value out, or put it in quotes", t.Position.Line)
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(text)), yaml.DisallowUnknownField())
	err = decoder.Decode(&c)
	if errors.Is(err, io.EOF) {
		return c, nil
	}
	if err == nil {
		if errors.Is(decoder.Decode(new(any)), io.EOF) {
			return c, nil
		}
		return c, fault.Wrong("more", "has a second document after ---: leave it out")
	}
	at := configLine.FindStringSubmatch(yaml.FormatError(err, false, false))
	switch {
	case at == nil:
		return c, fault.Wrong("more", "must be keys and values, such as per_second: 1.5")
	case at[2] != "":
		return c, fault.Wrong("more", "has the %s in line %s", strings.Replace(at[2], "field", "key", 1), at[1])
	}
	return c, fault.Wrong("more", "cannot be read in line %s: a value of the wrong kind, or an indent that does not fit", at[1])
}
