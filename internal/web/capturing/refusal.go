package capturing

import (
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// Refusal is what stopped a request (rule D7), with what its reader can do.
type Refusal struct {
	screen.Stopped
	When    string     // when it refills; empty where it does not
	Link    string     // where to do something about it, may be empty
	Call    string     // the words of that link
	Support string     // link to support about this refusal, may be empty
	Ask     *frame.Ask // asks for what was missing; nil: nobody is to be asked
}

// advice is what its reader can do about it: who is sent to the operator decides.
func (r Refusal) advice() string { return r.Advice(r.Ask != nil && r.Ask.Link != "") }

// refusal is what stopped a spending.
func (v *visit) refusal(r *screen.Stopped) *Refusal {
	out := &Refusal{Stopped: *r, Support: v.Support(r.Code), Ask: v.MayAsk(r)}
	if r.Refills != nil {
		out.When = v.Time(*r.Refills)
	}
	return out
}
