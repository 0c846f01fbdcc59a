package credits

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// Receipts are written for every command with a key, and encoding by reflection
// cost as much as deciding. What is written here is byte for byte what
// encoding/json writes, which reads it back.

func (r *Result) appendJSON(b []byte) []byte {
	o := object{b: append(b, '{')}
	if len(r.Lines) > 0 {
		b := append(o.member("lines"), '[')
		for n := range r.Lines {
			if n > 0 {
				b = append(b, ',')
			}
			b = r.Lines[n].appendJSON(b)
		}
		o.b = append(b, ']')
	}
	o.text("entry", r.Entry)
	if len(r.Charged) > 0 {
		o.b = appendMap(o.member("charged"), r.Charged, Amount.AppendText)
	}
	if len(r.Balances) > 0 {
		o.b = appendMap(o.member("balances"), r.Balances, appendBalance)
	}
	if r.Hold != nil {
		o.b = r.Hold.appendJSON(o.member("hold"))
	}
	o.time("at", r.At)
	if len(r.Keep) > 0 {
		o.b = appendOther(o.member("keep"), r.Keep)
	}
	return append(o.b, '}')
}

func (l *Line) appendJSON(b []byte) []byte {
	o := object{b: append(b, '{')}
	o.text("field", l.Field)
	o.b = appendText(o.member("outcome"), string(l.Outcome))
	o.text("reason", l.Reason)
	if !l.VerifiedAt.IsZero() {
		o.time("verified_at", l.VerifiedAt)
	}
	o.text("credit", l.Credit)
	o.b = l.Amount.AppendText(o.member("amount"))
	o.text("entry", l.Entry)
	return append(o.b, '}')
}

func appendBalance(x Balance, b []byte) []byte {
	o := object{b: append(b, '{')}
	o.b = appendQuota(x.Allowance, o.member("allowance"))
	o.b = x.Used.AppendText(o.member("used"))
	o.b = x.Held.AppendText(o.member("held"))
	o.b = appendQuota(x.Available, o.member("available"))
	return append(o.b, '}')
}

func (h *HoldState) appendJSON(b []byte) []byte {
	o := object{b: append(b, '{')}
	o.b = appendText(o.member("id"), h.ID)
	o.text("member", h.Member)
	o.b = appendText(o.member("credit"), h.Credit)
	o.b = h.Amount.AppendText(o.member("amount"))
	o.b = h.Remaining.AppendText(o.member("remaining"))
	o.b = appendText(o.member("status"), h.Status)
	o.time("created_at", h.CreatedAt)
	o.time("expires_at", h.ExpiresAt)
	return append(o.b, '}')
}

func appendQuota(q Quota, b []byte) []byte {
	if q.Unlimited {
		return append(b, "null"...)
	}
	return q.Amount.AppendText(b)
}

// object writes members with the commas between them.
type object struct {
	b    []byte
	some bool
}

func (o *object) member(name string) []byte {
	if o.some {
		o.b = append(o.b, ',')
	}
	o.some = true
	return append(append(append(o.b, '"'), name...), '"', ':')
}

// text writes a member that is left out when empty.
func (o *object) text(name, value string) {
	if value != "" {
		o.b = appendText(o.member(name), value)
	}
}

func (o *object) time(name string, t time.Time) {
	b := append(o.member(name), '"')
	o.b = append(t.AppendFormat(b, time.RFC3339Nano), '"')
}

func appendMap[V any](b []byte, m map[string]V, each func(V, []byte) []byte) []byte {
	o := object{b: append(b, '{')}
	if len(m) == 1 {
		for name, v := range m {
			o.b = each(v, append(appendText(o.b, name), ':'))
		}
		return append(o.b, '}')
	}
	for n, name := range slices.Sorted(maps.Keys(m)) {
		if n > 0 {
			o.b = append(o.b, ',')
		}
		o.b = each(m[name], append(appendText(o.b, name), ':'))
	}
	return append(o.b, '}')
}

// appendText writes a text; one that needs an escape the slow way.
func appendText(b []byte, s string) []byte {
	for n := range len(s) {
		if c := s[n]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return appendOther(b, s)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

func appendOther(b []byte, v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts, and Keep, which its sender made of JSON
	}
	return append(b, text...)
}
