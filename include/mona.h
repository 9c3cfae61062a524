/*
 * mona.h: the C interface of libmona, the native client for Mona.
 *
 * Generated from the sources in ffi/. To write it anew:
 * MONA_WRITE_HEADER=1 cargo test -p mona-tests --test header the_committed_header
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 *
 * The shape of a program:
 *
 *   mona_client *client;
 *   mona_context *run;
 *   if (mona_client_new(NULL, &client) != MONA_OK) return 1;
 *   if (mona_context_new(client, "classifier", MONA_NTS, NULL, 0, MONA_NOW, &run) != MONA_OK) return 1;
 *   MONA_EXPORT(run, MONA_F64("confidence", 0.97), MONA_STR("label", "cat"));
 *   mona_context_free(run);
 *   if (mona_client_close(client, 5000) != MONA_OK) return 1;
 *   mona_client_free(client);
 *
 * Nouns: options, client, context, current (the calling thread's context), stack (the same as a value, for
 * tasks), field, log.
 *
 *
 * Rules for all functions
 *
 * Status    What can fail returns a mona_status: MONA_OK or a small positive number. For the last
 *           failure of a thread, mona_last_error() has a sentence with what was given, what was
 *           found and what is expected. An unknown number in an argument is MONA_E_ARGUMENT.
 *           A refused export also counts in mona_stats and has a line in the log.
 * Handles   _new makes one and only _free takes it; _free(NULL) does nothing. All other functions
 *           borrow, and NULL for a handle is MONA_E_ARGUMENT. The library never keeps a pointer to
 *           anything that the caller passed in, except a log callback and its user_data.
 * Text in   UTF-8 with its length in bytes; MONA_NTS for the length means "ends at NUL". Text that
 *           may be missing is missing when it is NULL, whatever the length. Not UTF-8:
 *           MONA_E_UTF8. Lengths above PTRDIFF_MAX other than MONA_NTS: MONA_E_ARGUMENT.
 * Text out  A buffer, its size, and a place for the length. The length is always that of the whole
 *           text, without the NUL. What does not fit is cut between two characters, ended by NUL,
 *           and the status is MONA_E_TRUNCATED. A NULL buffer of size 0 asks for the length only.
 * Outputs   Come last and are written only on success, unless the function says otherwise: a handle
 *           that was not made is NULL. They are never read. Only those named _or_null may be NULL.
 * Time      Timestamps are seconds since the Unix epoch, MONA_NOW is now. Time-outs are
 *           milliseconds; nothing waits for ever.
 * Threads   Every function is safe on any thread at any time: before the first client and after the
 *           last, in a forked child, in atexit handlers and thread-local destructors. A handle must
 *           not be used once its _free was called.
 * Order     What one thread sends by one client goes out in the order of its calls. Records of several
 *           threads have no order between them, in one context either, and may come before the class
 *           of a context that another thread opened. mona_client_flush() puts everything exported
 *           before it in front of everything after. With the option event_id, the greater number of two
 *           records is that of the export that began when the other one's had returned.
 * Signals   No function is for signal handlers; in one that interrupted a call of the library they
 *           answer MONA_E_BUSY, or NULL, and _free does nothing. A handler may end the process with
 *           exit(), in the middle of a call too. It must not leave a call by siglongjmp. A thread
 *           that is cancelled in a call comes back from it and ends at its next cancellation point;
 *           not so with PTHREAD_CANCEL_ASYNCHRONOUS, which a thread that calls must not have set.
 * Tasks     Coroutines, fibers, green threads, goroutines, async tasks and virtual threads take turns
 *           on operating-system threads, and to those alone belong the contexts of mona_current_:
 *           there a task would export into the context of another one without a word. Tasks keep
 *           handles: mona_context_new(), passed on like any other argument. Where code deep inside
 *           asks for the context of its task, the host keeps a mona_stack for each: mona_stack_enter().
 * Exit      A return from main and exit() flush the default client, for exit_flush_ms at most. These
 *           do not: _exit(), which ends Python's multiprocessing children and Go programs;
 *           quick_exit(), exec, abort(), and a signal's default action, SIGTERM by an orchestrator
 *           too. Call mona_client_flush() or mona_client_close() before, and for SIGTERM install a
 *           handler that lets main return. Clients that are not the default one are closed by
 *           mona_client_close() and mona_client_free() alone.
 * Failures  A bug in libmona becomes MONA_E_PANIC, it does not end the program. Nothing is printed
 *           unless the option print_logs is set.
 */

#ifndef MONA_H
#define MONA_H


#include <stddef.h>
#include <stdint.h>

/** The version of this header. mona_version() gives that of the library which is loaded. */
#define MONA_VERSION_MAJOR 0
/** The second number of the version. */
#define MONA_VERSION_MINOR 1
/** The third number of the version. */
#define MONA_VERSION_PATCH 0

#ifdef __cplusplus
/** As the length of a text: it ends at its NUL. */
#define MONA_NTS (static_cast<size_t>(-1))
#else
/** As the length of a text: it ends at its NUL. */
#define MONA_NTS ((size_t)-1)
#endif

/**
 * Stands before the functions whose answer a program goes wrong without: what makes, opens, sets, reads, flushes or closes
 * something. GCC, Clang and compilers that have [[nodiscard]] warn where nobody looks at it. Exports are not among these, a
 * refused one is counted and in the log; see MONA_SHOULD_USE. Defined as nothing where MONA_NO_WARN_UNUSED is defined before
 * this header is included, or where the program defined it itself.
 */
#if !defined(MONA_MUST_USE)
#if defined(MONA_NO_WARN_UNUSED)
#define MONA_MUST_USE
/* C before its last draft has compilers that read [[...]] and do not know this one; those that do can be asked. */
#elif (defined(__cplusplus) && __cplusplus >= 201703L) || (defined(_MSVC_LANG) && _MSVC_LANG >= 201703L) || \
    (!defined(__cplusplus) && defined(__STDC_VERSION__) && __STDC_VERSION__ > 201710L && defined(__has_c_attribute))
#define MONA_MUST_USE [[nodiscard]]
#elif defined(__GNUC__)
#define MONA_MUST_USE __attribute__((__warn_unused_result__))
#else
#define MONA_MUST_USE
#endif
#endif

/**
 * Stands before the other functions that return something: the same as MONA_MUST_USE where MONA_WARN_UNUSED is defined before
 * this header is included, else nothing.
 */
#if defined(MONA_WARN_UNUSED)
#define MONA_SHOULD_USE MONA_MUST_USE
#else
#define MONA_SHOULD_USE
#endif

#ifdef __cplusplus
/** Says that the answer of a call is left alone on purpose, in a way that every compiler takes. */
#define MONA_IGNORE(call) (static_cast<void>(!(call)))
#else
/** Says that the answer of a call is left alone on purpose, in a way that every compiler takes. */
#define MONA_IGNORE(call) ((void)!(call))
#endif

