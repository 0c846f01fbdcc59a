package credits_test

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"

	"github.com/leadmeter/leadmeter/credits"
)

// What an owner remembers of a workspace's members keeps no frame in memory.
func TestOwnerKeepsNoFrames(t *testing.T) {
	p := openPair(t, "postgres", 1)
	const members, size = 24, 1 << 20
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	answer := func(member string, keep []byte) {
		t.Helper()
		c := p.charge("w0", 1, p.key())
		c.Member, c.Keep = member, keep
		answers, err := p.a.Answer(ctx, "b", credits.FrameOf(c))
		if err != nil || len(answers) < 10 {
			t.Fatalf("%d bytes of answers, %v", len(answers), err)
		}
	}
	answer("first", []byte(`"small"`))
	before := heap()
	for n := range members {
		answer(fmt.Sprint("member ", n), append(append([]byte{'"'}, bytes.Repeat([]byte{'x'}, size)...), '"'))
	}
	answer("last", []byte(`"small"`)) // of whose batch the state has nothing else
	if grown := int64(heap()) - int64(before); grown > 4*size {
		t.Errorf("%d members' frames keep %d MB in memory", members, grown>>20)
	}
	runtime.KeepAlive(p)
}
