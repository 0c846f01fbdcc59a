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
