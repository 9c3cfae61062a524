import type { OptionName, Options, Stats, StatusCode } from './generated';

export { LOG, STATUS } from './generated';
export type { OptionName, Options, Stats, StatusCode } from './generated';

/** A number that stays a float: `float(1)` is 1.0 on the wire, as 0.9 is. */
export interface Float {
  readonly value: number;
  toJSON(): number;
}
export declare function float(value: number): Float;

/** What JSON cannot say; an event with such a value is refused. */
type Unsayable = symbol | ((...args: never[]) => unknown) | ArrayBuffer | RegExp | PromiseLike<unknown>;

/** A DataView, or a Buffer, whose types need not be there. */
type Bytes = DataView | { readInt16LE(offset?: number): number };

/** A value that can be sent, otherwise `never`. README.md has the table. */
export type Sendable<T> = T extends string | number | bigint | boolean | null | undefined | Date
  ? T
  : T extends Bytes
    ? never
    : T extends ArrayBufferView
      ? T
      : T extends Unsayable
        ? never
        : T extends { toJSON(key?: string): unknown } | ReadonlyMap<unknown, unknown>
          ? T
          : T extends ReadonlySet<unknown>
            ? never
            : T extends object
              ? { [K in keyof T]: Sendable<T[K]> }
              : T;

/** Seconds since 1970, or a Date. */
export type Moment = number | Date;

export interface ContextOptions {
  /** An id, to continue a run that began elsewhere. Otherwise a new one. */
  id?: string | number | bigint | null;
  /** Of the class record. Otherwise now. */
  timestamp?: Moment;
}

export interface SubContextOptions {
  /** The id of the step inside its parent. Otherwise a new one. */
  id?: string | number | bigint | null;
}

export interface BatchEvent {
  message: object;
  arcClass?: string | null;
  contextId?: string | number | bigint | null;
  timestamp?: Moment;
}

export interface Setting {
  /** Secrets are hidden. */
  readonly value: unknown;
  /** Who set it: `set`, `environment`, `config file` or `default`. */
  readonly source: string;
  /** Whether it follows the config file. */
  readonly live: boolean;
}

export interface Step {
  readonly step: string;
  readonly ok: boolean;
  readonly milliseconds: number;
  readonly error: string | null;
  readonly endpoint?: string;
}

export interface Check {
  readonly ok: boolean;
  /** The first thing that failed. */
  readonly error: string | null;
  readonly steps: readonly Step[];
}

/** A record as a `memory:` endpoint keeps it. */
export interface Record {
  readonly user_id: string;
  readonly context: string;
  readonly message: { readonly [name: string]: unknown };
  readonly export_timestamp: number;
  readonly event_id?: string;
}

/** What an operation failed with, where errors are raised (`raiseErrors`) and from `init` and `new Client`. */
export declare class MonaError extends Error {
  private constructor();
  /** One of `STATUS`. */
  readonly status: number;
  readonly code: StatusCode;
  /** The field that could not be sent. */
  readonly field?: string;
}

/** One run of an algorithm, or a step of it. It never changes; any number of tasks may use it at once. */
export declare class Context {
  private constructor();
  /** The full id, "" where nothing is open. */
  readonly id: string;
  /** Exports one event into this context. True: accepted. False: skipped on purpose, or refused. */
  export<T extends object>(fields: T & Sendable<T>, timestamp?: Moment): boolean;
  /** A step of this run. With a function: runs it with the step as the current context, and gives what it gives. */
  sub<R>(arcClass: string | null, fn: (context: Context) => R): R;
  sub<R>(arcClass: string | null, options: SubContextOptions, fn: (context: Context) => R): R;
  sub(arcClass?: string | null, options?: SubContextOptions): Context;
  /** Runs a function with this as the current context. */
  run<R, A extends unknown[]>(fn: (...args: A) => R, ...args: A): R;
  /** Lets go of what the context holds at once; otherwise the garbage collector does. Nothing is sent. */
  free(): void;
}

/** A client of its own, with a queue and a sender thread. Its contexts are not those of another client. */
export declare class Client {
  /** Throws a MonaError for a wrong option. */
  constructor(options?: Options);
  /** The current context of this client, where one is open. */
  readonly current: Context | undefined;
  context: typeof context;
  sub: typeof sub;
  export: typeof exportEvent;
  exportBatch: typeof exportBatch;
  id: typeof id;
  outside: typeof outside;
  enter: typeof enter;
  enterSub: typeof enterSub;
  open: typeof open;
  openSub: typeof openSub;
  closeSub: typeof closeSub;
  reset: typeof reset;
  setGlobals: typeof setGlobals;
  setDisabled: typeof setDisabled;
  isDisabled: typeof isDisabled;
  flush: typeof flush;
  flushSync: typeof flushSync;
  close: typeof close;
  closeSync: typeof closeSync;
  stats: typeof stats;
  describe: typeof describe;
  check: typeof check;
  take: typeof take;
  takeText: typeof takeText;
}