#ifdef __cplusplus
extern "C" {
#endif


/**
 * The number of the binary interface that this header describes, as in the shared object's name.
 * A library of the same number can replace this one without compiling programs anew.
 */
#define MONA_ABI_VERSION 0

/**
 * The kind of a field whose value is null; its `value` is not looked at.
 */
#define MONA_FIELD_NULL 1

/**
 * The kind of a field with `value.boolean`: 0 is false, any other number true.
 */
#define MONA_FIELD_BOOL 2

/**
 * The kind of a field with `value.i64`.
 */
#define MONA_FIELD_I64 3

/**
 * The kind of a field with `value.u64`.
 */
#define MONA_FIELD_U64 4

/**
 * The kind of a field with `value.f64`; NaN and infinities are allowed.
 */
#define MONA_FIELD_F64 5

/**
 * The kind of a field with `value.text`: text in UTF-8; one that is NULL makes the field null.
 */
#define MONA_FIELD_STR 6

/**
 * The kind of a field with `value.text`: one JSON value as text, for arrays and objects; NULL makes the
 * field null.
 */
#define MONA_FIELD_JSON 7

/**
 * The kind of a field with `value.f32`; NaN and infinities are allowed. It arrives as the double whose text is the shortest
 * of the float, as if the equal JSON had been sent: 0.97f is 0.97 to every receiver and not 0.9700000286102295.
 */
#define MONA_FIELD_F32 8

/**
 * The timestamp that means "now".
 */
#define MONA_NOW 0.0

/**
 * The scope that stands for the last enter on this thread that was not left yet.
 */
#define MONA_INNERMOST 0

/**
 * Log level: fine detail for the developers of libmona.
 */
#define MONA_LOG_DEBUG 10

/**
 * Log level: normal events in the life of a client.
 */
#define MONA_LOG_INFO 20

/**
 * Log level: something a person may want to mend.
 */
#define MONA_LOG_WARNING 30

/**
 * Log level: a call was refused or something was lost.
 */
#define MONA_LOG_ERROR 40

/**
 * A client: where events go, with a queue and a sender thread of its own. The thread starts with the
 * first export.
 */
typedef struct mona_client mona_client;

/**
 * A context: what is exported in it belongs to one run of an algorithm (ARC). It never changes and may
 * be used by many threads at once.
 */
typedef struct mona_context mona_context;

/**
 * Options for a new client. What is not set comes from the environment, the configuration file, or is
 * the default.
 */
typedef struct mona_options mona_options;

/**
 * The context of a task, as a value: what the mona_current_ functions keep for a thread. It never changes, a move gives
 * another one; it may be used by many threads at once, and in a forked child. NULL is the empty stack.
 *
 * A host keeps it where its own tasks keep what is theirs and what their children inherit: Python's ContextVar, Node's
 * AsyncLocalStorage, Go's context.Context, Java's ScopedValue, C#'s AsyncLocal, Ruby's Fiber[]. Each stack that a move
 * gave is freed once, in any order, as soon as nobody uses it:
 *
 *   mona_stack *before = NULL, *in, *out;
 *   uint64_t scope;
 *   mona_field name = MONA_STR("", "ranker");
 *   if (mona_stack_enter(client, before, &name, NULL, 0, NULL, &scope, &in) != MONA_OK) return 1;
 *   mona_stack_export(in, "{\"score\": 0.9}", MONA_NTS, NULL, NULL);
 *   if (mona_stack_leave(in, scope, &out) != MONA_OK) return 1;
 *   mona_stack_free(in);
 *
 * The rules are those of the mona_current_ functions, with "this thread's context" read as "the given stack". Records
 * of a stack go to the client of its main context; the empty stack has the default client.
 */
typedef struct mona_stack mona_stack;

/**
 * The outcome of a call: MONA_OK or one of the MONA_E_ numbers. The numbers never change; later
 * versions may add some.
 */
typedef int32_t mona_status;

/**
 * What a client counted since it was made.
 *
 * At every moment: accepted = delivered + all dropped_* + queued_events + spooled_events. An export that
 * answers an error counts as refused and was not accepted, with two exceptions: MONA_E_DROPPED counts as
 * accepted and dropped and not as refused; MONA_E_TIMEOUT with the option `blocking` counts as both, for
 * its event goes on being sent. Later versions add counters at the end.
 */
typedef struct mona_stats {
  /**
   * To be set to sizeof(mona_stats) before the call; stays as it is.
   */
  size_t size;
  /**
   * Events taken from the program, records of classes and globals included.
   */
  uint64_t accepted;
  /**
   * Events that the collector has, as far as the protocol can tell.
   */
  uint64_t delivered;
  /**
   * Exports skipped because the client was disabled.
   */
  uint64_t skipped_disabled;
  /**
   * Exports skipped because nothing was left after removing reserved, dropped and null fields.
   */
  uint64_t skipped_filtered;
  /**
   * Exports skipped because their context was not in the sample.
   */
  uint64_t skipped_sampled;
  /**
   * Events lost because the queue was full.
   */
  uint64_t dropped_queue_full;
  /**
   * Events lost because the collector takes none of their size.
   */
  uint64_t dropped_too_big;
  /**
   * Events lost because the collector refused them.
   */
  uint64_t dropped_rejected;
  /**
   * Events lost by the spool: over its quota, or unreadable.
   */
  uint64_t dropped_spool;
  /**
   * Accepted events that a close or exit gave up on.
   */
  uint64_t dropped_closed;
  /**
   * Events in memory now.
   */
  uint64_t queued_events;
  /**
   * Bytes in memory now, chunks on their way included.
   */
  uint64_t queued_bytes;
  /**
   * Events in the spool now.
   */
  uint64_t spooled_events;
  /**
   * Bytes in the spool now.
   */
  uint64_t spooled_bytes;
  /**
   * Chunks sent, repetitions included.
   */
  uint64_t chunks_sent;
  /**
   * Chunks that the collector acknowledged.
   */
  uint64_t chunks_acked;
  /**
   * Chunks sent again after a failure.
   */
  uint64_t chunks_resent;
  /**
   * Connections made.
   */
  uint64_t connections;
  /**
   * Connections that could not be made.
   */
  uint64_t connect_failures;
  /**
   * Changes of the configuration file that took effect.
   */
  uint64_t config_reloads;
  /**
   * Times a thread of the library failed and was started again.
   */
  uint64_t worker_panics;
  /**
   * Exports that answered an error other than MONA_E_DROPPED, events of a batch one by one; outside the
   * sum above. The log says why.
   */
  uint64_t refused;
  /**
   * Events of processes that are gone, which this client found in the spool and answers for: part of
   * `accepted`.
   */
  uint64_t adopted_events;
} mona_stats;

/**
 * Text by address and length.
 */
typedef struct mona_text {
  /**
   * The text in UTF-8. NULL: the field is null, whatever the length.
   */
  const char *ptr;
  /**
   * Bytes in `ptr`, or MONA_NTS.
   */
  size_t len;
} mona_text;

/**
 * The value of a field. Its `kind` says which member counts.
 */
typedef union mona_value {
  /**
   * For MONA_FIELD_BOOL.
   */
  int32_t boolean;
  /**
   * For MONA_FIELD_I64.
   */
  int64_t i64;
  /**
   * For MONA_FIELD_U64.
   */
  uint64_t u64;
  /**
   * For MONA_FIELD_F64.
   */
  double f64;
  /**
   * For MONA_FIELD_F32.
   */
  float f32;
  /**
   * For MONA_FIELD_STR and MONA_FIELD_JSON.
   */
  struct mona_text text;
} mona_value;

/**
 * One field of an event. The macros MONA_F64("name", 0.5) and so on make one in place.
 */
typedef struct mona_field {
  /**
   * The name of the field in UTF-8. Not NULL.
   */
  const char *key;
  /**
   * Bytes in `key`, or MONA_NTS.
   */
  size_t key_len;
  /**
   * One of the MONA_FIELD_ numbers.
   */
  int32_t kind;
  /**
   * 0; other numbers are refused, so that later versions can give them a meaning.
   */
  int32_t reserved;
  /**
   * The value.
   */
  union mona_value value;
} mona_field;

/**
 * A function of the program that gets the log lines.
 *
 * It may run on any thread, threads of libmona included, and on several at once. It must return: no
 * exception, no longjmp. Inside it, export, flush and close answer MONA_E_BUSY. Once the program ends, by
 * exit() or by returning from main(), it is not called any more; calls that run then have a second to end.
 *
 * An interpreter or a garbage collector may be gone before that, and then a call of its code is a crash that
 * nothing here can prevent: such languages take mona_log_take() instead, or take the function away in their own
 * exit handlers (atexit in Python).
 *
 * @param level      One of the MONA_LOG_ numbers.
 * @param line       The line in UTF-8, ended by NUL, without a line break; valid until it returns.
 * @param len        Bytes in `line`, without the NUL.
 * @param user_data  As given to mona_log_set_callback().
 */
typedef void (*mona_log_fn)(int32_t level, const char *line, size_t len, void *user_data);

/**
 * Done. For an export: accepted, or knowingly skipped (disabled, filtered, sampled out).
 */
#define MONA_OK 0

/**
 * NULL where none is allowed, a number out of range, or an unknown name.
 */
#define MONA_E_ARGUMENT 1

/**
 * Text is not UTF-8.
 */
#define MONA_E_UTF8 2

/**
 * Not one JSON object, or for a batch not an array of events; mona_last_error() says where.
 */
#define MONA_E_JSON 3

/**
 * No context is open on this thread.
 */
#define MONA_E_NO_CONTEXT 4

/**
 * The context belongs to an enclosing enter/leave pair.
 */
#define MONA_E_PROTECTED 5

/**
 * No such open sub-context, or nothing to take.
 */
#define MONA_E_NOT_FOUND 6

/**
 * The event is larger or deeper than the limits allow.
 */
#define MONA_E_LIMIT 7

/**
 * The queue is full and the policy was to drop the new event.
 */
#define MONA_E_DROPPED 8

/**
 * The time is over; for flush and close: something is still undelivered.
 */
#define MONA_E_TIMEOUT 9

/**
 * The client was closed.
 */
#define MONA_E_CLOSED 10

/**
 * A file or network operation failed.
 */
#define MONA_E_IO 11

/**
 * The output did not fit into the buffer.
 */
#define MONA_E_TRUNCATED 12

/**
 * The default client is already set; nothing was done.
 */
#define MONA_E_EXISTS 13

/**
 * Called from inside the log callback where that would deadlock, or by a signal handler that interrupted
 * a call.
 */
#define MONA_E_BUSY 14

/**
 * This thread is ending and has no context storage any more.
 */
#define MONA_E_THREAD 15

/**
 * A bug in libmona, contained.
 */
#define MONA_E_PANIC 16

/**
 * Gives the version of the library that is loaded, such as "0.1.0".
 *
 * MONA_VERSION_MAJOR, MONA_VERSION_MINOR and MONA_VERSION_PATCH are those of the header.
 *
 * @return A static text that ends in NUL. Never NULL, nobody frees it.
 *
 * Threads: any.   Since 0.1.
 */
MONA_MUST_USE const char *mona_version(void);

/**
 * Gives the number of the binary interface of the library that is loaded.
 *
 * A program or binding that loads libmona by itself compares it with the MONA_ABI_VERSION it was made
 * for, and uses nothing else of the library when they differ.
 *
 * @return The number in the name of the shared object.
 *
 * Threads: any.   Since 0.1.
 */
MONA_MUST_USE
uint32_t mona_abi_version(void);

/**
 * Gives one English sentence about a status number.
 *
 * @param status  Any number; an unknown one has a sentence too.
 * @return A static text that ends in NUL. Never NULL, nobody frees it.
 *
 * Threads: any.   Since 0.1.
 */
MONA_MUST_USE const char *mona_status_text(mona_status status);

/**
 * Gives the counters of a client.
 *
 * @param client  The client. Not NULL.
 * @param stats   Gets the counters; its `size` must be set to sizeof(mona_stats). Not NULL.
 * @return MONA_OK; MONA_E_ARGUMENT: also when `size` is smaller than that of the first version;
 *         MONA_E_BUSY: another thread stands still in the middle of a call.
 *
 * Threads: any, at the same time too; the counters are those of one moment.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_client_stats(const struct mona_client *client,
                              struct mona_stats *stats);

/**
 * Gives the counters of a client as one JSON object, for logs: the names of mona_stats without its `size`.
 *
 * @param client  The client. Not NULL.
 * @param buf     Where the text goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
 * @param cap     Bytes in `buf`.
 * @param len     Gets the whole length in bytes, without the NUL. Not NULL.
 * @return MONA_OK; MONA_E_TRUNCATED: `buf` has the beginning; MONA_E_BUSY: as mona_client_stats();
 *         MONA_E_ARGUMENT.
 *
 * Threads: any, at the same time too; the counters are those of one moment.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_client_stats_text(const struct mona_client *client,
                                   char *buf,
                                   size_t cap,
                                   size_t *len);

/**
 * Makes an empty set of options.
 *
 * @return The options, for mona_options_free(); NULL only if the library itself failed.
 *
 * Threads: any.   Since 0.1.
 */
MONA_MUST_USE struct mona_options *mona_options_new(void);

/**
 * Sets one option. OPTIONS.md lists them with their ranges.
 *
 * @param options    The options. Not NULL.
 * @param name       The name of the option, such as "endpoint". Not NULL.
 * @param name_len   Bytes in `name`, or MONA_NTS.
 * @param value      Its value as text: "true" or "false", a decimal number, or the text itself;
 *                   copied. Not NULL.
 * @param value_len  Bytes in `value`, or MONA_NTS.
 * @return MONA_OK; MONA_E_ARGUMENT: no such option, or a wrong value for it, mona_last_error() says
 *         what is expected and the options are as before; MONA_E_UTF8.
 *
 * Threads: any, at the same time too. Clients made before are not changed.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_options_set(struct mona_options *options,
                             const char *name,
                             size_t name_len,
                             const char *value,
                             size_t value_len);

/**
 * Frees options. Clients made with them go on.
 *
 * @param options  The options, used by nobody any more; NULL does nothing.
 *
 * Threads: any.   Since 0.1.
 */
void mona_options_free(struct mona_options *options);

/**
 * Makes a client. Nothing is connected yet: a collector that is down is no error here.
 *
 * The environment and the configuration file are read now; wrong values there are warnings in the log, but for those
 * that say where records go and by what keys. Certificates that are not there yet are awaited.
 *
 * @param options_or_null  Options, not needed any more after the call; NULL: none set by hand.
 * @param client           Gets the client, for mona_client_free(); NULL when none was made. Not NULL.
 * @return MONA_OK; MONA_E_ARGUMENT: options that do not go together, or a destination, key or certificate that
 *         cannot be used, wherever it was named; MONA_E_IO: the file of an endpoint cannot be written.
 *
 * Threads: any.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_client_new(const struct mona_options *options_or_null,
                            struct mona_client **client);

/**
 * Sets the globals: fields that are sent once after each new main context, as a record of their own.
 *
 * @param client    The client. Not NULL.
 * @param json      One JSON object in UTF-8, copied; NULL or an empty object: no globals.
 * @param json_len  Bytes in `json`, or MONA_NTS.
 * @return MONA_OK; MONA_E_JSON, MONA_E_UTF8 or MONA_E_LIMIT: the globals are as before.
 *
 * While disabled nothing is changed or checked: MONA_OK.
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_client_set_globals(struct mona_client *client,
                                    const char *json,
                                    size_t json_len);

/**
 * Switches the client off, or on again: the Big Red Button of a program.
 *
 * While off, calls on contexts and exports do nothing and answer MONA_OK. What was accepted before is
 * still sent. The client stays off as long as an option or the configuration file says so.
 *
 * @param client    The client. Not NULL.
 * @param disabled  0: on; any other number: off.
 * @return MONA_OK; MONA_E_ARGUMENT.
 *
 * Threads: any; other threads see it at their next call.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_client_set_disabled(struct mona_client *client,
                                     int32_t disabled);

/**
 * Tells whether a client is disabled at the moment, by whoever may do that: its options, the environment, the
 * configuration file or mona_client_set_disabled(). The environment is looked at again whenever a main context is opened.
 *
 * @param client    The client. Not NULL.
 * @param disabled  Gets 1: disabled, calls do nothing; 0: enabled. Not NULL.
 * @return MONA_OK; MONA_E_ARGUMENT.
 *
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_client_is_disabled(const struct mona_client *client,
                                    int32_t *disabled);

/**
 * Sends a batch of events, each in a context of its own, whatever is open on the thread.
 *
 * An event is {"message": {...}, "arc_class": text, "context_id": text, "export_timestamp": number};
 * all but the message may be missing, other keys are ignored.
 *
 * @param client    The client. Not NULL.
 * @param json      One JSON array of events in UTF-8; copied before the call returns. Not NULL.
 * @param json_len  Bytes in `json`, or MONA_NTS.
 * @param accepted  Gets the number of events accepted, also when the result is an error other than
 *                  MONA_E_ARGUMENT. Not NULL.
 * @return MONA_OK; MONA_E_JSON: not an array, nothing was sent, or events without a message were
 *         left out; MONA_E_DROPPED, MONA_E_TIMEOUT, MONA_E_CLOSED, MONA_E_BUSY.
 *
 * While disabled nothing is sent or checked: MONA_OK.
 * Threads: any, at the same time too.   Since 0.1.
 *
 */
MONA_SHOULD_USE
mona_status mona_client_export_batch(struct mona_client *client,
                                     const char *json,
                                     size_t json_len,
                                     size_t *accepted);

/**
 * Waits until everything accepted before the call is delivered or spooled.
 *
 * To be called before the process ends in another way than by exit() or a return from main: before _exit(),
 * quick_exit() and exec, at the end of a Python multiprocessing child or of Go's main.
 *
 * @param client      The client. Not NULL.
 * @param timeout_ms  The longest time to wait, in milliseconds.
 * @return MONA_OK; MONA_E_TIMEOUT: something is still undelivered and goes on being sent;
 *         MONA_E_CLOSED: the client was closed, and that gave something up; MONA_E_BUSY.
 *
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_client_flush(struct mona_client *client,
                              uint32_t timeout_ms);

/**
 * Flushes, then stops the client for good. What is not delivered in time goes to the spool, or is
 * counted as dropped_closed.
 *
 * Contexts stay valid and answer MONA_E_CLOSED to exports. Closing again does nothing.
 *
 * For the default client the flush goes on while TLS or the handshake of a shared key moves, until
 * exit_flush_ms and 3 s after the call at the latest.
 *
 * @param client      The client. Not NULL.
 * @param timeout_ms  The longest time for the flush, in milliseconds; the call returns at most 250 ms
 *                    after that, or after such a handshake.
 * @return MONA_OK: all was delivered, or is in the spool; MONA_E_TIMEOUT: something was dropped; MONA_E_BUSY.
 *
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_client_close(struct mona_client *client,
                              uint32_t timeout_ms);

/**
 * Frees a client; an open one is closed first, with a time-out of one second.
 *
 * Its contexts stay valid until they are freed. The client given by mona_client_default() is not for
 * freeing and is left alone.
 *
 * @param client  The client, used by nobody any more; NULL does nothing.
 *
 * Threads: any.   Since 0.1.
 */
void mona_client_free(struct mona_client *client);

/**
 * Describes a client: every option, its value and where it came from, as one JSON object. Secrets are
 * hidden. With a spool_dir there is "spool" too, whose value says whether the spool takes events at the moment, if not
 * why, and what it holds.
 *
 * @param client  The client. Not NULL.
 * @param buf     Where the text goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
 * @param cap     Bytes in `buf`.
 * @param len     Gets the whole length in bytes, without the NUL. Not NULL.
 * @return MONA_OK; MONA_E_TRUNCATED: `buf` has the beginning; MONA_E_ARGUMENT.
 *
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_client_describe(const struct mona_client *client,
                                 char *buf,
                                 size_t cap,
                                 size_t *len);

/**
 * Tries the way to the collector without sending events: resolve, connect, TLS, handshake, ack. The
 * report is a JSON array in their order: {"step": text, "ok": boolean, "milliseconds": number, "error":
 * text or null}, and further members with what a step found, which may become more: the address, the
 * certificate, the proxy, and as "finding" a word for what a failed step met.
 *
 * Each call tries anew, also one that asks for the length only. 4096 bytes are usually enough.
 *
 * @param client      The client. Not NULL.
 * @param timeout_ms  The longest time to try, in milliseconds.
 * @param buf         Where the report goes, ended by NUL; NULL with a `cap` of 0: only its length.
 * @param cap         Bytes in `buf`.
 * @param len         Gets the whole length in bytes, without the NUL. Not NULL.
 * @return MONA_OK: every step went well; MONA_E_IO or MONA_E_TIMEOUT: one did not, the report is
 *         written all the same; MONA_E_TRUNCATED: all went well but `buf` has only the beginning;
 *         MONA_E_ARGUMENT.
 *
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_client_check(struct mona_client *client,
                              uint32_t timeout_ms,
                              char *buf,
                              size_t cap,
                              size_t *len);

/**
 * Takes the oldest delivered record of a client whose endpoint is memory:, as JSON. For tests of
 * programs that use libmona.
 *
 * A record is taken only when it fits: after MONA_E_TRUNCATED, or when only the length was asked for,
 * it still waits.
 *
 * @param client  The client. Not NULL.
 * @param buf     Where the record goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
 * @param cap     Bytes in `buf`.
 * @param len     Gets the whole length in bytes, without the NUL. Not NULL.
 * @return MONA_OK; MONA_E_NOT_FOUND: none is waiting; MONA_E_TRUNCATED; MONA_E_ARGUMENT.
 *
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_client_take(struct mona_client *client,
                             char *buf,
                             size_t cap,
                             size_t *len);

/**
 * Makes a client the one that mona_current_ functions use, and that is flushed at a normal exit as
 * mona_client_default() says. The first one stays.
 *
 * @param client  The client. Not NULL. Still to be freed by the caller, which closes it.
 * @return MONA_OK; MONA_E_EXISTS: there is a default client already, nothing was done.
 *
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE mona_status mona_client_set_default(struct mona_client *client);

/**
 * Gives the default client; makes it from the environment if there is none yet.
 *
 * At a normal exit it is flushed, for exit_flush_ms at most: after a return from main and by exit(). After
 * _exit(), quick_exit(), exec, abort() or a signal's default action what is queued is lost; call
 * mona_client_flush() before, and for SIGTERM install a handler that lets main return.
 *
 * @return A borrowed client, valid until the process ends, the same on every call: not for
 *         mona_client_free(). NULL: it cannot be made, mona_last_error() says so.
 *
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
struct mona_client *mona_client_default(void);

/**
 * Opens a main context and sends its class and the globals.
 *
 * @param client          The client. Not NULL.
 * @param arc_class       The name shared by runs of the same algorithm; NULL or "": no class is sent.
 * @param arc_class_len   Bytes in `arc_class`, or MONA_NTS.
 * @param context_id      An id, to continue a run that began elsewhere; NULL or "": a new unique one.
 *                        Segments are separated by dots.
 * @param context_id_len  Bytes in `context_id`, or MONA_NTS.
 * @param timestamp       Of the class record: seconds since the Unix epoch, or MONA_NOW.
 * @param context         Gets the context, for mona_context_free(); NULL when none was opened. Not NULL.
 * @return MONA_OK; MONA_E_UTF8, MONA_E_LIMIT, MONA_E_DROPPED, MONA_E_BUSY, MONA_E_ARGUMENT: nothing
 *         was opened. A closed client still opens contexts.
 *
 * While disabled: a context that does nothing for its whole life, and nothing is checked but that
 * `client` and `context` are not NULL.
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_context_new(struct mona_client *client,
                             const char *arc_class,
                             size_t arc_class_len,
                             const char *context_id,
                             size_t context_id_len,
                             double timestamp,
                             struct mona_context **context);

/**
 * Opens a sub-context, a step of the run that its parent stands for, and sends its class.
 *
 * @param parent              The context around it. Not NULL. May be freed before the sub-context.
 * @param arc_class           The class of the step; NULL or "": no class is sent.
 * @param arc_class_len       Bytes in `arc_class`, or MONA_NTS.
 * @param sub_context_id      The id of the step inside its parent; NULL or "": a new unique one.
 * @param sub_context_id_len  Bytes in `sub_context_id`, or MONA_NTS.
 * @param context             Gets the sub-context, for mona_context_free(); NULL when none was opened. Not
 *                            NULL.
 * @return As mona_context_new().
 *
 * While disabled: as mona_context_new().
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_context_new_sub(const struct mona_context *parent,
                                 const char *arc_class,
                                 size_t arc_class_len,
                                 const char *sub_context_id,
                                 size_t sub_context_id_len,
                                 struct mona_context **context);

/**
 * Gives the full id of a context: the ids of the main context and of the steps, joined by dots.
 *
 * @param context  The context. Not NULL.
 * @param buf      Where the id goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
 * @param cap      Bytes in `buf`.
 * @param len      Gets the whole length in bytes, without the NUL. Not NULL.
 * @return MONA_OK: the text is "" while disabled; MONA_E_TRUNCATED: `buf` has the beginning;
 *         MONA_E_ARGUMENT.
 *
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_context_id(const struct mona_context *context,
                            char *buf,
                            size_t cap,
                            size_t *len);

/**
 * Sends one event from a context.
 *
 * Top-level fields whose names start with "MONA_" are removed.
 *
 * @param context    The context. Not NULL.
 * @param json       One JSON object in UTF-8; copied before the call returns. Not NULL.
 * @param json_len   Bytes in `json`, or MONA_NTS.
 * @param timestamp  Seconds since the Unix epoch, or MONA_NOW. One out of range is sent as an extra
 *                   field, and now is used.
 * @return MONA_OK: accepted or skipped on purpose; MONA_E_JSON: nothing was sent, mona_last_error()
 *         names the byte; MONA_E_UTF8, MONA_E_LIMIT, MONA_E_DROPPED, MONA_E_TIMEOUT, MONA_E_CLOSED,
 *         MONA_E_BUSY; MONA_E_ARGUMENT: also a context without a class where the option
 *         `http_format` is "mona", which carries the class in every message.
 *
 * While disabled nothing is sent or checked: MONA_OK.
 * Threads: any, at the same time too. Waits only if the options `blocking` or `queue_circular` ask for
 * it.   Since 0.1.
 *
 */
MONA_SHOULD_USE
mona_status mona_context_export(const struct mona_context *context,
                                const char *json,
                                size_t json_len,
                                double timestamp);

/**
 * Sends one event from a context, given as typed fields. The record is the same as that of the equal
 * JSON object.
 *
 * @param context    The context. Not NULL.
 * @param fields     The fields, copied with their texts before the call returns. NULL only if `n` is 0.
 * @param n          The number of fields.
 * @param timestamp  As for mona_context_export().
 * @return As mona_context_export(); MONA_E_ARGUMENT: also an unknown kind, mona_last_error() names the
 *         field; MONA_E_JSON: a MONA_FIELD_JSON value that is not one JSON value.
 *
 * While disabled nothing is sent or checked: MONA_OK.
 * Threads: as mona_context_export().   Since 0.1.
 *
 */
MONA_SHOULD_USE
mona_status mona_context_export_fields(const struct mona_context *context,
                                       const struct mona_field *fields,
                                       size_t n,
                                       double timestamp);

/**
 * Frees a context. Nothing is sent; sub-contexts of it live on.
 *
 * @param context  The context, used by nobody any more; NULL does nothing.
 *
 * Threads: any.   Since 0.1.
 */
void mona_context_free(struct mona_context *context);

/**
 * Opens a main context on this thread, until mona_current_leave(), and sends its class and the globals.
 *
 * Inside another enter it joins: nothing is opened or sent and its leave does nothing. A context opened
 * without enter is replaced.
 *
 * @param arc_class       The name shared by runs of the same algorithm; NULL or "": no class is sent.
 * @param arc_class_len   Bytes in `arc_class`, or MONA_NTS.
 * @param context_id      An id, to continue a run that began elsewhere; NULL or "": a new unique one.
 * @param context_id_len  Bytes in `context_id`, or MONA_NTS.
 * @param timestamp       Of the class record: seconds since the Unix epoch, or MONA_NOW.
 * @param scope_or_null   Gets a number for mona_current_leave(), never 0, whatever the result. NULL:
 *                        not wanted.
 * @return MONA_OK; MONA_E_CLOSED, MONA_E_UTF8, MONA_E_LIMIT, MONA_E_DROPPED, MONA_E_BUSY,
 *         MONA_E_THREAD, MONA_E_ARGUMENT: nothing was opened, and leaving the scope does nothing.
 *
 * While disabled nothing is opened or checked: MONA_OK.
 * Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_current_enter(const char *arc_class,
                               size_t arc_class_len,
                               const char *context_id,
                               size_t context_id_len,
                               double timestamp,
                               uint64_t *scope_or_null);

/**
 * Opens a sub-context on this thread, until mona_current_leave(), and sends its class.
 *
 * @param arc_class           The class of the step; NULL or "": no class is sent.
 * @param arc_class_len       Bytes in `arc_class`, or MONA_NTS.
 * @param sub_context_id      The id of the step; NULL or "": a new unique one.
 * @param sub_context_id_len  Bytes in `sub_context_id`, or MONA_NTS.
 * @param scope_or_null       As for mona_current_enter().
 * @return As mona_current_enter(); MONA_E_NO_CONTEXT: no context is open on this thread.
 *
 * While disabled nothing is opened or checked: MONA_OK.
 * Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_current_enter_sub(const char *arc_class,
                                   size_t arc_class_len,
                                   const char *sub_context_id,
                                   size_t sub_context_id_len,
                                   uint64_t *scope_or_null);

/**
 * Closes what an enter on this thread opened, and everything that was opened inside it since.
 *
 * Leaves need not come in order: what is closed already stays closed.
 *
 * @param scope  The number that the enter gave, or MONA_INNERMOST: the last enter not left yet.
 * @return MONA_OK: also when it was left before; MONA_E_NOT_FOUND: the scope of another thread;
 *         MONA_E_NO_CONTEXT: MONA_INNERMOST with nothing entered; MONA_E_ARGUMENT: a number that is no
 *         scope; MONA_E_THREAD. With an error nothing was closed.
 *
 * A scope entered while enabled is closed properly even while disabled.
 * Threads: the one that entered; scopes belong to the operating-system thread, not to a task that runs on
 * it.   Since 0.1.
 *
 */
MONA_SHOULD_USE
mona_status mona_current_leave(uint64_t scope);

/**
 * Gives the full id of this thread's context.
 *
 * To continue on another thread, give it to mona_current_enter() there, without a class.
 *
 * @param buf  Where the id goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
 * @param cap  Bytes in `buf`.
 * @param len  Gets the whole length in bytes, without the NUL. Not NULL.
 * @return MONA_OK: the text is "" when no context is open, and while disabled; MONA_E_TRUNCATED: `buf`
 *         has the beginning; MONA_E_THREAD; MONA_E_ARGUMENT.
 *
 * Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_current_id(char *buf,
                            size_t cap,
                            size_t *len);

/**
 * Sends one event from this thread's context.
 *
 * @param json       One JSON object in UTF-8; copied before the call returns. Not NULL.
 * @param json_len   Bytes in `json`, or MONA_NTS.
 * @param timestamp  Seconds since the Unix epoch, or MONA_NOW.
 * @return As mona_context_export(); MONA_E_NO_CONTEXT: no context is open on this thread;
 *         MONA_E_THREAD.
 *
 * While disabled nothing is sent or checked: MONA_OK.
 * Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
 *
 */
MONA_SHOULD_USE
mona_status mona_current_export(const char *json,
                                size_t json_len,
                                double timestamp);

/**
 * Sends one event from this thread's context, given as typed fields.
 *
 * @param fields     The fields, copied with their texts before the call returns. NULL only if `n` is 0.
 * @param n          The number of fields.
 * @param timestamp  Seconds since the Unix epoch, or MONA_NOW.
 * @return As mona_context_export_fields(); MONA_E_NO_CONTEXT: no context is open on this thread;
 *         MONA_E_THREAD.
 *
 * While disabled nothing is sent or checked: MONA_OK.
 * Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
 *
 */
MONA_SHOULD_USE
mona_status mona_current_export_fields(const struct mona_field *fields,
                                       size_t n,
                                       double timestamp);

/**
 * Sends a batch of events, each in an enter/leave pair on this thread: inside an open enter they join
 * it.
 *
 * @param json      As for mona_client_export_batch().
 * @param json_len  Bytes in `json`, or MONA_NTS.
 * @param accepted  As for mona_client_export_batch().
 * @return As mona_client_export_batch(); MONA_E_THREAD.
 *
 * While disabled nothing is sent or checked: MONA_OK.
 * Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
 *
 */
MONA_SHOULD_USE
mona_status mona_current_export_batch(const char *json,
                                      size_t json_len,
                                      size_t *accepted);

/**
 * Opens a main context on this thread without a matching leave, and sends its class and the globals.
 * What was open before is forgotten.
 *
 * @param arc_class       As for mona_current_enter().
 * @param arc_class_len   Bytes in `arc_class`, or MONA_NTS.
 * @param context_id      As for mona_current_enter().
 * @param context_id_len  Bytes in `context_id`, or MONA_NTS.
 * @param timestamp       As for mona_current_enter().
 * @return MONA_OK; MONA_E_PROTECTED: inside an enter, nothing was done; MONA_E_CLOSED, MONA_E_LIMIT,
 *         MONA_E_DROPPED: the context is open but its class was not sent; MONA_E_UTF8, MONA_E_BUSY,
 *         MONA_E_THREAD, MONA_E_ARGUMENT.
 *
 * While disabled nothing is opened or checked: MONA_OK.
 * Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_current_open(const char *arc_class,
                              size_t arc_class_len,
                              const char *context_id,
                              size_t context_id_len,
                              double timestamp);

/**
 * Opens a sub-context on this thread without a matching leave, and sends its class.
 *
 * @param arc_class           As for mona_current_enter_sub().
 * @param arc_class_len       Bytes in `arc_class`, or MONA_NTS.
 * @param sub_context_id      As for mona_current_enter_sub().
 * @param sub_context_id_len  Bytes in `sub_context_id`, or MONA_NTS.
 * @return As mona_current_open(); MONA_E_NO_CONTEXT: no context is open on this thread.
 *
 * While disabled nothing is opened or checked: MONA_OK.
 * Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_current_open_sub(const char *arc_class,
                                  size_t arc_class_len,
                                  const char *sub_context_id,
                                  size_t sub_context_id_len);

/**
 * Closes a sub-context of this thread, and everything inside it.
 *
 * @param sub_context_id      The id of the step; NULL: the last one.
 * @param sub_context_id_len  Bytes in `sub_context_id`, or MONA_NTS.
 * @return MONA_OK; MONA_E_NOT_FOUND: no such sub-context is open, or it is the main context;
 *         MONA_E_PROTECTED: it belongs to an enter; MONA_E_UTF8, MONA_E_THREAD, MONA_E_ARGUMENT. With
 *         an error nothing was closed.
 *
 * While disabled nothing is closed or checked: MONA_OK.
 * Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
 *
 */
MONA_SHOULD_USE
mona_status mona_current_close_sub(const char *sub_context_id,
                                   size_t sub_context_id_len);

/**
 * Forgets this thread's context. Inside an enter, nothing can be opened or exported until its leave.
 *
 * @return MONA_OK; MONA_E_THREAD.
 *
 * While disabled nothing is changed: MONA_OK.
 * Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
 *
 */
MONA_SHOULD_USE
mona_status mona_current_reset(void);

/**
 * Enters a main context, until mona_stack_leave(), and sends its class and the globals.
 *
 * Inside another enter it joins: nothing is opened or sent and its leave does nothing. A context that was
 * opened without enter is replaced.
 *
 * @param client_or_null     The client of the context; NULL: the default client. Where it joins, it does not matter.
 * @param from_or_null       The stack before; NULL: the empty one.
 * @param arc_class_or_null  The name shared by runs of the same algorithm, as a field of any kind whose key does not
 *                           matter. NULL, null, false, 0, "", [] and {}: no class is sent; other values that are no
 *                           text are sent as they are.
 * @param context_id         An id, to continue a run that began elsewhere; NULL or "": a new unique one.
 * @param context_id_len     Bytes in `context_id`, or MONA_NTS.
 * @param timestamp_or_null  Of the class record: seconds since the Unix epoch, as a field of any kind whose key does not
 *                           matter. NULL, null, false, 0, "", [] and {}: now. What is no time is sent as an extra
 *                           field, and now is used.
 * @param scope              Gets a number for mona_stack_leave(), never 0 and never the same twice, whatever the result.
 *                           Not NULL.
 * @param to                 Gets the stack after it, for mona_stack_free(), whatever the result: where nothing was
 *                           opened, one equal to that before, NULL for the empty one. Not NULL.
 * @return MONA_OK; MONA_E_CLOSED, MONA_E_UTF8, MONA_E_JSON, MONA_E_LIMIT, MONA_E_DROPPED, MONA_E_BUSY,
 *         MONA_E_ARGUMENT: nothing was opened, and leaving the scope does nothing. MONA_E_TIMEOUT with the option
 *         `blocking`: it is open, and its class is still on its way.
 *
 * While disabled nothing is opened or checked: MONA_OK.
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_stack_enter(struct mona_client *client_or_null,
                             const struct mona_stack *from_or_null,
                             const struct mona_field *arc_class_or_null,
                             const char *context_id,
                             size_t context_id_len,
                             const struct mona_field *timestamp_or_null,
                             uint64_t *scope,
                             struct mona_stack **to);

/**
 * Enters a sub-context of the open context, until mona_stack_leave(), and sends its class.
 *
 * @param from_or_null        The stack before.
 * @param arc_class_or_null   The class of the step, as for mona_stack_enter().
 * @param sub_context_id      The id of the step; NULL or "": a new unique one.
 * @param sub_context_id_len  Bytes in `sub_context_id`, or MONA_NTS.
 * @param scope               As for mona_stack_enter().
 * @param to                  As for mona_stack_enter().
 * @return As mona_stack_enter(); MONA_E_NO_CONTEXT: no context is open in the stack before.
 *
 * While disabled nothing is opened or checked: MONA_OK.
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_stack_enter_sub(const struct mona_stack *from_or_null,
                                 const struct mona_field *arc_class_or_null,
                                 const char *sub_context_id,
                                 size_t sub_context_id_len,
                                 uint64_t *scope,
                                 struct mona_stack **to);

/**
 * Closes what an enter opened, and everything that was opened inside it since.
 *
 * Leaves need not come in order, nor on the stack that the enter gave: any stack that came from it will do. Other stacks
 * that came from it stay as they are, and whoever has one goes on in it.
 *
 * @param from_or_null  The stack before.
 * @param scope         The number that the enter gave. There is no innermost one here: MONA_INNERMOST is in no stack.
 * @param to            As for mona_stack_enter(): NULL where nothing is open any more.
 * @return MONA_OK: also for a scope that was left before, or that is of another stack, which moves nothing;
 *         MONA_E_BUSY, MONA_E_ARGUMENT.
 *
 * A scope entered while enabled is closed properly even while disabled.
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_stack_leave(const struct mona_stack *from_or_null,
                             uint64_t scope,
                             struct mona_stack **to);

/**
 * Opens a main context without a matching leave, and sends its class and the globals. What was open before is forgotten.
 *
 * @param client_or_null     The client of the context; NULL: the default client.
 * @param from_or_null       The stack before.
 * @param arc_class_or_null  As for mona_stack_enter().
 * @param context_id         As for mona_stack_enter().
 * @param context_id_len     Bytes in `context_id`, or MONA_NTS.
 * @param timestamp_or_null  As for mona_stack_enter().
 * @param to                 As for mona_stack_enter().
 * @return MONA_OK; MONA_E_PROTECTED: inside an enter, nothing was done; MONA_E_CLOSED, MONA_E_LIMIT,
 *         MONA_E_DROPPED, MONA_E_TIMEOUT: the context is open but its class was not sent, or is still on its way;
 *         MONA_E_UTF8, MONA_E_JSON, MONA_E_BUSY, MONA_E_ARGUMENT: nothing was done.
 *
 * While disabled nothing is opened or checked: MONA_OK.
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_stack_open(struct mona_client *client_or_null,
                            const struct mona_stack *from_or_null,
                            const struct mona_field *arc_class_or_null,
                            const char *context_id,
                            size_t context_id_len,
                            const struct mona_field *timestamp_or_null,
                            struct mona_stack **to);

/**
 * Opens a sub-context without a matching leave, and sends its class.
 *
 * @param from_or_null        The stack before.
 * @param arc_class_or_null   As for mona_stack_enter_sub().
 * @param sub_context_id      As for mona_stack_enter_sub().
 * @param sub_context_id_len  Bytes in `sub_context_id`, or MONA_NTS.
 * @param to                  As for mona_stack_enter().
 * @return As mona_stack_open(); MONA_E_NO_CONTEXT: no context is open in the stack before.
 *
 * While disabled nothing is opened or checked: MONA_OK.
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_stack_open_sub(const struct mona_stack *from_or_null,
                                const struct mona_field *arc_class_or_null,
                                const char *sub_context_id,
                                size_t sub_context_id_len,
                                struct mona_stack **to);

/**
 * Closes a sub-context, and everything inside it.
 *
 * @param from_or_null        The stack before.
 * @param sub_context_id      The id of the step; NULL: the last one.
 * @param sub_context_id_len  Bytes in `sub_context_id`, or MONA_NTS.
 * @param to                  As for mona_stack_enter().
 * @return MONA_OK; MONA_E_NOT_FOUND: no such sub-context is open, or it is the main context;
 *         MONA_E_PROTECTED: it belongs to an enter; MONA_E_UTF8, MONA_E_BUSY, MONA_E_ARGUMENT. With an error nothing
 *         was closed.
 *
 * While disabled nothing is closed or checked: MONA_OK.
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_stack_close_sub(const struct mona_stack *from_or_null,
                                 const char *sub_context_id,
                                 size_t sub_context_id_len,
                                 struct mona_stack **to);

/**
 * Forgets the open context. Inside an enter, nothing can be opened or exported until its leave.
 *
 * @param from_or_null  The stack before.
 * @param to            As for mona_stack_enter(): NULL outside an enter; inside one a stack without a context, which
 *                      still has the scopes.
 * @return MONA_OK; MONA_E_BUSY, MONA_E_ARGUMENT.
 *
 * While disabled nothing is changed: MONA_OK.
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_stack_reset(const struct mona_stack *from_or_null,
                             struct mona_stack **to);

/**
 * Gives the full id of the open context.
 *
 * @param stack_or_null  The stack.
 * @param buf            Where the id goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
 * @param cap            Bytes in `buf`.
 * @param len            Gets the whole length in bytes, without the NUL. Not NULL.
 * @return MONA_OK: the text is "" when no context is open, and while disabled; MONA_E_TRUNCATED: `buf`
 *         has the beginning; MONA_E_ARGUMENT.
 *
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_stack_id(const struct mona_stack *stack_or_null,
                          char *buf,
                          size_t cap,
                          size_t *len);

/**
 * Frees a stack. Nothing is sent or left; stacks that came from it live on.
 *
 * @param stack  The stack, used no more by whoever got it from a move; NULL does nothing.
 *
 * Threads: any.   Since 0.1.
 */
void mona_stack_free(struct mona_stack *stack);

/**
 * Sends one event from the open context of a stack.
 *
 * @param stack_or_null      The stack.
 * @param json               One JSON object in UTF-8; copied before the call returns. Not NULL.
 * @param json_len           Bytes in `json`, or MONA_NTS.
 * @param timestamp_or_null  As for mona_stack_enter(); of the event.
 * @param taken_or_null      Gets 1: the event was accepted; 0: it was skipped on purpose, disabled, filtered or sampled
 *                           out. With an error it stays as it is. NULL: not wanted.
 * @return As mona_context_export(); MONA_E_NO_CONTEXT: no context is open in the stack.
 *
 * While disabled nothing is sent or checked: MONA_OK.
 * Threads: any, at the same time too. Waits only if the options `blocking` or `queue_circular` ask for
 * it.   Since 0.1.
 *
 */
MONA_SHOULD_USE
mona_status mona_stack_export(const struct mona_stack *stack_or_null,
                              const char *json,
                              size_t json_len,
                              const struct mona_field *timestamp_or_null,
                              int32_t *taken_or_null);

/**
 * Sends one event from the open context of a stack, given as typed fields.
 *
 * @param stack_or_null      The stack.
 * @param fields             The fields, copied with their texts before the call returns. NULL only if `n` is 0.
 * @param n                  The number of fields.
 * @param timestamp_or_null  As for mona_stack_export().
 * @param taken_or_null      As for mona_stack_export().
 * @return As mona_context_export_fields(); MONA_E_NO_CONTEXT: no context is open in the stack.
 *
 * While disabled nothing is sent or checked: MONA_OK.
 * Threads: as mona_stack_export().   Since 0.1.
 *
 */
MONA_SHOULD_USE
mona_status mona_stack_export_fields(const struct mona_stack *stack_or_null,
                                     const struct mona_field *fields,
                                     size_t n,
                                     const struct mona_field *timestamp_or_null,
                                     int32_t *taken_or_null);

/**
 * Sends a batch of events, each in an enter/leave pair of its own; where `from_or_null` is inside an enter they join it.
 *
 * No stack comes back. Where `from_or_null` has a context without an enter, as of mona_stack_open(), and the batch sent
 * anything, a thread would have lost that context: go on with the empty stack. Whether that is so mona_stack_reset() tells,
 * which gives NULL outside an enter.
 *
 * @param client_or_null  The client; NULL: the default client. Inside an enter it does not matter.
 * @param from_or_null    The stack, which stays as it is.
 * @param json            As for mona_client_export_batch().
 * @param json_len        Bytes in `json`, or MONA_NTS.
 * @param accepted        As for mona_client_export_batch().
 * @return As mona_client_export_batch().
 *
 * While disabled nothing is sent or checked: MONA_OK.
 * Threads: any, at the same time too.   Since 0.1.
 *
 */
MONA_SHOULD_USE
mona_status mona_stack_export_batch(struct mona_client *client_or_null,
                                    const struct mona_stack *from_or_null,
                                    const char *json,
                                    size_t json_len,
                                    size_t *accepted);

/**
 * Lists what a spool holds, the directory of the option spool_dir, without changing it. The list is a JSON array, the
 * oldest instance first: {"instance": text, "owned": boolean, "segments": number, "records": number, "events": number,
 * "bytes": number, "age_seconds": number or null}. An owned instance belongs to a process that runs.
 *
 * Every call reads the heads of all records.
 *
 * @param dir      The directory. Not NULL.
 * @param dir_len  Bytes in `dir`, or MONA_NTS.
 * @param buf      Where the list goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
 * @param cap      Bytes in `buf`.
 * @param len      Gets the whole length in bytes, without the NUL. Not NULL.
 * @return MONA_OK; MONA_E_IO: it cannot be read, or is not such a directory; MONA_E_TRUNCATED: `buf` has the beginning;
 *         MONA_E_ARGUMENT.
 *
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_spool_list(const char *dir,
                            size_t dir_len,
                            char *buf,
                            size_t cap,
                            size_t *len);

/**
 * Reads everything in a spool and says what is damaged, without changing it, as a JSON object: {"instances": number,
 * "segments": number, "records": number, "events": number, "bytes": number, "damaged": number, "damage": [{"file":
 * text, "error": text}, ...]}. "damaged" is 0 where all is well. A record that a running process is just writing is no
 * damage.
 *
 * Every call reads all bytes of the spool.
 *
 * @param dir      The directory. Not NULL.
 * @param dir_len  Bytes in `dir`, or MONA_NTS.
 * @param buf      Where the report goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
 * @param cap      Bytes in `buf`.
 * @param len      Gets the whole length in bytes, without the NUL. Not NULL.
 * @return MONA_OK, damaged or not; MONA_E_IO: it cannot be read, or is not such a directory; MONA_E_TRUNCATED: `buf`
 *         has the beginning; MONA_E_ARGUMENT.
 *
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_spool_verify(const char *dir,
                              size_t dir_len,
                              char *buf,
                              size_t cap,
                              size_t *len);

/**
 * Reads the next chunk that waits in a spool, without changing it. The first line is a JSON object: {"place": text,
 * "id": text, "events": number, "error": text or null}. Each line behind it is a record, as the endpoint stdout: writes
 * it.
 *
 * To read an instance from the front, begin with its name and go on with the "place" of each chunk. Chunks that are
 * delivered meanwhile are left out.
 *
 * @param dir        The directory. Not NULL.
 * @param dir_len    Bytes in `dir`, or MONA_NTS.
 * @param place      The name of an instance, for its first chunk, or the place of a chunk, for the one behind it. Not
 *                   NULL.
 * @param place_len  Bytes in `place`, or MONA_NTS.
 * @param buf        Where the lines go, ended by NUL; NULL with a `cap` of 0 asks for their length only.
 * @param cap        Bytes in `buf`.
 * @param len        Gets the whole length in bytes, without the NUL. Not NULL.
 * @return MONA_OK; MONA_E_NOT_FOUND: that was the last one, or the instance is gone; MONA_E_IO: it cannot be read, or is
 *         not such a directory; MONA_E_TRUNCATED: `buf` has the beginning; MONA_E_ARGUMENT; MONA_E_UTF8.
 *
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE
mona_status mona_spool_read(const char *dir,
                            size_t dir_len,
                            const char *place,
                            size_t place_len,
                            char *buf,
                            size_t cap,
                            size_t *len);

/**
 * Gives the detail of the last failing call of this thread, one sentence in the form
 * `<what was given>: <what was found>, <what is expected>`.
 *
 * A call that succeeds leaves it as it is, and so does this one, even when it fails.
 *
 * @param buf  Where the sentence goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
 * @param cap  Bytes in `buf`.
 * @param len  Gets the whole length in bytes, without the NUL. Not NULL.
 * @return MONA_OK: also when nothing failed yet, the text is then ""; MONA_E_TRUNCATED: `buf` has the
 *         beginning; MONA_E_ARGUMENT.
 *
 * Threads: any, each has its own.   Since 0.1.
 *
 */
MONA_SHOULD_USE
mona_status mona_last_error(char *buf,
                            size_t cap,
                            size_t *len);

/**
 * Sets the function that gets every log line of every client, or takes it away.
 *
 * Returns when no call of the function before is running any more: its code and `user_data` may go away then.
 * A call that does not end is waited for a second at most, so hold no lock that the function takes. A forked
 * child starts without a function. Once the program ends none is called; a program that ends while the very first
 * call runs may destroy static variables which that call made before it has returned.
 *
 * @param fn_or_null  The function; NULL: none any more.
 * @param user_data   Passed on to the function as it is; may be NULL.
 * @return MONA_OK; MONA_E_BUSY: called from inside the function.
 *
 * Threads: any.   Since 0.1.
 *
 */
MONA_SHOULD_USE
mona_status mona_log_set_callback(mona_log_fn fn_or_null,
                                  void *user_data);

/**
 * Sets the least important line that is logged, for all clients of the process and those made later.
 *
 * It holds from this call on, before the option log_level of each client: until a client's config file changes
 * that option, and not for a client made later with a log_level of mona_options_set().
 *
 * @param level  From 0, everything, to 50, nothing: a line is logged when its MONA_LOG_ number is at least this.
 * @return MONA_OK; MONA_E_ARGUMENT: no level.
 *
 * Threads: any.   Since 0.1.
 *
 */
MONA_SHOULD_USE
mona_status mona_log_set_level(int32_t level);

/**
 * Takes the oldest waiting log line. The last 256 lines wait, also those that a callback got.
 *
 * For languages that cannot take callbacks from foreign threads. A line is taken only when it fits:
 * after MONA_E_TRUNCATED, or when only the length was asked for, it still waits.
 *
 * @param level  Gets one of the MONA_LOG_ numbers. Not NULL.
 * @param buf    Where the line goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
 * @param cap    Bytes in `buf`.
 * @param len    Gets the whole length in bytes, without the NUL. Not NULL.
 * @return MONA_OK; MONA_E_NOT_FOUND: none is waiting; MONA_E_TRUNCATED; MONA_E_ARGUMENT.
 *
 * Threads: any, at the same time too.   Since 0.1.
 */
MONA_MUST_USE mona_status mona_log_take(int32_t *level, char *buf, size_t cap, size_t *len);

#ifdef __cplusplus
} /* extern "C" */
#endif

