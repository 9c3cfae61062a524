//go:build !cgo

package native

import (
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// The addresses of the C functions, written once by Load.
var (
	monaVersion, monaABIVersion, monaLastError, monaLogTake                                                  uintptr
	monaOptionsNew, monaOptionsSet, monaOptionsFree                                                          uintptr
	monaClientNew, monaClientFree, monaClientDefault, monaClientSetDefault, monaClientSetGlobals             uintptr
	monaClientSetDisabled, monaClientIsDisabled, monaClientFlush, monaClientClose, monaClientStats           uintptr
	monaClientDescribe, monaClientCheck, monaClientTake                                                      uintptr
	monaStackEnter, monaStackEnterSub, monaStackLeave, monaStackOpen, monaStackOpenSub, monaStackCloseSub    uintptr
	monaStackReset, monaStackID, monaStackFree, monaStackExport, monaStackExportFields, monaStackExportBatch uintptr
)

var functions = map[string]*uintptr{
	"mona_version":             &monaVersion,
	"mona_abi_version":         &monaABIVersion,
	"mona_last_error":          &monaLastError,
	"mona_log_take":            &monaLogTake,
	"mona_options_new":         &monaOptionsNew,
	"mona_options_set":         &monaOptionsSet,
	"mona_options_free":        &monaOptionsFree,
	"mona_client_new":          &monaClientNew,
	"mona_client_free":         &monaClientFree,
	"mona_client_default":      &monaClientDefault,
	"mona_client_set_default":  &monaClientSetDefault,
	"mona_client_set_globals":  &monaClientSetGlobals,
	"mona_client_set_disabled": &monaClientSetDisabled,
	"mona_client_is_disabled":  &monaClientIsDisabled,
	"mona_client_flush":        &monaClientFlush,
	"mona_client_close":        &monaClientClose,
	"mona_client_stats":        &monaClientStats,
	"mona_client_describe":     &monaClientDescribe,
	"mona_client_check":        &monaClientCheck,
	"mona_client_take":         &monaClientTake,
	"mona_stack_enter":         &monaStackEnter,
	"mona_stack_enter_sub":     &monaStackEnterSub,
	"mona_stack_leave":         &monaStackLeave,
	"mona_stack_open":          &monaStackOpen,
	"mona_stack_open_sub":      &monaStackOpenSub,
	"mona_stack_close_sub":     &monaStackCloseSub,
	"mona_stack_reset":         &monaStackReset,
	"mona_stack_id":            &monaStackID,
	"mona_stack_free":          &monaStackFree,
	"mona_stack_export":        &monaStackExport,
	"mona_stack_export_fields": &monaStackExportFields,
	"mona_stack_export_batch":  &monaStackExportBatch,
}

// call calls a function that gives a status. What the arguments point at is on the heap, and stays there during the
// call: purego says so to the compiler, and this says it again.
//
//go:uintptrescapes
func call(function uintptr, arguments ...uintptr) Status {
	result, _, _ := purego.SyscallN(function, arguments...)
	return Status(int32(uint32(result)))
}

// callRoom is what a call needs in a block: as arguments that vary they would be a new slice for each call.
type callRoom struct {
	arguments [5]uintptr
}

// handle gives the number of an address, for an argument of call.
func handle[T ~unsafe.Pointer](of T) uintptr { return uintptr(unsafe.Pointer(of)) }

// pointer makes the address that a C function gave one of Go.
func pointer(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

// Version is mona_version.
func Version() string {
	address, _, _ := purego.SyscallN(monaVersion)
	start, length := pointer(address), 0
	for *(*byte)(unsafe.Add(start, length)) != 0 {
		length++
	}
	return string(unsafe.Slice((*byte)(start), length))
}

// ABIVersion is mona_abi_version.
func ABIVersion() uint32 { return uint32(call(monaABIVersion)) }

// OptionsNew is mona_options_new.
func OptionsNew() Options {
	made, _, _ := purego.SyscallN(monaOptionsNew)
	return Options(pointer(made))
}

// OptionsSet is mona_options_set.
func OptionsSet(options Options, name, value string) Status {
	return call(monaOptionsSet, handle(options), uintptr(given([]byte(name))), uintptr(len(name)),
		uintptr(given([]byte(value))), uintptr(len(value)))
}

// OptionsFree is mona_options_free.
func OptionsFree(options Options) { call(monaOptionsFree, handle(options)) }

// ClientNew is mona_client_new.
func ClientNew(options Options, made *Client) Status {
	return call(monaClientNew, handle(options), uintptr(unsafe.Pointer(made)))
}

// ClientFree is mona_client_free.
func ClientFree(of Client) { call(monaClientFree, handle(of)) }

// ClientDefault is mona_client_default.
func ClientDefault() Client {
	found, _, _ := purego.SyscallN(monaClientDefault)
	return Client(pointer(found))
}

// ClientSetDefault is mona_client_set_default.
func ClientSetDefault(of Client) Status { return call(monaClientSetDefault, handle(of)) }

// ClientSetGlobals is mona_client_set_globals; no text: none.
func ClientSetGlobals(of Client, json []byte) Status {
	return call(monaClientSetGlobals, handle(of), uintptr(at(json)), uintptr(len(json)))
}

// ClientSetDisabled is mona_client_set_disabled.
func ClientSetDisabled(of Client, disabled int32) Status {
	return call(monaClientSetDisabled, handle(of), uintptr(disabled))
}

// ClientIsDisabled is mona_client_is_disabled.
func ClientIsDisabled(of Client, disabled *int32) Status {
	return call(monaClientIsDisabled, handle(of), uintptr(unsafe.Pointer(disabled)))
}

// ClientFlush is mona_client_flush.
func ClientFlush(of Client, milliseconds uint32) Status {
	return call(monaClientFlush, handle(of), uintptr(milliseconds))
}

// ClientClose is mona_client_close.
func ClientClose(of Client, milliseconds uint32) Status {
	return call(monaClientClose, handle(of), uintptr(milliseconds))
}

// ClientStats is mona_client_stats; the first word is the size of the others and itself.
func ClientStats(of Client, words []uint64) Status {
	return call(monaClientStats, handle(of), uintptr(unsafe.Pointer(unsafe.SliceData(words))))
}

// ClientDescribe is mona_client_describe.
func ClientDescribe(of Client, buf []byte, length *uintptr) Status {
	return call(monaClientDescribe, handle(of), uintptr(at(buf)), uintptr(len(buf)), uintptr(unsafe.Pointer(length)))
}

// ClientCheck is mona_client_check.
func ClientCheck(of Client, milliseconds uint32, buf []byte, length *uintptr) Status {
	return call(monaClientCheck, handle(of), uintptr(milliseconds), uintptr(at(buf)), uintptr(len(buf)),
		uintptr(unsafe.Pointer(length)))
}

// ClientTake is mona_client_take.
func ClientTake(of Client, buf []byte, length *uintptr) Status {
	return call(monaClientTake, handle(of), uintptr(at(buf)), uintptr(len(buf)), uintptr(unsafe.Pointer(length)))
}

// StackEnter is mona_stack_enter.
func StackEnter(of Client, from Stack, class *Field, id string, time *Field, scope *uint64, to *Stack) Status {
	return call(monaStackEnter, handle(of), handle(from), uintptr(unsafe.Pointer(class)), uintptr(text(id)), uintptr(len(id)),
		uintptr(unsafe.Pointer(time)), uintptr(unsafe.Pointer(scope)), uintptr(unsafe.Pointer(to)))
}

// StackEnterSub is mona_stack_enter_sub.
func StackEnterSub(from Stack, class *Field, id string, scope *uint64, to *Stack) Status {
	return call(monaStackEnterSub, handle(from), uintptr(unsafe.Pointer(class)), uintptr(text(id)), uintptr(len(id)),
		uintptr(unsafe.Pointer(scope)), uintptr(unsafe.Pointer(to)))
}

// StackLeave is mona_stack_leave.
func StackLeave(from Stack, scope uint64, to *Stack) Status {
	return call(monaStackLeave, handle(from), uintptr(scope), uintptr(unsafe.Pointer(to)))
}

// StackOpen is mona_stack_open.
func StackOpen(of Client, from Stack, class *Field, id string, time *Field, to *Stack) Status {
	return call(monaStackOpen, handle(of), handle(from), uintptr(unsafe.Pointer(class)), uintptr(text(id)), uintptr(len(id)),
		uintptr(unsafe.Pointer(time)), uintptr(unsafe.Pointer(to)))
}

// StackOpenSub is mona_stack_open_sub.
func StackOpenSub(from Stack, class *Field, id string, to *Stack) Status {
	return call(monaStackOpenSub, handle(from), uintptr(unsafe.Pointer(class)), uintptr(text(id)), uintptr(len(id)),
		uintptr(unsafe.Pointer(to)))
}

// StackCloseSub is mona_stack_close_sub; no id: the last one.
func StackCloseSub(from Stack, id string, to *Stack) Status {
	return call(monaStackCloseSub, handle(from), uintptr(text(id)), uintptr(len(id)), uintptr(unsafe.Pointer(to)))
}

// StackReset is mona_stack_reset.
func StackReset(from Stack, to *Stack) Status {
	return call(monaStackReset, handle(from), uintptr(unsafe.Pointer(to)))
}

// StackID is mona_stack_id.
func StackID(of Stack, buf []byte, length *uintptr) Status {
	return call(monaStackID, handle(of), uintptr(at(buf)), uintptr(len(buf)), uintptr(unsafe.Pointer(length)))
}

// StackFree is mona_stack_free.
func StackFree(of Stack) { call(monaStackFree, handle(of)) }

// StackExport is mona_stack_export. The block is for what it answers.
func StackExport(of Stack, json []byte, time *Field, block *Block) Status {
	return block.call(monaStackExport, handle(of), uintptr(given(json)), uintptr(len(json)), uintptr(unsafe.Pointer(time)),
		uintptr(unsafe.Pointer(block.taken())))
}

// StackExportFields is mona_stack_export_fields, with the first fields of the block.
func StackExportFields(of Stack, block *Block, n int, time *Field) Status {
	return block.call(monaStackExportFields, handle(of), uintptr(unsafe.Pointer(block.At(0))), uintptr(n),
		uintptr(unsafe.Pointer(time)), uintptr(unsafe.Pointer(block.taken())))
}

// call is call with five arguments and without an allocation.
//
//go:uintptrescapes
func (b *Block) call(function, one, two, three, four, five uintptr) Status {
	b.arguments = [5]uintptr{one, two, three, four, five}
	result, _, _ := purego.SyscallN(function, b.arguments[:]...)
	runtime.KeepAlive(b)
	return Status(int32(uint32(result)))
}

// StackExportBatch is mona_stack_export_batch.
func StackExportBatch(of Client, from Stack, json []byte, accepted *uintptr) Status {
	return call(monaStackExportBatch, handle(of), handle(from), uintptr(given(json)), uintptr(len(json)),
		uintptr(unsafe.Pointer(accepted)))
}

// LastError is mona_last_error.
func LastError(buf []byte, length *uintptr) Status {
	return call(monaLastError, uintptr(at(buf)), uintptr(len(buf)), uintptr(unsafe.Pointer(length)))
}

// LogTake is mona_log_take.
func LogTake(level *int32, buf []byte, length *uintptr) Status {
	return call(monaLogTake, uintptr(unsafe.Pointer(level)), uintptr(at(buf)), uintptr(len(buf)), uintptr(unsafe.Pointer(length)))
}
