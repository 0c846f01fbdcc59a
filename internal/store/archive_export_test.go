package store

// Block is an archived block, for tests that damage one.
type Block struct{ b block }

// Pack makes a block.
func Pack(ws string, list []Entry) (Block, error) {
	b, err := pack(ws, list)
	return Block{b}, err
}

// Unpack reads it as another workspace's or its own.
func (b *Block) Unpack(ws string) ([]Entry, error) { return b.b.unpack(ws) }

// Parts are what a block is made of, to be damaged.
func (b *Block) Parts() (body, people []byte, numbers []*int64) {
	return b.b.body, b.b.people, []*int64{&b.b.first, &b.b.last, &b.b.firstAt, &b.b.lastAt}
}

// MayHave tells that a person may be in the block.
func (b *Block) MayHave(person string) bool { return b.b.mayHave(person) }

// Archive is the transaction of ArchiveNext, with a block that was made before.
func (t Entries) Archive(ws string, after int64, b Block) error { return t.archive(ws, after, b.b) }

// Restore is the transaction of RestoreLast, with a block that was read before.
func (t Entries) Restore(ws string, b Block, list []Entry) error { return t.restore(ws, b.b, list) }