/*
 * Fields in place (C99, and C++ of any standard). A key is text that ends in NUL, and so are the texts
 * of MONA_STR and MONA_JSON. Each argument is evaluated once.
 *
 *   mona_field fields[] = { MONA_F64("confidence", 0.97), MONA_BOOL("correct", 1) };
 *   mona_status status = mona_context_export_fields(context, fields, 2, MONA_NOW);
 *
 * MONA_EXPORT (C99, C++11) makes the array and sends it with the time of now; MONA_CURRENT does so in the
 * context of the calling thread:
 *
 *   status = MONA_EXPORT(context, MONA_F64("confidence", 0.97), MONA_STR("label", "cat"));
 *   status = MONA_CURRENT(MONA_F32("score", 0.97f), MONA_U64("tokens", 512));
 *
 * From C11 and C++11 on they take a value only if every value of its type arrives as it is, or if it is an
 * integer constant that does. Anything else is an error when compiling, MONA_I64("a", 3.7) and
 * MONA_U64("n", -1) among it. A cast says that it is meant.
 *
 *   MONA_I64   whole numbers but uint64_t and what is as wide; of those, constants up to INT64_MAX
 *   MONA_U64   unsigned whole numbers; of signed ones, constants that are not negative
 *   MONA_F64   double, float, whole numbers of at most 32 bits
 *   MONA_F32   float, whole numbers of at most 16 bits
 *   MONA_BOOL  whole numbers: 0 is false, any other true
 *   MONA_STR   text of char, in C of unsigned char too; NULL is null
 *   MONA_JSON  the same
 *
 * Whole numbers are also bool, char and enumerations, each with its number; char counts as signed. Not so long
 * double and 128 bits, which would be cut. A bit-field is taken as the int that it becomes; where it is not to be
 * one (for MONA_U64, or wider than int) it is cast, as compilers do not agree on its type. In C++ a signed variable
 * for MONA_U64, or an unsigned one of 64 bits for MONA_I64, is with GCC a warning that is on by default
 * (-Wnarrowing; with clang-cl one to ask for), and literal 0 passes for text. MONA_NO_TYPE_CHECKS, defined before
 * this header is included, leaves all of it out.
 */

