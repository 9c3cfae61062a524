// Written by generate.py from bindings/interface.json.

/** Options of a client; what is not given comes from the environment, the config file, or is the default. */
export interface Options {
  /**
   * Your Mona user id. It is put into every record; a collector that serves several users tells them apart by it.
   * Default: `EMPTY`. Environment: `MONA_USER_ID`.
   */
  userId?: string;
  /**
   * Where the collector listens, when `endpoint` is not set: a name or an IPv4 or IPv6 address without a port. A wrong
   * one never becomes the default. Names are looked up again on every new connection. Default: `127.0.0.1`.
   * Environment: `MONA_HOST`.
   */
  host?: string;
  /**
   * The collector's TCP port, when `endpoint` is not set. The default is the usual one of Fluentd and Fluent Bit; the
   * bounds are those of TCP. What Kubernetes sets in `MONA_PORT` for a service called mona does not count. From 1 to
   * 65535. Default: `24224`. Environment: `MONA_PORT`.
   */
  port?: number;
  /**
   * Whether `host` and `port` are reached over TLS. `auto` turns it on unless the host is a loopback address, so that
   * nothing leaves the machine in the clear by accident. An `endpoint` says it in its scheme instead. Default: `auto`.
   * Environment: `MONA_USE_SSL`.
   */
  useSsl?: boolean | 'auto';
  /**
   * Where records go, as a URL; it goes before `host` and `port`. `tcp://host:port`, `tls://host:port` and
   * `unix:///path` speak Fluent Forward, `http://` and `https://` post JSON, `otlp+http://` and `otlp+https://` post
   * log records of OpenTelemetry, `file:///path` appends a line for each record, `stdout:` prints it, `memory:` keeps
   * it for the program to take, `null:` encodes and discards. `srv+tls://_mona._tcp.DOMAIN` and
   * `srv+tcp://_mona._tcp.DOMAIN` speak Forward with the servers that the SRV records of that name have. With several
   * URLs separated by commas the next one is used when one cannot be reached. Default: empty. Environment:
   * `MONA_ENDPOINT`.
   */
  endpoint?: string | readonly string[];
  /**
   * Which of several endpoints and addresses a client goes to. With `sticky` it has a first choice among the
   * endpoints, goes back there when it can, and takes the addresses of a name in the system's order. With `spread`
   * each connection begins at any one of the addresses of all endpoints, all with the same chance, and stays there
   * until it breaks or is 5 minutes old (some more, some less); then names are looked up again and one is drawn anew,
   * so that a fleet finds new collectors and leaves those that are gone. What failed is left alone for a while. The
   * records of a service go before: their priorities always, their weights in place of equal chances. Default:
   * `sticky`. Environment: `MONA_BALANCE`.
   */
  balance?: 'sticky' | 'spread';
  /**
   * What is posted to an `http://` or `https://` endpoint. `records` is a JSON array of records, as the HTTP inputs of
   * Fluentd and Fluent Bit and ClickHouse take them; `lines` is one JSON record a line (`application/x-ndjson`), as
   * VictoriaLogs and Vector take them; `mona` is the Mona REST export API. Default: `records`. Environment:
   * `MONA_HTTP_FORMAT`.
   */
  httpFormat?: 'records' | 'lines' | 'mona';
  /**
   * How log records are written to an `otlp+http://` or `otlp+https://` endpoint: `protobuf`, which every receiver of
   * OTLP takes, or `json`, which people can read and which costs several times as much. Default: `protobuf`.
   * Environment: `MONA_OTLP_ENCODING`.
   */
  otlpEncoding?: 'protobuf' | 'json';
  /**
   * The attribute `service.name` of what is sent to an `otlp+http://` or `otlp+https://` endpoint. Empty: what
   * `OTEL_SERVICE_NAME` says, or `service.name` in `OTEL_RESOURCE_ATTRIBUTES`, and else `unknown_service:` with the
   * name of the program's file. Default: empty. Environment: `MONA_SERVICE_NAME`.
   */
  serviceName?: string;
  /**
   * A PEM file with the certificates to trust for TLS instead of the system's. Verification cannot be switched off:
   * name your private authority here. A file that is not there yet, or cut off, is read again at each attempt to
   * connect. Default: empty. Environment: `MONA_CA_FILE`.
   */
  caFile?: string;
  /**
   * The name that the collector's certificate must carry, when it differs from the host in the endpoint, for example
   * behind a tunnel. Empty: the host's own name. Default: empty. Environment: `MONA_TLS_SERVER_NAME`.
   */
  tlsServerName?: string;
  /**
   * A PEM file with this client's certificate chain, for a collector that asks for one. Give `client_key_file` with
   * it. It is awaited as `ca_file` is. Default: empty. Environment: `MONA_CLIENT_CERT_FILE`.
   */
  clientCertFile?: string;
  /**
   * A PEM file with the private key that belongs to `client_cert_file`. Keep it readable for the program's user alone.
   * Default: empty. Environment: `MONA_CLIENT_KEY_FILE`.
   */
  clientKeyFile?: string;
  /**
   * The shared key of the collector's Forward input. The client then proves that it knows the key and asks the same of
   * the collector before anything is sent. Over plain TCP to another machine it is refused: use `tls://`. Default:
   * empty. Environment: `MONA_SHARED_KEY`.
   */
  sharedKey?: string;
  /**
   * The user name for a Forward input that asks for one beside the shared key. Default: empty. Environment:
   * `MONA_USERNAME`.
   */
  username?: string;
  /** The password that belongs to `username`; only its digest is sent. Default: empty. Environment: `MONA_PASSWORD`. */
  password?: string;
  /** The API key for the Mona REST export API (`http_format` `mona`). Default: empty. Environment: `MONA_API_KEY`. */
  apiKey?: string;
  /**
   * The secret that belongs to `api_key`. Both are sent to `auth_url` alone, to obtain a token. Default: empty.
   * Environment: `MONA_API_SECRET`.
   */
  apiSecret?: string;
  /**
   * How a token for the Mona REST export API is obtained: `mona` logs in with `api_key` and `api_secret`, `oidc` uses
   * them as OpenID Connect client credentials, `none` sends no token. Default: `mona`. Environment: `MONA_AUTH_MODE`.
   */
  authMode?: 'mona' | 'oidc' | 'none';
  /**
   * The URL that gives out tokens. Empty: Mona's own; needed for `auth_mode` `oidc`. Default: empty. Environment:
   * `MONA_AUTH_URL`.
   */
  authUrl?: string;
  /** The URL that renews tokens. Empty: Mona's own. Default: empty. Environment: `MONA_REFRESH_URL`. */
  refreshUrl?: string;
  /** The scope asked for with `auth_mode` `oidc`. Empty: none is sent. Default: empty. Environment: `MONA_OIDC_SCOPE`. */
  oidcScope?: string;
  /**
   * Extra headers for every request to an `http://`, `https://`, `otlp+http://` or `otlp+https://` endpoint, one
   * `Name: value` a line; `Proxy-Authorization` goes to the proxy alone. Headers that describe the body or the
   * connection are written by the client and are refused here; `Expect` is left out. Default: empty. Environment:
   * `MONA_HTTP_HEADER`.
   */
  httpHeader?: string;
  /**
   * Ask the Forward collector to acknowledge every chunk and send again what was not acknowledged. An acknowledgement
   * says that the chunk is in the collector's buffer, no more. Set `false` for inputs that cannot answer, such as
   * Fluentd's `in_unix`; then events in flight are lost with a connection. With `auto` it asks, and where an endpoint
   * takes what is written for `ack_timeout_ms` and has never acknowledged anything, it warns once and goes on without,
   * as with `false`; what that endpoint took counts as delivered then, and is not sent again. An endpoint that
   * acknowledged once, late or not, is one that does, for as long as the client lives; a child of `fork` learns it
   * anew. Where a collector is known to acknowledge, `true` is safer: one that accepts a connection and reads nothing
   * looks the same to `auto`. Default: `true`. Environment: `MONA_ACK`.
   */
  ack?: boolean | 'auto';
  /**
   * `gzip` compresses what is sent: less network for more CPU on the library's own thread, never on yours. Default:
   * `none`. Environment: `MONA_COMPRESS`.
   */
  compress?: 'none' | 'gzip';
  /**
   * The most events held in memory while the collector is slow or away. `queue_bytes` usually stops first. At least
   * one event must fit; above ten million the number is more likely a mistaken unit. From 1 to 10000000 events.
   * Default: `100000` events. Environment: `MONA_QUEUE_SIZE`.
   */
  queueSize?: number;
  /**
   * The most bytes of encoded events held in memory, those in flight included. It should hold what your program
   * exports during the outage you want to survive. Less than 64 KiB is emptied and filled with every chunk; more than
   * 16 GiB is beyond what a library may take from its host. `chunk_bytes` and `max_event_bytes` are never larger in
   * effect. From 65536 to 17179869184 bytes. Default: `8388608` bytes. Environment: `MONA_QUEUE_BYTES`.
   */
  queueBytes?: number;
  /**
   * What a full queue does. `true`: the oldest event is dropped for the new one and the program never waits. `false`:
   * the export waits up to `block_timeout_ms`, then the new event is dropped and the export says so. Both are counted.
   * Default: `true`. Environment: `MONA_QUEUE_CIRCULAR`.
   */
  queueCircular?: boolean;
  /**
   * The longest time one export waits: for room with `queue_circular` `false`, for the acknowledgement with
   * `blocking`. 0 does not wait at all; more than an hour would look like a hang. From 0 to 3600000 ms. Default:
   * `1000` ms. Environment: `MONA_BLOCK_TIMEOUT_MS`.
   */
  blockTimeoutMs?: number;
  /**
   * Every export waits until its event is acknowledged or `block_timeout_ms` is over. Made for short scripts and
   * tests; it costs a round trip for each event. Default: `false`. Environment: `MONA_BLOCKING`.
   */
  blocking?: boolean;
  /**
   * The longest time an event waits for company before it is sent. Smaller shows events sooner, larger makes fewer and
   * fuller chunks: where a fleet of clients has a few events a second each, 2000 takes 2.5 times less CPU of the
   * clients and 40 % less of the collectors than 200. At least 1, because sending every event alone is what `blocking`
   * is for; at most an hour, because events in memory are at risk. From 1 to 3600000 ms. Default: `200` ms.
   * Environment: `MONA_FLUSH_INTERVAL_MS`.
   */
  flushIntervalMs?: number;
  /**
   * The size at which a chunk is sent without waiting for `flush_interval_ms`. Below 1 KiB the envelope outweighs the
   * events; Fluent Bit closes the connection above 6144000 bytes, and 2 MiB stays well below it. From 1024 to 2097152
   * bytes. Default: `262144` bytes. Environment: `MONA_CHUNK_BYTES`.
   */
  chunkBytes?: number;
  /**
   * The largest encoded record; a larger event is refused when it is exported. Below 256 bytes hardly more than the
   * record's own keys would fit; an event travels inside one chunk, so it cannot be larger than 2 MiB. From 256 to
   * 2097152 bytes. Default: `262144` bytes. Environment: `MONA_MAX_EVENT_BYTES`.
   */
  maxEventBytes?: number;
  /**
   * The deepest nesting of objects and arrays in an event; a deeper one is refused when it is exported. The event
   * itself is the first level, so 1 allows flat events only. With 60, the record around an event or around the globals
   * has 62 levels at most, which is what Fluent Bit stores; collectors give up long before ten thousand. Where an
   * endpoint is OTLP in protobuf the default is 31: readers of protobuf stop at 100 messages in each other, and a
   * level is three. From 1 to 10000. Default: `60`. Environment: `MONA_MAX_DEPTH`.
   */
  maxDepth?: number;
  /**
   * What becomes of NaN and of infinities. `null` sends null in their place. `ieee` sends them as float 64 where the
   * wire is MessagePack; JSON has none, so HTTP and file endpoints get null all the same. Some collectors lose such
   * events and those beside them, so ask for `ieee` only where you know yours. Default: `null`. Environment:
   * `MONA_NONFINITE`.
   */
  nonfinite?: 'null' | 'ieee';
  /**
   * The longest time for the connection to be made, TLS and handshake included. Then it is tried again after a pause.
   * There is no way to wait for ever: an hour is the most. From 1 to 3600000 ms. Default: `5000` ms. Environment:
   * `MONA_CONNECT_TIMEOUT_MS`.
   */
  connectTimeoutMs?: number;
  /**
   * The longest time a connection may stand still while something is being sent or an HTTP answer is awaited; then it
   * is given up and the chunk is sent again. An hour is the most, as for every wait. From 1 to 3600000 ms. Default:
   * `5000` ms. Environment: `MONA_IO_TIMEOUT_MS`.
   */
  ioTimeoutMs?: number;
  /**
   * The longest time to wait for a chunk's acknowledgement before it is sent again. Too short makes duplicates with a
   * slow collector; the wait grows with every repetition. Where another endpoint is free, a connection that is not
   * answered at all is left after 3 s. An hour is the most, as for every wait. From 1 to 3600000 ms. Default: `30000`
   * ms. Environment: `MONA_ACK_TIMEOUT_MS`.
   */
  ackTimeoutMs?: number;
  /**
   * The backoff after the first failure. It doubles with every further one in a row up to `retry_max_ms`, and the real
   * pause is a random part of it, so that many clients do not come back at once. Whatever is acknowledged ends the
   * row; a collector that still takes connections is asked every 8 s or sooner for the first half minute. Never larger
   * in effect than `retry_max_ms`; at least 1, so that a dead collector is not called in a tight loop. From 1 to
   * 3600000 ms. Default: `500` ms. Environment: `MONA_RETRY_INITIAL_MS`.
   */
  retryInitialMs?: number;
  /**
   * The largest backoff between two attempts. It is also about how long delivery takes to resume after an outage,
   * which is why an hour is the most. From 1 to 3600000 ms. Default: `60000` ms. Environment: `MONA_RETRY_MAX_MS`.
   */
  retryMaxMs?: number;
  /**
   * The longest wait at normal process exit for what is still queued; 0: no wait, not for the spool either. While TLS
   * or the handshake of a shared key moves, that is while the collector answers its steps, the first within a second
   * and each further one within two, the wait goes on for up to 3 s more, as does a close of the default client. A
   * minute is the most, because service managers kill a process that takes longer to end. From 0 to 60000 ms. Default:
   * `1000` ms. Environment: `MONA_EXIT_FLUSH_MS`.
   */
  exitFlushMs?: number;
  /**
   * A directory for events that memory cannot hold or that outlive the process. They are sent when the collector is
   * back, by this process or a later one with the same directory. It is made where only the last folder is missing,
   * and must belong to the program's user and not be writable for others. Many processes may share it; each sends what
   * it finds to its own endpoint, so all should have the same. [docs/spool.md](docs/spool.md) says what survives what,
   * how large it has to be, and what to mind with containers. Empty: off. Default: empty. Environment:
   * `MONA_SPOOL_DIR`.
   */
  spoolDir?: string;
  /**
   * The most bytes in `spool_dir`, all processes together; the oldest events go first. The spool is kept in files of
   * up to 4 MiB, so less than one of them is not possible; more than 1 TiB is more likely a mistaken unit. From
   * 4194304 to 1099511627776 bytes. Default: `67108864` bytes. Environment: `MONA_SPOOL_BYTES`.
   */
  spoolBytes?: number;
  /**
   * How hard the spool tries to survive a power failure: `none` leaves it to the system, `interval` syncs once a
   * second, `chunk` after every chunk. The end of the process alone loses nothing in any of them. Default: `interval`.
   * Environment: `MONA_SPOOL_SYNC`.
   */
  spoolSync?: 'none' | 'interval' | 'chunk';
  /**
   * The Big Red Button: nothing is recorded or sent and every call succeeds at once. It is on when any source says so;
   * no source can overrule another. In the environment any text other than an empty one, `0`, `false`, `no` and `off`
   * turns it on; that is looked at again whenever a main context is opened. A config file that vanishes or becomes
   * invalid leaves it as it was. Default: `false`. Environment: `MONA_DISABLE_ALL`.
   */
  disableAll?: boolean;
  /**
   * A file of at most 64 KiB with one JSON object of options, so that operators can change them without a new build.
   * Live options take effect within 3 seconds of a rewrite, a rename over the file or a symlink swap, the others at
   * the next start; what is wrong in it then leaves the value in force. It cannot name another config file. Empty:
   * none. Default: empty. Environment: `MONA_CLIENT_CONFIG_FILE`.
   */
  configFile?: string;
  /**
   * The least important line that is logged: 10 debug, 20 info, 30 warning, 40 error. 0 logs everything, 50 nothing;
   * there is no level beyond these. From 0 to 50. Default: `30`. Environment: `MONA_LOGGING_LEVEL`.
   */
  logLevel?: number;
  /**
   * Also print log lines: `true` to standard output, or to standard error once any client of the process sends its
   * records to standard output (`endpoint` `stdout:`), so that they never mix; `stderr` always to standard error. A
   * line that would have to wait for who reads it is left out. With `false` the library prints nothing, ever. Default:
   * `false`. Environment: `MONA_PRINT_LOGS`.
   */
  printLogs?: boolean | string;
  /**
   * The share of contexts that is kept, from 0 (none) to 1 (all). It is decided from the main context id, so that a
   * context is kept or skipped as a whole, in every process alike. Default: `1.0`. Environment: `MONA_SAMPLE_RATE`.
   */
  sampleRate?: number;
  /**
   * Other shares for single ARC classes: a JSON object from class name to a number from 0 to 1, for example
   * `{"checkout": 0.1}`. Classes not named in it follow `sample_rate`. In the config file it may be the object itself
   * or its text. Default: `{}`. Environment: `MONA_SAMPLE_RATES`.
   */
  sampleRates?: Readonly<Record<string, number>> | string;
  /**
   * Top-level fields that are removed from every message before it is recorded: names separated by commas, a `*` at
   * the end of a name stands for any rest. Goes before `hash_fields`. Default: empty. Environment: `MONA_DROP_FIELDS`.
   */
  dropFields?: string | readonly string[];
  /**
   * Top-level fields whose value is replaced by its salted SHA-256, so that equal values can still be counted but not
   * read; names as in `drop_fields`. Set `hash_salt` too: short values can be guessed otherwise. Default: empty.
   * Environment: `MONA_HASH_FIELDS`.
   */
  hashFields?: string | readonly string[];
  /**
   * The salt for `hash_fields`. Programs whose hashes are to be compared need the same one. Default: empty.
   * Environment: `MONA_HASH_SALT`.
   */
  hashSalt?: string;
  /**
   * Remove top-level fields whose value is null before a message is recorded. Default: `false`. Environment:
   * `MONA_DROP_NULL_FIELDS`.
   */
  dropNullFields?: boolean;
  /**
   * Add a field `event_id` (this client and a sequence number) to every record. Delivery is at least once; with the id
   * a receiver can remove duplicates. Default: `false`. Environment: `MONA_EVENT_ID`.
   */
  eventId?: boolean;
  /**
   * Add a field `arc_id` to every record, behind `context`: the id of the main context, which is what stands before
   * the first dot of the full id. With it as the key, a message queue keeps the events of one ARC on one partition.
   * The Mona REST export API has no place for it. Default: `false`. Environment: `MONA_ARC_ID`.
   */
  arcId?: boolean;
  /**
   * How precise the time of a record is where the wire has more than whole seconds: `s`, `ms` or `ns`. `auto` is `ns`
   * where all endpoints are OTLP, whose times have no other unit, and `s` elsewhere. With `ms` and `ns` Forward
   * carries an EventTime (extension type 0), `file:` and `stdout:` lines have a `time` with a fraction, and
   * `http_format` `records` and `lines` get a key `time_unix_nano` behind `export_timestamp`, which itself stays in
   * whole seconds. A time that your program gives with an event has no fraction. `ns` reads a finer clock for each
   * event, which takes some 20 ns more; so does `ms` unless the kernel ticks every millisecond. Default: `auto`.
   * Environment: `MONA_TIME_PRECISION`.
   */
  timePrecision?: 'auto' | 's' | 'ms' | 'ns';
}

