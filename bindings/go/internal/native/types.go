// Package native calls the C functions of libmona: by cgo, or by purego where cgo is off.
//
// Both files of calls, cgo.go and purego.go, have the same functions. They convert nothing but kinds of numbers and
// check nothing: package mona does. The detail of a failed call belongs to the operating-system thread that made it, so
// who wants it locks the goroutine to its thread before the call and asks [LastError] behind it.
package native

import "unsafe"

// Client is a mona_client.
type Client unsafe.Pointer

// Stack is a mona_stack; nil is the empty one.
type Stack unsafe.Pointer

// Options is a mona_options.
type Options unsafe.Pointer

// Status is a mona_status.
type Status = int32

// Field is a mona_field. Its addresses are numbers, because what they point at is in the same [Block].
type Field struct {
	key      uintptr
	keyLen   uintptr
	kind     int32
	reserved int32
	value    [2]uint64
}

// fieldBytes is the size of a mona_field on machines of 64 bits, the only ones there are packages for.
const fieldBytes = int(unsafe.Sizeof(Field{}))

// A mona_field has 40 bytes: this does not compile otherwise.
var _ [40]byte = [fieldBytes]byte{}

// at gives the address of a slice, nil for an empty one.
func at(bytes []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(bytes)) }

// text gives the address of a string, nil for an empty one.
func text(of string) unsafe.Pointer {
	if of == "" {
		return nil
	}
	return unsafe.Pointer(unsafe.StringData(of))
}

// given gives the address of a text that is there, though it may be empty: NULL would be none.
func given(of []byte) unsafe.Pointer {
	if len(of) == 0 {
		return unsafe.Pointer(&nothing)
	}
	return at(of)
}

var nothing byte