#if defined(__cplusplus) || (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 199901L)

/* The length of a key that is known when compiling is not counted again in each call. */
#if defined(__GNUC__)
#define MONA_LEN_(text) \
  (__builtin_constant_p(__builtin_strlen(text)) ? __builtin_strlen(text) : MONA_NTS)
#else
#define MONA_LEN_(text) MONA_NTS
#endif

#ifdef __cplusplus
/** Stands before the functions below. */
#define MONA_INLINE_ inline
#else
/** Stands before the functions below. */
#define MONA_INLINE_ static inline
#endif

/*
 * Functions and not initialisers: an initialiser that names one member of the union makes a compiler clear the
 * whole array first, which takes longer than to fill it.
 */

/** The field without its value, for the functions below. */
MONA_INLINE_ mona_field mona_field_of_(const char *key, size_t key_len, int32_t kind) {
  mona_field field;
  field.key = key;
  field.key_len = key_len;
  field.kind = kind;
  field.reserved = 0;
  return field;
}

/** What MONA_BOOL makes. */
MONA_INLINE_ mona_field mona_field_bool_(const char *key, size_t key_len, int32_t value) {
  mona_field field = mona_field_of_(key, key_len, MONA_FIELD_BOOL);
  field.value.boolean = value;
  return field;
}

