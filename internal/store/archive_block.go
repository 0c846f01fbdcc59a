package store

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// BlockEntries is how many consecutive entries of a workspace are archived in one row: enough that
// columns compress well, few enough that one is unpacked in a millisecond or two.
const BlockEntries = 4096

// maxBlockBytes bounds what a block is unpacked to: no ledger's entries come near it.
const maxBlockBytes = 1 << 28

// blockVersion is the first byte of a body. A change of what follows needs another one, and the
// old one must be read for ever.
const blockVersion = 1

// sumBytes is how much of the checksum is kept.
const sumBytes = 16

// block is a row of the archive: consecutive entries of one workspace, packed.
type block struct {
	first, last     int64 // numbers of its entries
	firstAt, lastAt int64
	people          []byte // see peopleFilter
	body            []byte // version, checksum, deflated columns
}

// entries is how many there are in it.
func (b *block) entries() int64 { return b.last - b.first + 1 }

// DamagedBlock is an archived block that is not what was written.
type DamagedBlock struct {
	Workspace   string
	First, Last int64
	Why         string
}

func (d *DamagedBlock) Error() string {
	return fmt.Sprintf("the archived block of entries %d to %d is damaged: %s", d.First, d.Last, d.Why)
}

// numberColumns and textColumns are an entry's values in the order in which a block has them. The
// entry's number is not among them, because numbers are consecutive, and its balance follows them,
// because it may be null.
var numberColumns = []struct {
	get func(e *Entry) int64
	set func(e *Entry, v int64)
}{
	{func(e *Entry) int64 { return e.At }, func(e *Entry, v int64) { e.At = v }},
	{func(e *Entry) int64 { return int64(e.Day) }, func(e *Entry, v int64) { e.Day = int(v) }},
	{func(e *Entry) int64 { return e.PeriodStart }, func(e *Entry, v int64) { e.PeriodStart = v }},
	{func(e *Entry) int64 { return e.Amount }, func(e *Entry, v int64) { e.Amount = v }},
	{func(e *Entry) int64 { return e.Waived }, func(e *Entry, v int64) { e.Waived = v }},
}

var textColumns = []func(e *Entry) *string{
	func(e *Entry) *string { return &e.Kind },
	func(e *Entry) *string { return &e.Credit },
	func(e *Entry) *string { return &e.Member },
	func(e *Entry) *string { return &e.Person },
	func(e *Entry) *string { return &e.Field },
	func(e *Entry) *string { return &e.Outcome },
	func(e *Entry) *string { return &e.Channel },
	func(e *Entry) *string { return &e.Hold },
	func(e *Entry) *string { return &e.Grant },
	func(e *Entry) *string { return &e.Note },
	func(e *Entry) *string { return &e.Capture },
}

// pack makes a block of consecutive entries of one workspace.
func pack(ws string, list []Entry) (block, error) {
	for n := range list {
		if list[n].Seq != list[0].Seq+int64(n) {
			return block{}, fmt.Errorf("entry %d follows entry %d; run leadmeter verify", list[n].Seq, list[n-1].Seq)
		}
	}
	b := block{first: list[0].Seq, last: list[len(list)-1].Seq, firstAt: list[0].At, lastAt: list[len(list)-1].At, people: peopleFilter(list)}
	plain := appendColumns(nil, list)
	var deflated bytes.Buffer
	w, err := flate.NewWriter(&deflated, flate.BestCompression)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	b.body = append([]byte{blockVersion}, b.sum(ws, plain, deflated.Bytes())...)
	b.body = append(b.body, deflated.Bytes()...)
	return b, err
}

// sum is over everything that a block says, whose it is included, as it is and as it reads.
func (b *block) sum(ws string, plain, deflated []byte) []byte {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(ws), b.people, deflated, plain} {
		h.Write(binary.AppendUvarint(nil, uint64(len(part))))
		h.Write(part)
	}
	for _, v := range []int64{b.first, b.last, b.firstAt, b.lastAt} {
		h.Write(binary.AppendVarint(nil, v))
	}
	return h.Sum(nil)[:sumBytes]
}

// unpack reads the entries of a block, and finds every damage.
func (b *block) unpack(ws string) ([]Entry, error) {
	list, err := b.read(ws)
	if err != nil {
		damaged := &DamagedBlock{Workspace: ws, First: b.first, Last: b.last, Why: err.Error()}
		return nil, fault.Wrap(fault.Internal, damaged, "An archived part of the ledger is damaged. The operator finds it with leadmeter verify.")
	}
	return list, nil
}