/** Counters of a client since it was made. */
export interface Stats {
  /** Events taken from the program, records of classes and globals included. */
  readonly accepted: number;
  /** Events that the collector has, as far as the protocol can tell. */
  readonly delivered: number;
  /** Exports skipped because the client was disabled. */
  readonly skipped_disabled: number;
  /** Exports skipped because nothing was left after removing reserved, dropped and null fields. */
  readonly skipped_filtered: number;
  /** Exports skipped because their context was not in the sample. */
  readonly skipped_sampled: number;
  /** Events lost because the queue was full. */
  readonly dropped_queue_full: number;
  /** Events lost because the collector takes none of their size. */
  readonly dropped_too_big: number;
  /** Events lost because the collector refused them. */
  readonly dropped_rejected: number;
  /** Events lost by the spool: over its quota, or unreadable. */
  readonly dropped_spool: number;
  /** Accepted events that a close or exit gave up on. */
  readonly dropped_closed: number;
  /** Events in memory now. */
  readonly queued_events: number;
  /** Bytes in memory now, chunks on their way included. */
  readonly queued_bytes: number;
  /** Events in the spool now. */
  readonly spooled_events: number;
  /** Bytes in the spool now. */
  readonly spooled_bytes: number;
  /** Chunks sent, repetitions included. */
  readonly chunks_sent: number;
  /** Chunks that the collector acknowledged. */
  readonly chunks_acked: number;
  /** Chunks sent again after a failure. */
  readonly chunks_resent: number;
  /** Connections made. */
  readonly connections: number;
  /** Connections that could not be made. */
  readonly connect_failures: number;
  /** Changes of the configuration file that took effect. */
  readonly config_reloads: number;
  /** Times a thread of the library failed and was started again. */
  readonly worker_panics: number;
  /**
   * Exports that answered an error other than MONA_E_DROPPED, events of a batch one by one; outside the sum above. The
   * log says why.
   */
  readonly refused: number;
  /** Events of processes that are gone, which this client found in the spool and answers for: part of `accepted`. */
  readonly adopted_events: number;
}