/** What MONA_I64 makes. */
MONA_INLINE_ mona_field mona_field_i64_(const char *key, size_t key_len, int64_t value) {
  mona_field field = mona_field_of_(key, key_len, MONA_FIELD_I64);
  field.value.i64 = value;
  return field;
}

/** What MONA_U64 and MONA_NULL make. */
MONA_INLINE_ mona_field mona_field_u64_(const char *key, size_t key_len, int32_t kind, uint64_t value) {
  mona_field field = mona_field_of_(key, key_len, kind);
  field.value.u64 = value;
  return field;
}

/** What MONA_F64 makes. */
MONA_INLINE_ mona_field mona_field_f64_(const char *key, size_t key_len, double value) {
  mona_field field = mona_field_of_(key, key_len, MONA_FIELD_F64);
  field.value.f64 = value;
  return field;
}

/** What MONA_F32 makes. */
MONA_INLINE_ mona_field mona_field_f32_(const char *key, size_t key_len, float value) {
  mona_field field = mona_field_of_(key, key_len, MONA_FIELD_F32);
  field.value.f32 = value;
  return field;
}

/** What MONA_STR and MONA_JSON make. The length of a text that is known is found here, where NULL may be asked for. */
MONA_INLINE_ mona_field mona_field_text_(const char *key, size_t key_len, int32_t kind, const char *text) {
  mona_field field = mona_field_of_(key, key_len, kind);
  field.value.text.ptr = text;
  field.value.text.len = MONA_NTS;
#if defined(__GNUC__)
  if (text && __builtin_constant_p(__builtin_strlen(text))) field.value.text.len = __builtin_strlen(text);
#endif
  return field;
}

