package gate

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/boombuler/barcode/qr"

	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// SignInPage is the way in. Passkeys, Mail and Issuers say which ways there are.
type SignInPage struct {
	Organization  string // who runs the server; may be empty
	Empty         bool   // the server has no workspace yet
	Page          frame.Page
	Key           string
	CodeKey       string
	Next          string
	Email         string
	EmailError    string
	PasswordError string
	CodeError     string
	Mail          bool
	Passkeys      bool
	Issuers       []IssuerLink
}

// emailAuto lets the browser offer passkeys beside the addresses that it knows.
func (v SignInPage) emailAuto() string {
	if v.Passkeys {
		return "username webauthn"
	}
	return "username"
}

// IssuerLink leads to somebody who vouches for people.
type IssuerLink struct{ Name, URL string }

// StepPage is a step with one field.
type StepPage struct {
	Page  frame.Page
	Key   string
	Error string
}

// LinkPage is where a mailed link leads. State is good, other or over.
type LinkPage struct {
	Page  frame.Page
	Key   string
	State string
	Token string
}

// CodePage asks whether a code shall be used, and for what.
type CodePage struct {
	Page            frame.Page
	Key, Next, Code string
	Workspace, Name string
	Operator        bool // it leads to the operator's pages
}

// ChoosePage is the choice of a workspace.
type ChoosePage struct {
	Page        frame.Page
	Key         string
	Memberships []MembershipChoice
}

// MembershipChoice is one workspace.
type MembershipChoice struct{ Value, Name, Role string }

// SecondPage asks for the second factor.
type SecondPage struct {
	Page     frame.Page
	Key      string
	App      bool // a code can be typed
	Passkeys bool // a passkey does too
	Error    string
}

// SetUpPage sets an authenticator app up.
type SetUpPage struct {
	Page      frame.Page
	Key       string
	Action    string
	Required  bool // the workspace asks for it
	Picture   QR
	Secret    string
	CodeError string
	Error     string // why it cannot be set up
	Back      string
}

// QR is a picture to be scanned: a path over Size by Size modules.
type QR struct {
	Size int
	Path string
}

func (q QR) box() string { return fmt.Sprintf("-4 -4 %d %d", q.Size+8, q.Size+8) }

// qrOf draws a text.
func qrOf(text string) (QR, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return QR{}, err
	}
	size := code.Bounds().Dx()
	var b strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			run := 0
			for x+run < size && code.At(x+run, y) == color.Black {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x, y, run, run)
				x += run
			}
		}
	}
	return QR{size, b.String()}, nil
}

// RecoveryPage shows recovery codes once.
type RecoveryPage struct {
	Page  frame.Page
	Codes []string
	Next  string
}

func (v RecoveryPage) joined() string { return strings.Join(v.Codes, " ") }

// JoinPage is where an invitation leads.
type JoinPage struct {
	Page          frame.Page
	Key, OtherKey string
	Over          bool
	Token         string
	Workspace     string
	Email         string
	Error         string
	SSOOnly       bool
	Issuers       []IssuerLink
}