/** Names of options as `describe` gives them. */
export type OptionName =
  | 'user_id'
  | 'host'
  | 'port'
  | 'use_ssl'
  | 'endpoint'
  | 'balance'
  | 'http_format'
  | 'otlp_encoding'
  | 'service_name'
  | 'ca_file'
  | 'tls_server_name'
  | 'client_cert_file'
  | 'client_key_file'
  | 'shared_key'
  | 'username'
  | 'password'
  | 'api_key'
  | 'api_secret'
  | 'auth_mode'
  | 'auth_url'
  | 'refresh_url'
  | 'oidc_scope'
  | 'http_header'
  | 'ack'
  | 'compress'
  | 'queue_size'
  | 'queue_bytes'
  | 'queue_circular'
  | 'block_timeout_ms'
  | 'blocking'
  | 'flush_interval_ms'
  | 'chunk_bytes'
  | 'max_event_bytes'
  | 'max_depth'
  | 'nonfinite'
  | 'connect_timeout_ms'
  | 'io_timeout_ms'
  | 'ack_timeout_ms'
  | 'retry_initial_ms'
  | 'retry_max_ms'
  | 'exit_flush_ms'
  | 'spool_dir'
  | 'spool_bytes'
  | 'spool_sync'
  | 'disable_all'
  | 'config_file'
  | 'log_level'
  | 'print_logs'
  | 'sample_rate'
  | 'sample_rates'
  | 'drop_fields'
  | 'hash_fields'
  | 'hash_salt'
  | 'drop_null_fields'
  | 'event_id'
  | 'arc_id'
  | 'time_precision';