#if defined(MONA_NO_TYPE_CHECKS)
/* Nothing is looked at below. */
#elif !defined(__cplusplus) && __STDC_VERSION__ >= 201112L && (!defined(__GNUC__) || defined(__clang__) || __GNUC__ >= 5)

/* Clang warns of effects that an operand which is only looked at does not have, and of __func__ inside a struct. */
#if defined(__clang__)
#define MONA_QUIET_ \
  _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wunevaluated-expression\"") \
  _Pragma("clang diagnostic ignored \"-Wpredefined-identifier-outside-function\"")
#define MONA_LOUD_ _Pragma("clang diagnostic pop")
#else
#define MONA_QUIET_
#define MONA_LOUD_
#endif
/* 0, or the message of an error. */
#define MONA_ASSERT_(condition, message) \
  (MONA_QUIET_ __extension__ sizeof(struct { int is_true; _Static_assert(condition, message); }) * 0 MONA_LOUD_)
/* Whole numbers become the widest one of their sign, bit-fields too: 1 for these, `wide` for unsigned ones of 64 bits. */
#define MONA_WHOLE_(x, narrow, wide) _Generic((x) + 0LL, long long: narrow, unsigned long long: wide, default: 0)
/* A constant that is not negative, below 2^63: with one, the shift is a null pointer constant. */
#define MONA_CONSTANT_(x) \
  _Generic(1 ? (void *)(size_t)((unsigned long long)(x) >> 63) : (int *)0, int *: 1, default: 0)
