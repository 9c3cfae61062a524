package mona

import (
	"errors"
	"runtime"
	"strings"

	"monalabs.io/mona/internal/native"
)

// Error is a call that libmona, or this package, refused or could not finish.
//
//	if errors.Is(err, mona.StatusClosed) { ... }
type Error struct {
	// Op is what was tried, such as "export".
	Op string
	// Status is the outcome. Its own text is that of the whole class of failures.
	Status Status
	// Detail says what was given, what was found and what is expected. It may be empty.
	Detail string
	// Cause is an error that led to this one, such as that of a [context.Context]; nil where there is none.
	Cause error
}

// Error gives the sentence that a person needs.
func (e *Error) Error() string {
	detail := e.Detail
	if detail == "" {
		detail = e.Status.String()
	}
	if e.Cause != nil {
		detail += ": " + e.Cause.Error()
	}
	return "mona: " + e.Op + ": " + detail
}

// Unwrap gives the status and the cause, for [errors.Is] and [errors.As].
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Status}
	}
	return []error{e.Status, e.Cause}
}

// Error gives the text of the status; a status is an error so that [errors.Is] can look for it.
func (s Status) Error() string { return "mona: " + s.String() }

// String gives an English sentence about the status.
func (s Status) String() string {
	if text, known := statusTexts[s]; known {
		return text
	}
	return "a status that this version of the package does not know"
}

// attempt makes a call on one thread, where the detail of its failure can be found, and takes the log lines of one
// that failed.
func attempt(op string, call func() native.Status) error {
	runtime.LockOSThread()
	status := call()
	if status == native.Status(StatusOK) {
		runtime.UnlockOSThread()
		return nil
	}
	err := failed(op, status)
	runtime.UnlockOSThread()
	drainLogs()
	return err
}

// failed makes the error of a call that this thread just made.
func failed(op string, status native.Status) *Error {
	detail, _ := read(firstText, native.LastError)
	return &Error{Op: op, Status: Status(status), Detail: detail}
}

// firstText is the first buffer for texts: all but descriptions and large records fit.
const firstText = 512

// checkText is that for the report of a check, which is made anew by each call: 4096 bytes are usually enough.
const checkText = 8192

// read gets a text of any length out of a function that fills a buffer, at first one of room bytes.
func read(room int, fill func(buf []byte, length *uintptr) native.Status) (string, native.Status) {
	for {
		buf := make([]byte, room)
		var length uintptr
		status := fill(buf, &length)
		// It may be longer the next time, and so on: as often as it grows.
		if status == native.Status(StatusTruncated) && int(length) >= room {
			room = int(length) + 1
			continue
		}
		if int(length) >= len(buf) {
			length = uintptr(len(buf) - 1)
		}
		return strings.ToValidUTF8(string(buf[:length]), "\uFFFD"), status
	}
}

// is tells whether an error has the status.
func is(err error, status Status) bool { return err != nil && errors.Is(err, status) }
