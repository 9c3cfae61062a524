package native

import (
	"testing"
	"unsafe"
)

// What stands behind an object is no address of it: the garbage collector ends a program that has such a pointer.
func TestAddressesOfEmptyTextsAreInTheBlock(t *testing.T) {
	for _, length := range []int{firstBytes - headBytes - fieldBytes, firstBytes - headBytes - fieldBytes + 8, 1 << 16} {
		block := NewBlock(1, length)
		block.AddText(string(make([]byte, length)), 6, "")
		start := uint64(uintptr(unsafe.Pointer(unsafe.SliceData(block.words))))
		if address := block.At(0).value[0]; address < start || address >= start+8*uint64(len(block.words)) {
			t.Errorf("%d bytes: %#x is not in %d words at %#x", length, address, len(block.words), start)
		}
		block.Free()
	}
}