#define MONA_IS_I64_(x) MONA_WHOLE_(x, 1, MONA_CONSTANT_(x))
#define MONA_IS_U64_(x) \
  _Generic((x), _Bool: 1, unsigned char: 1, unsigned short: 1, unsigned int: 1, unsigned long: 1, \
    unsigned long long: 1, default: MONA_WHOLE_(x, MONA_CONSTANT_(x), MONA_CONSTANT_(x)))
#define MONA_IS_F64_(x) \
  _Generic((x), double: 1, float: 1, default: MONA_WHOLE_(x, sizeof((x) + 0) <= 4, sizeof((x) + 0) <= 4))
#define MONA_IS_F32_(x) \
  _Generic((x), float: 1, _Bool: 1, char: 1, signed char: 1, unsigned char: 1, short: 1, unsigned short: 1, default: 0)
#if __STDC_VERSION__ >= 202311L
#define MONA_IS_NULLPTR_ typeof(nullptr): 1,
#else
#define MONA_IS_NULLPTR_
#endif
#define MONA_IS_KEY_(x) \
  _Generic((x), char *: 1, const char *: 1, unsigned char *: 1, const unsigned char *: 1, default: 0)
#define MONA_IS_TEXT_(x) \
  _Generic((x), char *: 1, const char *: 1, unsigned char *: 1, const unsigned char *: 1, void *: 1, const void *: 1, \
    MONA_IS_NULLPTR_ default: 0)

