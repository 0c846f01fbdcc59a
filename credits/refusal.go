package credits

import (
	"fmt"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
)

// Why a command was refused. The HTTP API uses the same words.
const (
	Insufficient = "insufficient_credits"
	Cancelled    = "subscription_cancelled"
	NotAllowed   = "not_allowed"
	Conflict     = "conflict"
	Missing      = "not_found"
	Invalid      = "invalid_request"
	Mismatch     = "idempotency_mismatch"
	Overloaded   = "overloaded"
)

// Which limit stopped a command (rule D7).
const (
	ByWorkspace = unit.ByWorkspace
	ByPool      = unit.ByPool
	ByMember    = unit.ByMember
)

// Refusal is a command that was decided against. It is an answer, not a fault:
// nothing changed, and it says what would have to be different (rule D7).
type Refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	// Field names the member of the request that is wrong, for Invalid.
	Field string `json:"field,omitempty"`

	// For Insufficient: the credit type, what it took, what was there under the
	// limit that stopped it, and what there was under each of them.
	Credit    string     `json:"credit,omitempty"`
	Needed    Amount     `json:"needed,omitempty"`
	Available Amount     `json:"available,omitempty"`
	LimitedBy string     `json:"limited_by,omitempty"`
	Assigned  bool       `json:"assigned,omitempty"` // the member's own limit is an assigned amount
	RefillsAt *time.Time `json:"refills_at,omitempty"`
	Rooms     *Rooms     `json:"rooms,omitempty"`
}

// Rooms is how much each limit would still have allowed; null is no limit.
type Rooms struct {
	Workspace Quota  `json:"workspace"`
	Pool      Quota  `json:"pool"`
	Member    *Quota `json:"member,omitempty"` // absent: the member draws on the pool
}

func (r *Refusal) Error() string { return r.Message }

func refuse(code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

func invalid(field, format string, args ...any) *Refusal {
	return &Refusal{Code: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}
