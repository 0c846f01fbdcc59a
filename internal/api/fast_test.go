package api

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
)

// What is read on the fast path means what it means on the common one, and so is the same
// request under the same key.
func FuzzFastCharge(f *testing.F) {
	for _, body := range []string{
		`{"credit":"standard","amount":1}`, `{ "amount" : 0.25,"member":"mem_1" , "credit":"premium","description":"a b"}` + "\n",
		`{"credit":"standard","amount":01}`, `{"credit":"standard","amount":"1"}`, `{"credit":"st\u0061ndard","amount":1}`,
		`{"credit":"a","credit":"b","amount":1}`, `{"Credit":"a","amount":1}`, `{"credit":"a","amount":1,}`, `{"credit":"a","amount":1} {}`,
		`{"credit":"a","amount":1e3}`, `{"credit":"a","amount":-1}`, `{"credit":"a","amount":1.}`, `{"credit":null,"amount":1}`,
		`{"credit":"<a>","amount":1}`, `{"credit":"ä","amount":1}`, `{,"credit":"a","amount":1}`, `{"credit" "a"}`, `{`, ``, `[]`, `{}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var fast chargeIn
		if !parseFast(bytes.Clone(body), &fast) {
			return
		}
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		var common ChargeIn
		if err := d.Decode(&common); err != nil {
			t.Fatalf("%q is no charge: %v", body, err)
		}
		if fast.Body != common {
			t.Errorf("%q was read as %+v, not %+v", body, fast.Body, common)
		}
	})
}

// The plainest charges must take the fast path, or it is there for nothing.
func TestPlainChargesAreFast(t *testing.T) {
	for _, body := range []string{`{"credit":"standard","amount":1}`, `{"amount":0.5,"credit":"standard","member":"mem_06f","description":"tokens"}`} {
		if !parseFast([]byte(body), &chargeIn{}) {
			t.Errorf("%s goes the common path", body)
		}
		batch := `{"charges":[` + body + `,{"idempotency_key":"k",` + body[1:] + `]}`
		if charges, ok := parseBatch([]byte(batch)); !ok || len(charges) != 2 || charges[1].Key != "k" {
			t.Errorf("%s goes the common path", batch)
		}
	}
}

// A batch that is read on the fast path is what the common one reads.
func FuzzFastBatch(f *testing.F) {
	for _, body := range []string{
		`{"charges":[{"credit":"standard","amount":1,"idempotency_key":"a"},{"amount":2,"credit":"premium","member":"mem_1"}]}`,
		`{"charges":[]}`, `{"charges":[{}]}`, `{"charges":[{"credit":"a","amount":1},]}`, `{"charges":[{"credit":"a","amount":1}],"x":1}`,
		` { "charges" : [ { "credit" : "a" , "amount" : 1.5 } ] } `, `{"Charges":[{"credit":"a","amount":1}]}`, `{"charges":[{"credit":"a","amount":1}]}x`, `{"charges":[,]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		fast, ok := parseBatch(bytes.Clone(body))
		if !ok {
			return
		}
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		var common batchIn
		if err := d.Decode(&common.Body); err != nil {
			t.Fatalf("%q is no batch: %v", body, err)
		}
		if !slices.Equal(fast, common.Body.Charges) {
			t.Errorf("%q was read as %+v, not %+v", body, fast, common.Body.Charges)
		}
	})
}