func (b *block) read(ws string) ([]Entry, error) {
	if len(b.body) < 1+sumBytes {
		return nil, errors.New("it is too short")
	}
	if b.body[0] != blockVersion {
		return nil, fmt.Errorf("it has version %d, which this program does not know", b.body[0])
	}
	sum, deflated := b.body[1:1+sumBytes], b.body[1+sumBytes:]
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(deflated)), maxBlockBytes))
	if err != nil {
		return nil, errors.New("it cannot be unpacked")
	}
	if !bytes.Equal(sum, b.sum(ws, plain, deflated)) {
		return nil, errors.New("its checksum differs")
	}
	c := columnReader{rest: plain}
	list := c.entries(ws, b.first, b.entries())
	if c.failed || len(c.rest) > 0 {
		return nil, errors.New("its columns cannot be read")
	}
	return list, nil
}

// appendColumns writes the entries column by column: numbers as differences, texts as numbers of
// those before them.
func appendColumns(b []byte, list []Entry) []byte {
	for _, column := range numberColumns {
		last := int64(0)
		for n := range list {
			v := column.get(&list[n])
			b = binary.AppendVarint(b, v-last)
			last = v
		}
	}
	for n := range list {
		known := byte(0)
		if list[n].BalanceAfter != nil {
			known = 1
		}
		b = append(b, known)
	}
	last := int64(0)
	for n := range list {
		if v := list[n].BalanceAfter; v != nil {
			b = binary.AppendVarint(b, *v-last)
			last = *v
		}
	}
	for _, column := range textColumns {
		var texts []string
		known := map[string]uint64{}
		for n := range list {
			text := *column(&list[n])
			at, is := known[text]
			if !is {
				at = uint64(len(texts))
				known[text], texts = at, append(texts, text)
			}
			b = binary.AppendUvarint(b, at)
		}
		for _, text := range texts {
			b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
		}
	}
	return b
}

// columnReader reads what appendColumns wrote.
type columnReader struct {
	rest   []byte
	failed bool
}

func (c *columnReader) number() int64 {
	v, n := binary.Varint(c.rest)
	c.take(n)
	return v
}

func (c *columnReader) count() uint64 {
	v, n := binary.Uvarint(c.rest)
	c.take(n)
	return v
}

// take goes past n bytes; nothing more is there to read when they are not.
func (c *columnReader) take(n int) {
	if n <= 0 {
		c.failed, c.rest = true, nil
		return
	}
	c.rest = c.rest[n:]
}

func (c *columnReader) entries(ws string, first, many int64) []Entry {
	if many < 1 || many > int64(len(c.rest)) {
		c.failed = true
		return nil
	}
	list := make([]Entry, many)
	for n := range list {
		list[n].Workspace, list[n].Seq = ws, first+int64(n)
	}
	for _, column := range numberColumns {
		last := int64(0)
		for n := range list {
			last += c.number()
			column.set(&list[n], last)
		}
	}
	c.balances(list)
	for _, column := range textColumns {
		c.texts(list, column)
	}
	return list
}

func (c *columnReader) balances(list []Entry) {
	if len(c.rest) < len(list) {
		c.failed = true
		return
	}
	known := c.rest[:len(list)]
	c.rest = c.rest[len(list):]
	last := int64(0)
	for n := range list {
		if known[n] == 1 {
			last += c.number()
			v := last
			list[n].BalanceAfter = &v
		}
	}
}

func (c *columnReader) texts(list []Entry, column func(e *Entry) *string) {
	at := make([]uint64, len(list))
	many := uint64(0)
	for n := range list {
		at[n] = c.count()
		if at[n] > many {
			c.failed = true
			return
		}
		if at[n] == many {
			many++
		}
	}
	texts := make([]string, many)
	for n := range texts {
		size := c.count()
		if size > uint64(len(c.rest)) {
			c.failed = true
			return
		}
		texts[n] = string(c.rest[:size])
		c.rest = c.rest[size:]
	}
	for n := range list {
		*column(&list[n]) = texts[at[n]]
	}
}

const (
	bitsOfPerson   = 10 // with hashesOfPerson, one in a hundred who is not in a block seems to be
	hashesOfPerson = 6
)

// peopleFilter is a Bloom filter of the people in entries: who is not in it is in none of them.
func peopleFilter(list []Entry) []byte {
	var people []string
	for n := range list {
		if list[n].Person != "" {
			people = append(people, list[n].Person)
		}
	}
	slices.Sort(people)
	people = slices.Compact(people)
	filter := make([]byte, (len(people)*bitsOfPerson+7)/8)
	for _, p := range people {
		eachBit(filter, p, func(at *byte, bit byte) bool { *at |= bit; return true })
	}
	return filter
}

// mayHave tells that a person may be in a block; false: is not.
func (b *block) mayHave(person string) bool {
	may := len(b.people) > 0
	if may {
		eachBit(b.people, person, func(at *byte, bit byte) bool {
			may = *at&bit != 0
			return may
		})
	}
	return may
}

func eachBit(filter []byte, person string, each func(at *byte, bit byte) bool) {
	sum := sha256.Sum256([]byte(person))
	a, b := binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])|1
	for n := range uint64(hashesOfPerson) {
		bit := (a + n*b) % uint64(len(filter)*8)
		if !each(&filter[bit/8], 1<<(bit%8)) {
			return
		}
	}
}
