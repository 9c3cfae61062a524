//go:build cgo

package native

/*
#cgo pkg-config: mona
#cgo noescape mona_options_set
#cgo nocallback mona_options_set
#cgo noescape mona_client_new
#cgo nocallback mona_client_new
#cgo noescape mona_client_set_globals
#cgo nocallback mona_client_set_globals
#cgo noescape mona_client_is_disabled
#cgo nocallback mona_client_is_disabled
#cgo noescape mona_client_stats
#cgo nocallback mona_client_stats
#cgo noescape mona_client_describe
#cgo nocallback mona_client_describe
#cgo noescape mona_client_check
#cgo nocallback mona_client_check
#cgo noescape mona_client_take
#cgo nocallback mona_client_take
#cgo noescape mona_last_error
#cgo nocallback mona_last_error
#cgo noescape mona_log_take
#cgo nocallback mona_log_take
#cgo noescape mona_stack_enter
#cgo nocallback mona_stack_enter
#cgo noescape mona_stack_enter_sub
#cgo nocallback mona_stack_enter_sub
#cgo noescape mona_stack_leave
#cgo nocallback mona_stack_leave
#cgo noescape mona_stack_open
#cgo nocallback mona_stack_open
#cgo noescape mona_stack_open_sub
#cgo nocallback mona_stack_open_sub
#cgo noescape mona_stack_close_sub
#cgo nocallback mona_stack_close_sub
#cgo noescape mona_stack_reset
#cgo nocallback mona_stack_reset
#cgo noescape mona_stack_id
#cgo nocallback mona_stack_id
#cgo noescape mona_stack_free
#cgo nocallback mona_stack_free
#cgo noescape mona_stack_export
#cgo nocallback mona_stack_export
#cgo noescape mona_stack_export_fields
#cgo nocallback mona_stack_export_fields
#cgo noescape mona_stack_export_batch
#cgo nocallback mona_stack_export_batch
#cgo noescape mona_abi_version
#cgo nocallback mona_abi_version

#include <mona.h>
*/
import "C"

import "unsafe"

// Implementation names the way to the C functions.
const Implementation = "cgo"

// Load says why the library cannot be used: one that is linked is always there.
func Load() error { return nil }

// callRoom is what a call needs in a block.
type callRoom struct{}

func bytes(of unsafe.Pointer) *C.char { return (*C.char)(of) }

func client(of Client) *C.mona_client { return (*C.mona_client)(of) }

func stack(of Stack) *C.mona_stack { return (*C.mona_stack)(of) }

func field(of *Field) *C.mona_field { return (*C.mona_field)(unsafe.Pointer(of)) }

func stackAt(of *Stack) **C.mona_stack { return (**C.mona_stack)(unsafe.Pointer(of)) }

// Version is mona_version.
func Version() string { return C.GoString(C.mona_version()) }

// ABIVersion is mona_abi_version.
func ABIVersion() uint32 { return uint32(C.mona_abi_version()) }

// OptionsNew is mona_options_new.
func OptionsNew() Options { return Options(unsafe.Pointer(C.mona_options_new())) }

// OptionsSet is mona_options_set.
func OptionsSet(options Options, name, value string) Status {
	return Status(C.mona_options_set((*C.mona_options)(options), bytes(given([]byte(name))), C.size_t(len(name)),
		bytes(given([]byte(value))), C.size_t(len(value))))
}

// OptionsFree is mona_options_free.
func OptionsFree(options Options) { C.mona_options_free((*C.mona_options)(options)) }

// ClientNew is mona_client_new.
func ClientNew(options Options, made *Client) Status {
	return Status(C.mona_client_new((*C.mona_options)(options), (**C.mona_client)(unsafe.Pointer(made))))
}

// ClientFree is mona_client_free.
func ClientFree(of Client) { C.mona_client_free(client(of)) }

// ClientDefault is mona_client_default.
func ClientDefault() Client { return Client(unsafe.Pointer(C.mona_client_default())) }

// ClientSetDefault is mona_client_set_default.
func ClientSetDefault(of Client) Status { return Status(C.mona_client_set_default(client(of))) }

// ClientSetGlobals is mona_client_set_globals; no text: none.
func ClientSetGlobals(of Client, json []byte) Status {
	return Status(C.mona_client_set_globals(client(of), bytes(at(json)), C.size_t(len(json))))
}

// ClientSetDisabled is mona_client_set_disabled.
func ClientSetDisabled(of Client, disabled int32) Status {
	return Status(C.mona_client_set_disabled(client(of), C.int32_t(disabled)))
}

// ClientIsDisabled is mona_client_is_disabled.
func ClientIsDisabled(of Client, disabled *int32) Status {
	return Status(C.mona_client_is_disabled(client(of), (*C.int32_t)(disabled)))
}

// ClientFlush is mona_client_flush.
func ClientFlush(of Client, milliseconds uint32) Status {
	return Status(C.mona_client_flush(client(of), C.uint32_t(milliseconds)))
}

