package credits_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
)

// framed are charges with everything that a charge may have.
func framed() []credits.Command {
	at := time.Date(2026, 3, 10, 1, 2, 3, 4000, time.UTC)
	full := credits.Request{
		Workspace: "w1", Member: "mem_1", At: at, Key: "key", Own: true, Fingerprint: []byte{0, 255}, Capture: "cap_1", Channel: "api",
		Keep: []byte(`{"a":"b"}`),
	}
	return []credits.Command{
		&credits.Charge{Request: full, Credit: "standard", Amount: 7, Note: "Ünïted"},
		&credits.Charge{Request: credits.Request{Workspace: "w1", At: at, Key: "k2"}, Credit: "premium", Amount: credits.MaxAmount},
		&credits.Charge{Request: credits.Request{Workspace: "w2", At: time.Unix(-1, 0).UTC(), Key: "k3"}, Amount: -1},
	}
}

// What a frame says is what was put into it: each field of a charge, so a new one cannot be forgotten.
func TestFrames(t *testing.T) {
	want := framed()
	full := reflect.ValueOf(*want[0].(*credits.Charge))
	local := map[string]bool{"With": true, "Note": true} // of a request: charges that have these are not sent
	for n := range full.NumField() {
		if full.Field(n).IsZero() {
			t.Errorf("the test leaves %s empty", full.Type().Field(n).Name)
		}
	}
	for r, n := full.FieldByName("Request"), 0; n < r.NumField(); n++ {
		if name := r.Type().Field(n).Name; r.Field(n).IsZero() && !local[name] {
			t.Errorf("the test leaves %s empty", name)
		}
	}
	got, again, err := credits.ReadFrames(credits.FrameOf(want...))
	if err != nil {
		t.Fatal(err)
	}
	for n := range want {
		// Bytes that are empty come back as empty, not nil.
		if c := got[n].(*credits.Charge); len(c.Fingerprint) == 0 {
			c.Fingerprint = nil
		}
		if !reflect.DeepEqual(got[n], want[n]) {
			t.Errorf("charge %d is read as %+v, want %+v", n, got[n], want[n])
		}
	}
	if len(again) != len(want) {
		t.Errorf("%d charges again", len(again))
	}
	whole := credits.FrameOf(want...)
	for n := range whole {
		if _, _, err := credits.ReadFrames(whole[:n]); err == nil {
			t.Errorf("the first %d bytes are read as a frame", n)
		}
	}
}

// Whatever another process sends as a frame, it is read or refused.
func FuzzFrames(f *testing.F) {
	f.Add(credits.FrameOf(framed()...))
	f.Add([]byte{credits.FrameVersion, 0})
	f.Add([]byte{credits.FrameVersion, 1, 2, 6, 1, 5, 1, 10, 20, 0, 0, 1})
	f.Fuzz(func(t *testing.T, frame []byte) {
		got, again, err := credits.ReadFrames(frame)
		if err == nil && !reflect.DeepEqual(got, again) {
			t.Errorf("%+v is read as %+v", got, again)
		}
	})
}
