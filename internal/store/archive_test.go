package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/internal/store"
)

// drawEntries are any consecutive entries, extreme numbers and odd texts included.
func drawEntries(t *rapid.T) []store.Entry {
	number := rapid.Int64()
	text := rapid.OneOf(rapid.SampledFrom([]string{"", "charge", "standard", "mem_1"}), rapid.String())
	list := make([]store.Entry, rapid.IntRange(1, 40).Draw(t, "entries"))
	first := rapid.Int64Range(1, 1<<37).Draw(t, "first")
	for n := range list {
		e := store.Entry{Workspace: "ws", Seq: first + int64(n), At: number.Draw(t, "at"), Day: rapid.Int().Draw(t, "day"), PeriodStart: number.Draw(t, "period"),
			Amount: number.Draw(t, "amount"), Waived: number.Draw(t, "waived")}
		if rapid.Bool().Draw(t, "limited") {
			left := number.Draw(t, "left")
			e.BalanceAfter = &left
		}
		for _, into := range []*string{&e.Kind, &e.Credit, &e.Member, &e.Person, &e.Field, &e.Outcome, &e.Channel, &e.Hold, &e.Grant, &e.Note, &e.Capture} {
			*into = text.Draw(t, "text")
		}
		list[n] = e
	}
	return list
}

func TestABlockReadsAsItsEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := drawEntries(t)
		b, err := store.Pack("ws", list)
		if err != nil {
			t.Fatal(err)
		}
		back, err := b.Unpack("ws")
		if err != nil || !reflect.DeepEqual(back, list) {
			t.Fatalf("packed %+v, unpacked %+v, %v", list, back, err)
		}
		for _, e := range list {
			if e.Person != "" && !b.MayHave(e.Person) {
				t.Fatalf("%q is in the block, and its index says not", e.Person)
			}
		}
	})
}

// Whichever bit of a block flips, and whosever it is said to be, it is known for damaged.
func TestADamagedBlockIsFound(t *testing.T) {
	var list []store.Entry
	for n := range int64(50) {
		list = append(list, store.Entry{Workspace: "ws", Seq: 100 + n, At: 1000 * n, Kind: "charge", Credit: "standard", Amount: 5, Person: fmt.Sprint("per_", n%20), Note: "note"})
	}
	b, err := store.Pack("ws", list)
	if err != nil {
		t.Fatal(err)
	}
	damaged := func(what string, ws string) {
		t.Helper()
		var d *store.DamagedBlock
		if _, err := b.Unpack(ws); !errors.As(err, &d) {
			t.Errorf("%s: %v", what, err)
		}
	}
	damaged("another workspace's", "ws2")
	body, people, numbers := b.Parts()
	for _, part := range [][]byte{body, people} {
		if len(part) == 0 {
			t.Fatal("a part is empty")
		}
		for n := range part {
			bit := byte(1) << rand.IntN(8)
			part[n] ^= bit
			damaged(fmt.Sprintf("byte %d of %d", n, len(part)), "ws")
			part[n] ^= bit
		}
	}
	for n, v := range numbers {
		for _, by := range []int64{1, -1, 1 << 40} {
			*v += by
			damaged(fmt.Sprintf("number %d changed by %d", n, by), "ws")
			*v -= by
		}
	}
	if back, err := b.Unpack("ws"); err != nil || !reflect.DeepEqual(back, list) {
		t.Errorf("the block itself: %v", err)
	}
}

// Most of those who are not in a block are known not to be.
func TestABlocksIndexOfPeople(t *testing.T) {
	var list []store.Entry
	for n := range int64(4000) {
		list = append(list, store.Entry{Seq: n + 1, Person: fmt.Sprint("per_", n)})
	}
	b, err := store.Pack("ws", list)
	if err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for n := range 10_000 {
		if b.MayHave(fmt.Sprint("other_", n)) {
			wrong++
		}
	}
	if wrong > 300 {
		t.Errorf("%d of 10,000 others may be in the block", wrong)
	}
}
