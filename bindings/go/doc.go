// Package mona is the client for Mona, which monitors algorithms in production: open a context for each run of an
// algorithm, export fields from anywhere inside it, and a background thread ships them.
//
//	func main() {
//		defer mona.Flush()
//		...
//	}
//
//	func rank(ctx context.Context, items []Item) {
//		ctx, leave := mona.Enter(ctx, "ranker")
//		defer leave()
//		mona.Export(ctx, mona.Int("items", len(items)), mona.F64("score", 0.9))
//	}
//
// The environment variable MONA_ENDPOINT says where to, or the program does, before its first call:
//
//	mona.Init(mona.WithEndpoint("tls://collector.example:24224"), mona.WithUserID("acme"))
//
// # Contexts
//
// A context travels in a [context.Context], so every goroutine exports into the run whose ctx it has. [Sub] opens a step
// of a run. What is exported after the leave of a context is refused with [StatusNoContext]; goroutines that live longer
// than the function that opened it open their own, with [ID] for the same run.
//
// # The end of a program
//
// Go ends a process without the exit handlers of C: a return from main, [os.Exit], [log.Fatal] and a panic that nobody
// recovers lose what is still in the queue, up to flush_interval_ms of events and what the collector was too slow for.
// So main begins with
//
//	defer mona.Flush()
//
// and calls it before [os.Exit], which runs no deferred calls. SIGTERM ends a program the same way, unless
// [os/signal.NotifyContext] lets main return. [Close] does the same with a deadline, for good. With the option spool_dir
// a process that was killed leaves its events to the next one.
//
// # Errors
//
// Exports answer an [Error] with a [Status]; it may be ignored: what was refused is said by [log/slog] (see [SetLogger])
// and counted in [Stats]. While the client is disabled everything answers nil.
//
// # libmona
//
// The package calls the C library libmona: with cgo the one that pkg-config finds as "mona"; without cgo, by purego, the
// one that the loader finds as libmona.so.0, or whose path is in the environment variable MONA_LIBRARY.
package mona
