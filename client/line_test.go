package client

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/leadmeter/leadmeter/credits/unit"
)

var charged = []string{
	`{"line":7,"status":201,"id":"chg_1","entry":"ent_7","member":null,"credit":"standard","amount":1,"at":"2026-03-01T05:00:00.25Z","balance":{"allowance":100,"used":12.5,"held":0,"available":87.5}}`,
	`{"line":8,"status":201,"replayed":true,"id":"chg_1","entry":"ent_7","member":"mem_1","credit":"standard","amount":0.000001,"at":"2026-03-01T05:00:00Z","balance":{"allowance":null,"used":0,"held":0,"available":null}}`,
}

var otherLines = []string{
	`{"line":9,"status":402,"code":"insufficient_credits","detail":"No.","credit":"standard","needed":1,"available":0}`,
	`{"line":0,"status":503,"code":"overloaded","detail":"Later."}`,
	`{"line":7,"status":201,"balance":{"used":007}}`, `{"line":1.5,"status":201}`, `{"Line":3,"line":4,"status":201}`,
	`{"line":7,"status":201,"credit":"caf\u00e9","balance":{"allowance":-1,"used":1e2,"held":0,"available":0}}`,
	`{"line":7,"status":201,"balance":{"used":1,"used":2}}`, `{}`, `[]`, `{"line":7,"status":201}x`,
}

// The scanner reads what encoding/json reads, or leaves it.
func FuzzLinesAreReadAsJSON(f *testing.F) {
	for _, line := range append(charged, otherLines...) {
		f.Add([]byte(line + "\n"))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, ok := scanLine(text)
		if !ok {
			return
		}
		var want struct {
			Line, Status int
			Balance      unit.Balance
		}
		if err := json.Unmarshal(text, &want); err != nil || want.Line != got.line || want.Status != 201 || want.Balance != got.balance || got.no != nil {
			t.Errorf("%s is read as %+v, by encoding/json %+v, %v", text, got, want, err)
		}
	})
}

func TestLinesOfAStream(t *testing.T) {
	for _, line := range charged {
		if _, ok := scanLine([]byte(line + "\n")); !ok {
			t.Errorf("not scanned: %s", line)
		}
	}
	for _, line := range otherLines {
		if a, ok := scanLine([]byte(line + "\n")); ok && a.line != 7 {
			t.Errorf("scanned: %s", line)
		}
	}
	no, err := readLine([]byte(otherLines[0] + "\n"))
	if err != nil || no.line != 9 || no.no == nil || no.no.Code != "insufficient_credits" || *no.no.Available != 0 {
		t.Errorf("%+v %v", no, err)
	}
	for _, key := range []string{"", "k-1", `a "b" \`, "café\n", "\xff<&>"} {
		got := appendLine(nil, key, "standard", unit.Credit/4)
		var a, b map[string]any
		want, _ := json.Marshal(map[string]any{"idempotency_key": key, "credit": "standard", "amount": 0.25})
		if json.Unmarshal(got, &a) != nil || json.Unmarshal(want, &b) != nil || a["idempotency_key"] != b["idempotency_key"] || a["amount"] != b["amount"] || len(a) != 3 || !bytes.HasSuffix(got, []byte("\n")) {
			t.Errorf("%s, not %s", got, want)
		}
	}
}
