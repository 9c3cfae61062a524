// Package cost reads the processor time of the calling thread.
package cost

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// CLOCK_THREAD_CPUTIME_ID of Linux.
const threadClock = 3

// Thread gives the processor time of the thread in nanoseconds; the goroutine has to be locked to it.
func Thread() int64 {
	var at syscall.Timespec
	if _, _, err := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&at)), 0); err != 0 {
		fmt.Fprintln(os.Stderr, "clock_gettime:", err)
		os.Exit(1)
	}
	return at.Nano()
}
