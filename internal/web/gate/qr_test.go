package gate

import (
	"fmt"
	"image/color"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"
)

// The picture has exactly the modules that were encoded, and a quiet zone around them.
func TestQRIsWhatWasEncoded(t *testing.T) {
	const text = "otpauth://totp/leadmeter:ada@example.com?issuer=leadmeter&secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	q, err := qrOf(text)
	if err != nil {
		t.Fatal(err)
	}
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	dark := map[[2]int]bool{}
	for _, run := range strings.SplitAfter(q.Path, "z") {
		var x, y, wide, back int
		if n, _ := fmt.Sscanf(run, "M%d %dh%dv1h-%dz", &x, &y, &wide, &back); n == 0 {
			continue
		} else if n != 4 || wide != back {
			t.Fatalf("a run reads %q", run)
		}
		for at := range wide {
			dark[[2]int{x + at, y}] = true
		}
	}
	for y := range q.Size {
		for x := range q.Size {
			if dark[[2]int{x, y}] != (code.At(x, y) == color.Black) {
				t.Fatalf("the module at %d,%d is wrong", x, y)
			}
		}
	}
	if len(dark) < 300 || q.box() != fmt.Sprintf("-4 -4 %d %d", q.Size+8, q.Size+8) {
		t.Errorf("%d dark modules in %s", len(dark), q.box())
	}
}
