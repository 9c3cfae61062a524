package mona

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"monalabs.io/mona/internal/native"
)

// How often the lines of libmona's threads are looked for; those of failed calls come with the call. 256 lines wait.
const pollTime = time.Second

// The longest line that is not read in two steps.
const lineText = 1024

// The logger of [SetLogger].
var logger atomic.Pointer[slog.Logger]

// SetLogger says where the log lines of libmona go, with the level that they have there; without it, and with nil, to
// [slog.Default]. Which lines there are says the option log_level.
func SetLogger(to *slog.Logger) { logger.Store(to) }

// ownLine marks the context.Context of libmona's own lines, which a [Handler] does not export: a refused export would
// be said by a line that is refused again.
type ownLine struct{}

var ownLines = context.WithValue(context.Background(), ownLine{}, true)

// There are lines to take, and there is a function to do so with.
var isLoaded atomic.Bool

// Only one goroutine takes lines at a time, so that they keep their order.
var logsMutex sync.Mutex

// drainLogs hands the lines that wait to the logger. Where another goroutine does so at the moment it does nothing.
func drainLogs() {
	if !isLoaded.Load() || !logsMutex.TryLock() {
		return
	}
	defer logsMutex.Unlock()
	for {
		level, line, found := takeLine()
		if !found {
			return
		}
		say(slogLevel(level), line)
	}
}

func takeLine() (level int32, line string, found bool) {
	line, status := read(lineText, func(buf []byte, length *uintptr) native.Status {
		return native.LogTake(&level, buf, length)
	})
	return level, line, status == native.Status(StatusOK)
}

// say logs a line. A handler of the program may do what it wants, also panic: no caller of this package is to blame.
func say(level slog.Level, line string) {
	defer func() { _ = recover() }()
	to := logger.Load()
	if to == nil {
		to = slog.Default()
	}
	to.LogAttrs(ownLines, level, line, slog.String("library", "libmona"))
}

func slogLevel(level int32) slog.Level {
	switch {
	case level >= logError:
		return slog.LevelError
	case level >= logWarning:
		return slog.LevelWarn
	case level >= logInfo:
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

// pollLogs takes the lines of libmona's threads from time to time, from the first client on.
var pollLogs = sync.OnceFunc(func() {
	go func() {
		for {
			drainLogs()
			time.Sleep(pollTime)
		}
	}()
})

// Exports after a leave are said once in this time, as libmona does with what is refused.
const lateTime = time.Minute

// When the last one was said, in nanoseconds of the clock; 0: never.
var lateSaid atomic.Int64

// warnLate says that a goroutine goes on with a context that was left: nobody but the program can know.
func warnLate() {
	now := time.Now().UnixNano()
	before := lateSaid.Load()
	if before != 0 && now-before < int64(lateTime) || !lateSaid.CompareAndSwap(before, now) {
		return
	}
	say(slog.LevelWarn, strings.TrimPrefix(errLate.Error(), "mona: "))
}