// ClientClose is mona_client_close.
func ClientClose(of Client, milliseconds uint32) Status {
	return Status(C.mona_client_close(client(of), C.uint32_t(milliseconds)))
}

// ClientStats is mona_client_stats; the first word is the size of the others and itself.
func ClientStats(of Client, words []uint64) Status {
	return Status(C.mona_client_stats(client(of), (*C.mona_stats)(unsafe.Pointer(unsafe.SliceData(words)))))
}

// ClientDescribe is mona_client_describe.
func ClientDescribe(of Client, buf []byte, length *uintptr) Status {
	return Status(C.mona_client_describe(client(of), bytes(at(buf)), C.size_t(len(buf)), (*C.size_t)(unsafe.Pointer(length))))
}

// ClientCheck is mona_client_check.
func ClientCheck(of Client, milliseconds uint32, buf []byte, length *uintptr) Status {
	return Status(C.mona_client_check(client(of), C.uint32_t(milliseconds), bytes(at(buf)), C.size_t(len(buf)),
		(*C.size_t)(unsafe.Pointer(length))))
}

// ClientTake is mona_client_take.
func ClientTake(of Client, buf []byte, length *uintptr) Status {
	return Status(C.mona_client_take(client(of), bytes(at(buf)), C.size_t(len(buf)), (*C.size_t)(unsafe.Pointer(length))))
}

// StackEnter is mona_stack_enter.
func StackEnter(of Client, from Stack, class *Field, id string, time *Field, scope *uint64, to *Stack) Status {
	return Status(C.mona_stack_enter(client(of), stack(from), field(class), bytes(text(id)), C.size_t(len(id)), field(time),
		(*C.uint64_t)(scope), stackAt(to)))
}

// StackEnterSub is mona_stack_enter_sub.
func StackEnterSub(from Stack, class *Field, id string, scope *uint64, to *Stack) Status {
	return Status(C.mona_stack_enter_sub(stack(from), field(class), bytes(text(id)), C.size_t(len(id)), (*C.uint64_t)(scope),
		stackAt(to)))
}

// StackLeave is mona_stack_leave.
func StackLeave(from Stack, scope uint64, to *Stack) Status {
	return Status(C.mona_stack_leave(stack(from), C.uint64_t(scope), stackAt(to)))
}

// StackOpen is mona_stack_open.
func StackOpen(of Client, from Stack, class *Field, id string, time *Field, to *Stack) Status {
	return Status(C.mona_stack_open(client(of), stack(from), field(class), bytes(text(id)), C.size_t(len(id)), field(time),
		stackAt(to)))
}

// StackOpenSub is mona_stack_open_sub.
func StackOpenSub(from Stack, class *Field, id string, to *Stack) Status {
	return Status(C.mona_stack_open_sub(stack(from), field(class), bytes(text(id)), C.size_t(len(id)), stackAt(to)))
}

// StackCloseSub is mona_stack_close_sub; no id: the last one.
func StackCloseSub(from Stack, id string, to *Stack) Status {
	return Status(C.mona_stack_close_sub(stack(from), bytes(text(id)), C.size_t(len(id)), stackAt(to)))
}

// StackReset is mona_stack_reset.
func StackReset(from Stack, to *Stack) Status {
	return Status(C.mona_stack_reset(stack(from), stackAt(to)))
}

// StackID is mona_stack_id.
func StackID(of Stack, buf []byte, length *uintptr) Status {
	return Status(C.mona_stack_id(stack(of), bytes(at(buf)), C.size_t(len(buf)), (*C.size_t)(unsafe.Pointer(length))))
}

// StackFree is mona_stack_free.
func StackFree(of Stack) { C.mona_stack_free(stack(of)) }

// StackExport is mona_stack_export. The block is for what it answers.
func StackExport(of Stack, json []byte, time *Field, block *Block) Status {
	return Status(C.mona_stack_export(stack(of), bytes(given(json)), C.size_t(len(json)), field(time),
		(*C.int32_t)(block.taken())))
}

// StackExportFields is mona_stack_export_fields, with the first fields of the block.
func StackExportFields(of Stack, block *Block, n int, time *Field) Status {
	return Status(C.mona_stack_export_fields(stack(of), field(block.At(0)), C.size_t(n), field(time),
		(*C.int32_t)(block.taken())))
}

// StackExportBatch is mona_stack_export_batch.
func StackExportBatch(of Client, from Stack, json []byte, accepted *uintptr) Status {
	return Status(C.mona_stack_export_batch(client(of), stack(from), bytes(given(json)), C.size_t(len(json)),
		(*C.size_t)(unsafe.Pointer(accepted))))
}

// LastError is mona_last_error.
func LastError(buf []byte, length *uintptr) Status {
	return Status(C.mona_last_error(bytes(at(buf)), C.size_t(len(buf)), (*C.size_t)(unsafe.Pointer(length))))
}

// LogTake is mona_log_take.
func LogTake(level *int32, buf []byte, length *uintptr) Status {
	return Status(C.mona_log_take((*C.int32_t)(level), bytes(at(buf)), C.size_t(len(buf)), (*C.size_t)(unsafe.Pointer(length))))
}
