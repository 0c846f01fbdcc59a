package provider

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// configLine is where yaml says that a text is wrong.
var configLine = regexp.MustCompile(`^\[(\d+):\d+\] *(unknown field "[^"]*")?`)

// ReadConfig reads keys of one source as the configuration's file has them. The error may be shown:
// it names the line.
func ReadConfig(text string) (c Config, err error) {
	err = yaml.NewDecoder(bytes.NewReader([]byte(text)), yaml.DisallowUnknownField()).Decode(&c)
	if err == nil || errors.Is(err, io.EOF) {
		return c, nil
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