#define MONA_KEY_(key) \
  (const char *)(key), MONA_LEN_((const char *)(key)) + MONA_ASSERT_(MONA_IS_KEY_(key), "the key of a field is text")
#define MONA_TYPED_(is_right, message) + MONA_ASSERT_(is_right, message)
#define MONA_TO_F64_(x) (double)(x)
#define MONA_TO_TEXT_(x) (const char *)(x)

#elif (defined(__cplusplus) && __cplusplus >= 201103L) || (defined(_MSVC_LANG) && _MSVC_LANG >= 201103L)

/* The kinds of types that a macro may refuse. */
enum mona_kind_of_type_ {
  mona_float_ = 1, mona_double_ = 2, mona_more_ = 4, mona_32_bits_ = 8, mona_64_bits_ = 16, mona_pointer_ = 32, mona_128_bits_ = 64
};

/* The kind of a type; 0 for small ones, and for classes, which become one or the other. */
template <class T> struct mona_kind_of_ {
  static const int kind = !__is_enum(T) || sizeof(T) < 4 ? 0 : sizeof(T) > 4 ? +mona_64_bits_ : +mona_32_bits_;
};
template <> struct mona_kind_of_<float> { static const int kind = mona_float_; };
template <> struct mona_kind_of_<double> { static const int kind = mona_double_; };
template <> struct mona_kind_of_<long double> { static const int kind = mona_more_; };
template <> struct mona_kind_of_<int> { static const int kind = mona_32_bits_; };
template <> struct mona_kind_of_<unsigned int> { static const int kind = mona_32_bits_; };
template <> struct mona_kind_of_<long> { static const int kind = sizeof(long) > 4 ? mona_64_bits_ : mona_32_bits_; };
template <> struct mona_kind_of_<unsigned long> { static const int kind = sizeof(long) > 4 ? mona_64_bits_ : mona_32_bits_; };
template <> struct mona_kind_of_<long long> { static const int kind = mona_64_bits_; };
template <> struct mona_kind_of_<unsigned long long> { static const int kind = mona_64_bits_; };
template <class T> struct mona_kind_of_<T *> { static const int kind = mona_pointer_; };
template <class T, class C> struct mona_kind_of_<T C::*> { static const int kind = mona_pointer_; };
#if defined(__SIZEOF_INT128__)
__extension__ template <> struct mona_kind_of_<__int128> { static const int kind = mona_128_bits_; };
__extension__ template <> struct mona_kind_of_<unsigned __int128> { static const int kind = mona_128_bits_; };
#endif

/* Has a type if the condition holds. */
template <bool condition> struct mona_if_ {};
template <> struct mona_if_<true> { typedef int type; };

/* A value for a macro that refuses some kinds of types. Between braces, what does not fit is refused too. */
template <class Value, int refused> struct mona_taken_ {
  Value value;
  mona_taken_(Value taken) : value(taken) {}
  template <class T> mona_taken_(T, typename mona_if_<(mona_kind_of_<T>::kind & refused) != 0>::type = 0) = delete;
};

#define MONA_NO_DOUBLE_ (mona_more_ | mona_64_bits_ | mona_pointer_ | mona_128_bits_)
#define MONA_NO_WHOLE_ (mona_float_ | mona_double_ | mona_more_ | mona_pointer_)

/* The same of MONA_F64, which takes whole numbers that braces do not. */
struct mona_taken_f64_ {
  double value;
  mona_taken_f64_(double taken) : value(taken) {}
  template <class T>
  mona_taken_f64_(T taken, typename mona_if_<mona_kind_of_<T>::kind == mona_float_>::type = 0)
    : value(static_cast<double>(taken)) {}
  template <class T>
  mona_taken_f64_(T, typename mona_if_<(mona_kind_of_<T>::kind & MONA_NO_DOUBLE_) != 0>::type = 0)
    = delete;
};

#define MONA_TO_I64_(x) mona_taken_<int64_t, MONA_NO_WHOLE_ | mona_128_bits_>{x}.value
#define MONA_TO_U64_(x) mona_taken_<uint64_t, MONA_NO_WHOLE_ | mona_128_bits_>{x}.value
#define MONA_TO_BOOL_(x) mona_taken_<bool, MONA_NO_WHOLE_>(x).value
#define MONA_TO_F64_(x) mona_taken_f64_(x).value
#define MONA_TO_F32_(x) \
  mona_taken_<float, mona_double_ | mona_32_bits_ | MONA_NO_DOUBLE_>(x).value

#endif

#if !defined(MONA_KEY_)
#define MONA_KEY_(key) (key), MONA_LEN_(key)
#define MONA_TYPED_(is_right, message)
#define MONA_TO_TEXT_(x) (x)
#endif
#if !defined(MONA_TO_F64_)
#define MONA_TO_F64_(x) (x)
#endif
#if !defined(MONA_TO_I64_)
#define MONA_TO_I64_(x) (x)
#define MONA_TO_U64_(x) (x)
#define MONA_TO_BOOL_(x) (x)
#define MONA_TO_F32_(x) (x)
#endif

/** A field that is null. */
#define MONA_NULL(key) (mona_field_u64_(MONA_KEY_(key), MONA_FIELD_NULL, 0))
/** A field that is true or false. */
#define MONA_BOOL(key, x) \
  (mona_field_bool_(MONA_KEY_(key) \
    MONA_TYPED_(MONA_WHOLE_(x, 1, 1), "MONA_BOOL takes a whole number or a comparison, 0 is false"), \
    MONA_TO_BOOL_(x) ? 1 : 0))
/** A field with a signed whole number. */
#define MONA_I64(key, x) \
  (mona_field_i64_(MONA_KEY_(key) \
    MONA_TYPED_(MONA_IS_I64_(x), "MONA_I64 takes a whole number that int64_t can hold, or a cast to it"), \
    MONA_TO_I64_(x)))
/** A field with an unsigned whole number. */
#define MONA_U64(key, x) \
  (mona_field_u64_(MONA_KEY_(key) \
    MONA_TYPED_(MONA_IS_U64_(x), "MONA_U64 takes an unsigned whole number, a constant that is not negative, or a cast"), \
    MONA_FIELD_U64, MONA_TO_U64_(x)))
/** A field with a floating-point number. */
#define MONA_F64(key, x) \
  (mona_field_f64_(MONA_KEY_(key) \
    MONA_TYPED_(MONA_IS_F64_(x), "MONA_F64 takes a double, a float, a whole number of 32 bits, or a cast to double"), \
    MONA_TO_F64_(x)))
/** A field with a float, which every receiver shows by its shortest text: 0.97f is 0.97. */
#define MONA_F32(key, x) \
  (mona_field_f32_(MONA_KEY_(key) \
    MONA_TYPED_(MONA_IS_F32_(x), "MONA_F32 takes a float, or a cast to it; a double is for MONA_F64"), MONA_TO_F32_(x)))
/** A field with text that ends in NUL; null where the text is NULL. */
#define MONA_STR(key, x) \
  (mona_field_text_(MONA_KEY_(key) MONA_TYPED_(MONA_IS_TEXT_(x), "MONA_STR takes text that ends in NUL, or NULL"), \
    MONA_FIELD_STR, MONA_TO_TEXT_(x)))
/** A field with one JSON value, as text that ends in NUL; null where the text is NULL. */
#define MONA_JSON(key, x) \
  (mona_field_text_(MONA_KEY_(key) MONA_TYPED_(MONA_IS_TEXT_(x), "MONA_JSON takes JSON text that ends in NUL, or NULL"), \
    MONA_FIELD_JSON, MONA_TO_TEXT_(x)))

#ifndef __cplusplus

/** Sends the fields as one event of the context, with the time of now; gives the status. */
#define MONA_EXPORT(context, ...) \
  (mona_context_export_fields((context), (const mona_field[]){ __VA_ARGS__ }, \
    sizeof((const mona_field[]){ __VA_ARGS__ }) / sizeof(mona_field), MONA_NOW))

/** Sends the fields as one event of the calling thread's context, with the time of now; gives the status. */
#define MONA_CURRENT(...) \
  (mona_current_export_fields((const mona_field[]){ __VA_ARGS__ }, \
    sizeof((const mona_field[]){ __VA_ARGS__ }) / sizeof(mona_field), MONA_NOW))

#elif __cplusplus >= 201103L || (defined(_MSVC_LANG) && _MSVC_LANG >= 201103L)

/** What MONA_EXPORT calls. */
template <typename... Fields>
inline mona_status mona_context_export_all_(const mona_context *context, const Fields &...fields) {
  const mona_field list[] = {fields...};
  return mona_context_export_fields(context, list, sizeof...(fields), MONA_NOW);
}

/** What MONA_CURRENT calls. */
template <typename... Fields>
inline mona_status mona_current_export_all_(const Fields &...fields) {
  const mona_field list[] = {fields...};
  return mona_current_export_fields(list, sizeof...(fields), MONA_NOW);
}

/** Sends the fields as one event of the context, with the time of now; gives the status. */
#define MONA_EXPORT(context, ...) (mona_context_export_all_((context), __VA_ARGS__))

/** Sends the fields as one event of the calling thread's context, with the time of now; gives the status. */
#define MONA_CURRENT(...) (mona_current_export_all_(__VA_ARGS__))

#endif
#endif

#endif /* MONA_H */