/**
 * Makes the default client of the process. The first one counts: false where there is one already, for example because
 * something was exported before, which makes one from the environment. Throws a MonaError for a wrong option.
 */
export declare function init(options?: Options): boolean;

/**
 * Runs a function in a new context, which everything that it calls and awaits is in; gives what the function gives.
 * Inside another context it joins that. Without a function: a context by itself, not the current one.
 */
export declare function context<R>(arcClass: string | null, fn: (context: Context) => R): R;
export declare function context<R>(arcClass: string | null, options: ContextOptions, fn: (context: Context) => R): R;
export declare function context(arcClass?: string | null, options?: ContextOptions): Context;

/** A step of the current context. */
export declare function sub<R>(arcClass: string | null, fn: (context: Context) => R): R;
export declare function sub<R>(arcClass: string | null, options: SubContextOptions, fn: (context: Context) => R): R;
export declare function sub(arcClass?: string | null, options?: SubContextOptions): Context;

/** Exports one event into the current context. True: accepted. False: skipped on purpose or refused, as the log says. */
declare function exportEvent<T extends object>(fields: T & Sendable<T>, timestamp?: Moment): boolean;
export { exportEvent as export };

/** Sends events, each in a context of its own; inside an open context they join that. How many were accepted. */
export declare function exportBatch(events: Iterable<BatchEvent>): number;

/** The current context, where one is open. */
export declare function current(): Context | undefined;
/** The full id of the current context, "" where none is open. */
export declare function id(): string;
/** Runs a function with no context open, as for work that outlives a request. */
export declare function outside<R, A extends unknown[]>(fn: (...args: A) => R, ...args: A): R;

/** Enters a context for the rest of the running task; the function that comes back leaves it. */
export declare function enter(arcClass?: string | null, options?: ContextOptions): () => void;
export declare function enterSub(arcClass?: string | null, options?: SubContextOptions): () => void;
/** Opens a context without a matching leave, as the older client's `init`. */
export declare function open(arcClass?: string | null, options?: ContextOptions): boolean;
export declare function openSub(arcClass?: string | null, options?: SubContextOptions): boolean;
/** Closes a step that `openSub` opened, the last one without an id. */
export declare function closeSub(id?: string | number | bigint | null): boolean;
/** Forgets what is open. */
export declare function reset(): boolean;

/** Sets the fields that are sent once with each new main context; `{}`: none. */
export declare function setGlobals<T extends object>(fields: T & Sendable<T>): boolean;
/** Switches the client off, or on again. */
export declare function setDisabled(disabled: boolean): boolean;
export declare function isDisabled(): boolean;

/** Waits, beside the event loop, until what was accepted is delivered. False: not all of it in that time. */
export declare function flush(milliseconds?: number): Promise<boolean>;
/** The same on this thread, for `process.on('exit')`. */
export declare function flushSync(milliseconds?: number): boolean;
/** Flushes and stops the client. False: something was dropped. */
export declare function close(milliseconds?: number): Promise<boolean>;
export declare function closeSync(milliseconds?: number): boolean;

export declare function stats(): Stats;
/** Every option, its value and who set it. */
export declare function describe(): { readonly [name in OptionName]: Setting };
/** Tries the way to the collector without sending events. */
export declare function check(milliseconds?: number): Promise<Check>;
/** The oldest delivered record of a `memory:` endpoint, null where there is none. */
export declare function take(): Record | null;
/** The same as JSON text, with whole numbers beyond 2^53 as they are. */
export declare function takeText(): string | null;

/** Whether refused calls throw a MonaError on this thread. Gives what was in force before. */
export declare function raiseErrors(wanted?: boolean): boolean;
/** Sets the function that gets the lines of the log, null for none; gives the one before. */
export declare function onLog(
  handler: ((level: number, line: string) => void) | null,
): ((level: number, line: string) => void) | null;
/** The least important level that is logged, of all clients of the process. */
export declare function logLevel(level: number): void;
/** The version of libmona. */
export declare const version: string;
