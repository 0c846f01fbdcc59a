package capture

import (
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// byContact turns a search for an email address or a phone number into one for the
// leads that it was delivered of. What was not paid for finds nobody: that would
// confirm it.
func byContact(tx *store.Tx, f *store.LeadFilter) error {
	var people []string
	if address, err := lead.Email(f.Query); err == nil {
		if people, err = withAddress(tx, f.Workspace, address); err != nil {
			return err
		}
	} else if part := dialled(f.Query); part != "" {
		if people, err = tx.Leads().PeopleWithNumber(f.Workspace, part, maxNumbers); err != nil {
			return err
		}
	} else {
		return nil // words
	}
	f.Query, f.IDs = "", []string{}
	leads, err := tx.Leads().Of(f.Workspace, people)
	for _, l := range leads {
		if !slices.Contains(f.IDs, l.ID) {
			f.IDs = append(f.IDs, l.ID)
		}
	}
	return err
}

const (
	// maxNumbers bounds the people that a part of a number finds.
	maxNumbers = 500
	// leastDigits is how many digits a number is searched by at least: fewer are
	// rather a part of a name.
	leastDigits = 6
)

// withAddress are the people of whom an address was delivered to a workspace.
func withAddress(tx *store.Tx, ws, address string) (people []string, err error) {
	known, err := tx.People().EverybodyWith(store.KeyRow{Kind: lead.KindEmail, Key: address})
	if err != nil {
		return nil, err
	}
	if len(known) == 0 {
		known = []string{""} // the same reads, and time, whether the address is known or not (rule C13)
	}
	reveals, err := tx.Reveals().Of(ws, known)
	if err != nil {
		return nil, err
	}
	for person, fields := range reveals {
		for _, r := range fields {
			values, err := readValues(r)
			if err != nil {
				return nil, err
			}
			if slices.ContainsFunc(values, func(v lead.Value) bool {
				found, err := lead.Email(v.Value)
				return err == nil && found == address
			}) {
				people = append(people, person)
				break
			}
		}
	}
	return people, nil
}

// dialled is what a search holds of a phone number, as E.164 has it: from its plus
// on where there is a country code, else its digits without the trunk's zero. Empty:
// it is none.
func dialled(query string) string {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case strings.ContainsRune(" +-./()\u00a0", r):
			return -1
		}
		return 'x'
	}, query)
	if strings.Contains(digits, "x") || len(digits) > 20 {
		return ""
	}
	plus := strings.HasPrefix(strings.TrimSpace(query), "+")
	if rest, abroad := strings.CutPrefix(digits, "00"); abroad && !plus {
		plus, digits = true, rest
	}
	if !plus {
		digits = strings.TrimLeft(digits, "0")
	}
	switch {
	case len(digits) < leastDigits:
		return ""
	case plus:
		return "+" + digits
	}
	return digits
}
