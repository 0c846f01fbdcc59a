package export

import (
	"bufio"
	"context"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Cards writes the leads that a filter chooses as vCards of version 3.0 (RFC
// 2426), which every address book reads.
func (e *Export) Cards(ctx context.Context, s *account.Scope, f store.LeadFilter, w io.Writer) error {
	if err := e.begun(ctx, s, "leads"); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	err := e.each(ctx, s, f, func(l capture.Lead) error { return writeCard(out, l) })
	if err != nil {
		return err
	}
	return out.Flush()
}

var cardTypes = map[lead.Field]string{
	lead.WorkEmail: "EMAIL;TYPE=INTERNET,WORK", lead.PersonalEmail: "EMAIL;TYPE=INTERNET,HOME",
	lead.WorkPhone: "TEL;TYPE=WORK,VOICE", lead.MobilePhone: "TEL;TYPE=CELL",
}

func writeCard(w *bufio.Writer, l capture.Lead) error {
	first, last := lead.SplitName(l.Person.FullName)
	if last == "" { // a family name is what readers sort by
		first, last = "", first
	}
	card := [][2]string{
		{"BEGIN", "VCARD"}, {"VERSION", "3.0"}, {"UID", cardText(l.ID)}, {"FN", cardText(cardName(l))},
		{"N", cardText(last) + ";" + cardText(first) + ";;;"},
		{"ORG", cardText(l.Person.Company)}, {"TITLE", cardText(l.Person.Title)},
	}
	for _, f := range lead.Fields {
		for _, v := range l.Fields[f].Values {
			// A comma is a pause in dialing.
			card = append(card, [2]string{cardTypes[f] + statusParams(v), cardText(strings.Replace(v.Value, ";ext=", ",", 1))})
		}
	}
	lists := make([]string, len(l.Lists))
	for n, list := range l.Lists {
		lists[n] = cardText(list)
	}
	card = append(card, [2]string{"URL;TYPE=PROFILE", cardText(l.Person.LinkedInURL)}, [2]string{"NOTE", cardText(l.Notes)},
		[2]string{"CATEGORIES", strings.Join(lists, ",")}, [2]string{"REV", l.CapturedAt.UTC().Format(time.RFC3339)}, [2]string{"END", "VCARD"})
	for _, line := range card {
		if line[1] == "" {
			continue
		}
		if err := fold(w, line[0]+":"+line[1]); err != nil {
			return err
		}
	}
	return nil
}

// statusParams are the parameters of a work email's status, which imports read back. Other
// readers pass over those that begin with X-.
func statusParams(v lead.Value) (params string) {
	if v.Field != lead.WorkEmail || v.Status == "" {
		return ""
	}
	if params = ";" + contactfile.StatusParam + "=" + v.Status; !v.VerifiedAt.IsZero() {
		params += ";" + contactfile.VerifiedParam + "=" + v.VerifiedAt.UTC().Format(time.DateOnly)
	}
	return params
}

// cardName is what a card is called: FN is mandatory, and readers refuse an empty one.
func cardName(l capture.Lead) string {
	for _, name := range []string{l.Person.FullName, l.Person.Company, l.ID} {
		if name != "" {
			return name
		}
	}
	return ""
}

// cardText escapes what ends a value or begins another one, and leaves out control
// characters, which no reader takes.
func cardText(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return -1
		}
		return r
	}, s)
	return strings.NewReplacer("\\", `\\`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`, ",", `\,`, ";", `\;`).Replace(s)
}

// fold writes a line in pieces of at most 75 bytes, none of which splits a character.
func fold(w *bufio.Writer, line string) error {
	const most = 75
	for room := most; len(line) > room; room = most - 1 {
		n := room
		for !utf8.RuneStart(line[n]) {
			n--
		}
		if _, err := w.WriteString(line[:n] + "\r\n "); err != nil {
			return err
		}
		line = line[n:]
	}
	_, err := w.WriteString(line + "\r\n")
	return err
}
