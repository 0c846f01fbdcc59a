// Package words is what the product says, once: the outcomes of fields, the names of fields and
// channels, and how numbers are written. Pages, the API and through it the extension say what is
// written here, and nothing of their own.
package words

import (
	"fmt"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
)

// Reported is the outcome of a field whose values the workspace reported as bad (rule C11).
const Reported unit.Outcome = "reported"

// How a badge looks.
const (
	Paid  = "paid"
	Free  = "free"
	Warn  = "warn"
	Stop  = "stop"
	Plain = "none"
)

// Outcome is how an outcome is said.
type Outcome struct {
	Name  string // as the row of a table
	Badge string // in two or three words
	Look  string // how the badge looks
	Why   string // in a sentence
}

// outcomes has every outcome of rule C10, and Reported. What is charged depends on the charge:
// see Field.Said.
var outcomes = map[unit.Outcome]Outcome{
	unit.Charged:             {"Charged", "", Paid, ""},
	unit.NotFound:            {"Not found", "not found · free", Free, "Nothing was found, so nothing is charged."},
	unit.SameAsMainLine:      {"Same as the company's main line", "free · main line", Free, "This is the company's main line. It is shown without a charge."},
	unit.VerifiedInDirectory: {"Verified in the directory already", "free · verified in directory", Free, "Already in the directory and checked %s. It is free."},
	unit.NotVerified:         {"Email not verified", "free · not verified", Free, "The address is not verified. It is shown without a charge."},
	unit.AlreadyOwned:        {"Already owned", "free · already owned", Free, "Your workspace has this already. It is free again."},
	unit.Suppressed:          {"Withheld", "withheld · free", Free, "This person asked not to be listed. Nothing is shown or charged."},
	unit.ProviderError:       {"Provider did not answer", "no answer · free", Warn, "The source did not answer. Nothing is charged; try again later."},
	unit.InsufficientCredits: {"Refused: not enough credits", "not enough credits", Stop, "There were not enough credits, so it was not revealed."},
	unit.CancelledOutcome:    {"Refused: subscription cancelled", "subscription cancelled", Stop, "The subscription is cancelled, so it was not revealed."},
	unit.NotAllowedOutcome:   {"Not unlocked: daily cap reached", "daily cap reached", Warn, "The daily cap of the automatic unlock is reached. Its own button still unlocks it."},
	Reported:                 {"Reported as bad", "reported bad", Warn, "Your workspace reported these values as bad. They are not sold to it again."},
}

// Said is an outcome of one field, for reading.
type Said struct {
	Badge string `json:"badge" doc:"In two or three words."`
	Look  string `json:"look" enum:"paid,free,warn,stop,none" doc:"How the badge looks."`
	Why   string `json:"why" doc:"In a sentence."`
}

// Field is what is known of the outcome of one field of one person.
type Field struct {
	Outcome  unit.Outcome // empty: nobody asked yet
	Type     string       // the credit type it was charged in
	Amount   unit.Amount  // what it cost
	Reason   unit.Reason  // why it was charged, though it could have been free
	FreeDays int          // for how long a verified value in the directory is free; 0: not known
}

// Said says the outcome.
func (f Field) Said() Said {
	if f.Outcome == "" {
		return Said{"not asked", Plain, "Nobody has asked for this field yet."}
	}
	o, known := outcomes[f.Outcome]
	switch {
	case !known:
		return Said{strings.ReplaceAll(string(f.Outcome), "_", " "), Plain, ""}
	case f.Outcome == unit.VerifiedInDirectory:
		checked := "lately"
		if f.FreeDays > 0 {
			checked = fmt.Sprintf("in the last %d days", f.FreeDays)
		}
		return Said{o.Badge, o.Look, fmt.Sprintf(o.Why, checked)}
	case f.Outcome != unit.Charged:
		return Said{o.Badge, o.Look, o.Why}
	}
	paid := Num(f.Amount) + " " + f.Type
	said := Said{paid, o.Look, "Found. Charged " + paid + ", once for this person."}
	if why := ChargedBecause(f.Reason); why != "" {
		said.Why = "Found. Charged " + paid + ": " + why + "."
	}
	if f.Reason.Code == unit.ReasonFairUse {
		said.Badge += " · fair use"
	}
	return said
}

// OutcomeName is an outcome, or the reason of a report, as the row of a table.
func OutcomeName(outcome string) string {
	if o, known := outcomes[unit.Outcome(outcome)]; known {
		return o.Name
	}
	switch outcome {
	case "bounced":
		return "Given back: the email bounced"
	case "wrong_number":
		return "Given back: a wrong number"
	case "wrong_person":
		return "Given back: another person's data"
	}
	return strings.ReplaceAll(outcome, "_", " ")
}

// ChargedBecause is why something was charged that could have been free (rules C5 and
// C13), to follow a colon; empty: there is no special reason.
func ChargedBecause(r unit.Reason) string {
	switch r.Code {
	case unit.ReasonFairUse:
		return "fair use, as today's free emails are used up"
	case unit.ReasonTooLongAgo:
		return "last verified on " + FullDay(r.VerifiedAt, time.UTC) + ", too long ago to be free"
	case unit.ReasonUnknownTime:
		return "verified, but nobody knows when"
	case unit.ReasonFetched:
		return "fetched or verified for this request"
	}
	return ""
}
