package native

import (
	"sync"
	"unsafe"
)

// Block is fields as C reads them: a word in which C says whether it took the event, mona_field records, and behind them
// the names and texts that they point at.
//
// All of it is one object without Go pointers. So it may be given to C as it is, nothing has to be pinned one by one,
// and the addresses in it stay right: the heap's objects do not move.
type Block struct {
	words  []uint64
	fields int
	// Bytes that are in use, records included.
	used int
	callRoom
}

// The word before the records.
const headBytes = 8

// Enough for twenty fields with texts of usual lengths; larger ones grow.
const firstBytes = 2048

// A block that grew beyond this is not kept: one large event must not hold its memory for ever.
const keptBytes = 64 << 10

var blocks = sync.Pool{New: func() any { return &Block{words: make([]uint64, firstBytes/8)} }}

// NewBlock gives an empty block with room for so many fields and so many bytes of their names and texts.
func NewBlock(fields, bytes int) *Block {
	block := blocks.Get().(*Block)
	block.fields = 0
	block.used = headBytes + fields*fieldBytes
	// One byte more at least: the address of an empty text behind all others has to be one of this object, not of the next
	// one, which may be no object at all.
	if need := (block.used+bytes)/8 + 1; need > len(block.words) {
		block.words = make([]uint64, need)
	}
	block.words[0] = 0
	return block
}

// Free gives the block back. It must not be used any more.
func (b *Block) Free() {
	if len(b.words) <= keptBytes/8 {
		blocks.Put(b)
	}
}

// Len is the number of fields that were added.
func (b *Block) Len() int { return b.fields }

// Taken tells whether the event of the last call was accepted, and not skipped on purpose.
func (b *Block) Taken() bool { return *b.taken() != 0 }

func (b *Block) taken() *int32 { return (*int32)(unsafe.Pointer(unsafe.SliceData(b.words))) }

// At gives the address of a field that was added.
func (b *Block) At(place int) *Field {
	return (*Field)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b.words)), headBytes+place*fieldBytes))
}

// AddNumber adds a field of a kind that is a number, given by its bits, or null.
func (b *Block) AddNumber(name string, kind int32, bits uint64) {
	field := b.At(b.fields)
	field.key, field.keyLen = b.put(name), uintptr(len(name))
	field.kind, field.reserved = kind, 0
	field.value[0], field.value[1] = bits, 0
	b.fields++
}

// AddText adds a field of a kind that is a text.
func (b *Block) AddText(name string, kind int32, text string) {
	field := b.At(b.fields)
	field.key, field.keyLen = b.put(name), uintptr(len(name))
	field.kind, field.reserved = kind, 0
	field.value[0], field.value[1] = uint64(b.put(text)), uint64(len(text))
	b.fields++
}

// put copies a text and gives its address, which is never that of nothing: NULL would be no text.
func (b *Block) put(text string) uintptr {
	start := unsafe.Add(unsafe.Pointer(unsafe.SliceData(b.words)), b.used)
	copy(unsafe.Slice((*byte)(start), len(text)), text)
	b.used += len(text)
	return uintptr(start)
}
