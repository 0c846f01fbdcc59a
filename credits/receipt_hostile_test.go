package credits

import (
	"encoding/hex"
	"reflect"
	"testing"

	"github.com/leadmeter/leadmeter/internal/store"
)

// Whatever bytes a receipt has, they are read as an answer or not at all, and what is read is read
// the same once it was written again.
func FuzzReceipts(f *testing.F) {
	for _, text := range []string{
		"", "01", "02", "7b7d", "7b22726573756c74223a7b7d7d",
		"02000002020e2e01ffff9ec1d1ab0e0cd00fc18db701081000000000c28db701010cd00f020c00904ed00f0000c03e0a01f4030001000e7b226964223a226361705f31227d",
		"020007000000010d686f6c645f310b6d656d5f310af403f4032400809c9c3900",
		"0200ffffffffffffffffff01000000", "02ffffffffffffffffff0100", "020000ffffffff7f",
	} {
		b, err := hex.DecodeString(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, int64(1_772_000_000_000_000))
	}
	f.Fuzz(func(t *testing.T, b []byte, at int64) {
		if len(b) == 0 || b[0] != shortAnswer || at < 0 || at > 4e15 {
			_, _ = decodeAnswer(&store.Receipt{Answer: b, At: at})
			return
		}
		first, err := decodeAnswer(&store.Receipt{Answer: b, At: at})
		if err != nil {
			return
		}
		again, fits := first.Result.appendShort(nil, at)
		if !fits {
			return
		}
		second, err := decodeAnswer(&store.Receipt{Answer: again, At: at})
		if err != nil || !reflect.DeepEqual(first, second) {
			t.Errorf("%x is read as %+v, and again as %+v, %v", b, first.Result, second.Result, err)
		}
	})
}