/** The numbers of statuses. */
export declare const STATUS: {
  /** Done. For an export: accepted, or knowingly skipped (disabled, filtered, sampled out). */
  readonly OK: 0;
  /** NULL where none is allowed, a number out of range, or an unknown name. */
  readonly ARGUMENT: 1;
  /** Text is not UTF-8. */
  readonly UTF8: 2;
  /** Not one JSON object, or for a batch not an array of events; mona_last_error() says where. */
  readonly JSON: 3;
  /** No context is open on this thread. */
  readonly NO_CONTEXT: 4;
  /** The context belongs to an enclosing enter/leave pair. */
  readonly PROTECTED: 5;
  /** No such open sub-context, or nothing to take. */
  readonly NOT_FOUND: 6;
  /** The event is larger or deeper than the limits allow. */
  readonly LIMIT: 7;
  /** The queue is full and the policy was to drop the new event. */
  readonly DROPPED: 8;
  /** The time is over; for flush and close: something is still undelivered. */
  readonly TIMEOUT: 9;
  /** The client was closed. */
  readonly CLOSED: 10;
  /** A file or network operation failed. */
  readonly IO: 11;
  /** The output did not fit into the buffer. */
  readonly TRUNCATED: 12;
  /** The default client is already set; nothing was done. */
  readonly EXISTS: 13;
  /** Called from inside the log callback where that would deadlock, or by a signal handler that interrupted a call. */
  readonly BUSY: 14;
  /** This thread is ending and has no context storage any more. */
  readonly THREAD: 15;
  /** A bug in libmona, contained. */
  readonly PANIC: 16;
};

/** A status as `MonaError.code` has it. */
export type StatusCode =
  | 'MONA_E_ARGUMENT'
  | 'MONA_E_UTF8'
  | 'MONA_E_JSON'
  | 'MONA_E_NO_CONTEXT'
  | 'MONA_E_PROTECTED'
  | 'MONA_E_NOT_FOUND'
  | 'MONA_E_LIMIT'
  | 'MONA_E_DROPPED'
  | 'MONA_E_TIMEOUT'
  | 'MONA_E_CLOSED'
  | 'MONA_E_IO'
  | 'MONA_E_TRUNCATED'
  | 'MONA_E_EXISTS'
  | 'MONA_E_BUSY'
  | 'MONA_E_THREAD'
  | 'MONA_E_PANIC';

/** Levels of log lines. */
export declare const LOG: {
  /** Log level: fine detail for the developers of libmona. */
  readonly DEBUG: 10;
  /** Log level: normal events in the life of a client. */
  readonly INFO: 20;
  /** Log level: something a person may want to mend. */
  readonly WARNING: 30;
  /** Log level: a call was refused or something was lost. */
  readonly ERROR: 40;
};
