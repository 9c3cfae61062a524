//! The table of options: one row for each, in the order of the reference page.
//!
//! It drives `Options::set`, the environment, the config file, `describe` and `OPTIONS.md`. Changing a
//! default or a bound here changes it everywhere; the reference page is compared with this table by a test.

use crate::config::kind::Kind;
use crate::config::row::{Row, integer, row};

// An hour. A longer wait would look like a hang to whoever watches the process.
const HOUR_MS: u64 = 3_600_000;
// Ten million small events already take gigabytes; more is a unit mistaken for another.
const MOST_EVENTS: u64 = 10_000_000;
// Less would be filled and emptied with every chunk.
const LEAST_QUEUE_BYTES: u64 = 65_536;
// 16 GiB: beyond the memory of most hosts, so surely a mistake in a library that lives in another program.
const MOST_QUEUE_BYTES: u64 = 17_179_869_184;
// Below this a chunk is mostly envelope.
const LEAST_CHUNK_BYTES: u64 = 1_024;
// Fluent Bit closes the connection above 6_144_000 bytes; a third of it leaves room for growth in transit.
const MOST_CHUNK_BYTES: u64 = 2_097_152;
// A record without any field of the program already needs about 100 bytes.
const LEAST_EVENT_BYTES: u64 = 256;
// Deeper nesting than any collector reads back, and still a small amount of bookkeeping for each event.
const MOST_DEPTH: u64 = 10_000;
// A minute: what service managers wait at most before they kill a process that does not end.
const MOST_EXIT_MS: u64 = 60_000;
// The size of one segment, the smallest piece the spool gives up.
const LEAST_SPOOL_BYTES: u64 = 4_194_304;
// A TiB: larger than the disks this is written to, so a mistake.
const MOST_SPOOL_BYTES: u64 = 1_099_511_627_776;
// One above the usual scale of levels, so that every line can be switched off.
const MOST_LOG_LEVEL: u64 = 50;

/// The user id of a program that gave none; what the older client has there.
pub(crate) const NO_USER: &str = "EMPTY";

/// Every option.
#[rustfmt::skip] // One paragraph a row; an argument a line would bury the words.
pub(super) static TABLE: &[Row] = &[
    row("user_id", "MONA_USER_ID", Kind::Text, NO_USER,
        "Your Mona user id. It is put into every record; a collector that serves several users tells them \
         apart by it."),
    row("host", "MONA_HOST", Kind::Host, "127.0.0.1",
        "Where the collector listens, when `endpoint` is not set: a name or an IPv4 or IPv6 address without \
         a port. A wrong one never becomes the default. Names are looked up again on every new connection.")
        .strict(),
    integer("port", "MONA_PORT", 1, 65_535, "24224",
        "The collector's TCP port, when `endpoint` is not set. The default is the usual one of Fluentd and \
         Fluent Bit; the bounds are those of TCP. What Kubernetes sets in `MONA_PORT` for a service called mona \
         does not count.")
        .strict(),
    row("use_ssl", "MONA_USE_SSL", Kind::Switch, "auto",
        "Whether `host` and `port` are reached over TLS. `auto` turns it on unless the host is a loopback \
         address, so that nothing leaves the machine in the clear by accident. An `endpoint` says it in its \
         scheme instead.")
        .strict(),
    row("endpoint", "MONA_ENDPOINT", Kind::Endpoint, "",
        "Where records go, as a URL; it goes before `host` and `port`. `tcp://host:port`, `tls://host:port` \
         and `unix:///path` speak Fluent Forward, `http://` and `https://` post JSON, `otlp+http://` and \
         `otlp+https://` post log records of OpenTelemetry, `file:///path` appends a line for each record, `stdout:` \
         prints it, `memory:` keeps it for the program to take, `null:` encodes and discards. \
         `srv+tls://_mona._tcp.DOMAIN` and `srv+tcp://_mona._tcp.DOMAIN` speak Forward with the servers that the SRV \
         records of that name have. With several URLs separated by commas the next one is used when one cannot be \
         reached.")
        .strict(),
    row("balance", "MONA_BALANCE", Kind::Choice(&["sticky", "spread"]), "sticky",
        "Which of several endpoints and addresses a client goes to. With `sticky` it has a first choice among the \
         endpoints, goes back there when it can, and takes the addresses of a name in the system's order. With \
         `spread` each connection begins at any one of the addresses of all endpoints, all with the same chance, and \
         stays there until it breaks or is 5 minutes old (some more, some less); then names are looked up again and one \
         is drawn anew, so that a fleet finds new collectors and leaves those that are gone. What failed is left alone \
         for a while. The records of a service go before: their priorities always, their weights in place of equal \
         chances."),
    row("http_format", "MONA_HTTP_FORMAT", Kind::Choice(&["records", "lines", "mona"]), "records",
        "What is posted to an `http://` or `https://` endpoint. `records` is a JSON array of records, as the \
         HTTP inputs of Fluentd and Fluent Bit and ClickHouse take them; `lines` is one JSON record a line \
         (`application/x-ndjson`), as VictoriaLogs and Vector take them; `mona` is the Mona REST export API.")
        .strict(),
    row("otlp_encoding", "MONA_OTLP_ENCODING", Kind::Choice(&["protobuf", "json"]), "protobuf",
        "How log records are written to an `otlp+http://` or `otlp+https://` endpoint: `protobuf`, which every receiver \
         of OTLP takes, or `json`, which people can read and which costs several times as much.")
        .strict(),
    row("service_name", "MONA_SERVICE_NAME", Kind::Text, "",
        "The attribute `service.name` of what is sent to an `otlp+http://` or `otlp+https://` endpoint. Empty: what \
         `OTEL_SERVICE_NAME` says, or `service.name` in `OTEL_RESOURCE_ATTRIBUTES`, and else `unknown_service:` with \
         the name of the program's file."),
    row("ca_file", "MONA_CA_FILE", Kind::Path, "",
        "A PEM file with the certificates to trust for TLS instead of the system's. Verification cannot be \
         switched off: name your private authority here. A file that is not there yet, or cut off, is read \
         again at each attempt to connect.")
        .strict(),
    row("tls_server_name", "MONA_TLS_SERVER_NAME", Kind::Text, "",
        "The name that the collector's certificate must carry, when it differs from the host in the \
         endpoint, for example behind a tunnel. Empty: the host's own name.")
        .strict(),
    row("client_cert_file", "MONA_CLIENT_CERT_FILE", Kind::Path, "",
        "A PEM file with this client's certificate chain, for a collector that asks for one. Give \
         `client_key_file` with it. It is awaited as `ca_file` is.")
        .strict(),
    row("client_key_file", "MONA_CLIENT_KEY_FILE", Kind::Path, "",
        "A PEM file with the private key that belongs to `client_cert_file`. Keep it readable for the \
         program's user alone.")
        .strict(),
    row("shared_key", "MONA_SHARED_KEY", Kind::Text, "",
        "The shared key of the collector's Forward input. The client then proves that it knows the key and \
         asks the same of the collector before anything is sent. Over plain TCP to another machine it is \
         refused: use `tls://`.")
        .secret(),
    row("username", "MONA_USERNAME", Kind::Text, "",
        "The user name for a Forward input that asks for one beside the shared key.")
        .secret(),
    row("password", "MONA_PASSWORD", Kind::Text, "",
        "The password that belongs to `username`; only its digest is sent.")
        .secret(),
    row("api_key", "MONA_API_KEY", Kind::Text, "",
        "The API key for the Mona REST export API (`http_format` `mona`).")
        .secret(),
    row("api_secret", "MONA_API_SECRET", Kind::Text, "",
        "The secret that belongs to `api_key`. Both are sent to `auth_url` alone, to obtain a token.")
        .secret(),
    row("auth_mode", "MONA_AUTH_MODE", Kind::Choice(&["mona", "oidc", "none"]), "mona",
        "How a token for the Mona REST export API is obtained: `mona` logs in with `api_key` and \
         `api_secret`, `oidc` uses them as OpenID Connect client credentials, `none` sends no token.")
        .strict(),
    row("auth_url", "MONA_AUTH_URL", Kind::Url, "",
        "The URL that gives out tokens. Empty: Mona's own; needed for `auth_mode` `oidc`.")
        .strict(),
    row("refresh_url", "MONA_REFRESH_URL", Kind::Url, "",
        "The URL that renews tokens. Empty: Mona's own.")
        .strict(),
    row("oidc_scope", "MONA_OIDC_SCOPE", Kind::Text, "",
        "The scope asked for with `auth_mode` `oidc`. Empty: none is sent.")
        .strict(),
    row("http_header", "MONA_HTTP_HEADER", Kind::Headers, "",
        "Extra headers for every request to an `http://`, `https://`, `otlp+http://` or `otlp+https://` endpoint, one `Name: value` a line; \
         `Proxy-Authorization` goes to the proxy alone. Headers that describe the body or the connection \
         are written by the client and are refused here; `Expect` is left out.")
        .secret(),
    row("ack", "MONA_ACK", Kind::Switch, "true",
        "Ask the Forward collector to acknowledge every chunk and send again what was not acknowledged. An \
         acknowledgement says that the chunk is in the collector's buffer, no more. Set `false` for inputs \
         that cannot answer, such as Fluentd's `in_unix`; then events in flight are lost with a connection. With \
         `auto` it asks, and where an endpoint takes what is written for `ack_timeout_ms` and has never \
         acknowledged anything, it warns once and goes on without, as with `false`; what that endpoint took \
         counts as delivered then, and is not sent again. An endpoint that acknowledged once, late or not, is one \
         that does, for as long as the client lives; a child of `fork` learns it anew. Where a collector is known \
         to acknowledge, `true` is safer: one that accepts a connection and reads nothing looks the same to `auto`."),
    row("compress", "MONA_COMPRESS", Kind::Choice(&["none", "gzip"]), "none",
        "`gzip` compresses what is sent: less network for more CPU on the library's own thread, never on \
         yours."),
    integer("queue_size", "MONA_QUEUE_SIZE", 1, MOST_EVENTS, "100000",
        "The most events held in memory while the collector is slow or away. `queue_bytes` usually stops \
         first. At least one event must fit; above ten million the number is more likely a mistaken unit.")
        .unit("events"),
    integer("queue_bytes", "MONA_QUEUE_BYTES", LEAST_QUEUE_BYTES, MOST_QUEUE_BYTES, "8388608",
        "The most bytes of encoded events held in memory, those in flight included. It should hold what \
         your program exports during the outage you want to survive. Less than 64 KiB is emptied and filled \
         with every chunk; more than 16 GiB is beyond what a library may take from its host. `chunk_bytes` \
         and `max_event_bytes` are never larger in effect.")
        .unit("bytes"),
    row("queue_circular", "MONA_QUEUE_CIRCULAR", Kind::Bool, "true",
        "What a full queue does. `true`: the oldest event is dropped for the new one and the program never \
         waits. `false`: the export waits up to `block_timeout_ms`, then the new event is dropped and the \
         export says so. Both are counted."),
    integer("block_timeout_ms", "MONA_BLOCK_TIMEOUT_MS", 0, HOUR_MS, "1000",
        "The longest time one export waits: for room with `queue_circular` `false`, for the acknowledgement \
         with `blocking`. 0 does not wait at all; more than an hour would look like a hang.")
        .unit("ms"),
    row("blocking", "MONA_BLOCKING", Kind::Bool, "false",
        "Every export waits until its event is acknowledged or `block_timeout_ms` is over. Made for short \
         scripts and tests; it costs a round trip for each event."),
    integer("flush_interval_ms", "MONA_FLUSH_INTERVAL_MS", 1, HOUR_MS, "200",
        "The longest time an event waits for company before it is sent. Smaller shows events sooner, larger \
         makes fewer and fuller chunks: where a fleet of clients has a few events a second each, 2000 takes 2.5 \
         times less CPU of the clients and 40 % less of the collectors than 200. At least 1, because sending every event alone is what `blocking` is \
         for; at most an hour, because events in memory are at risk.")
        .unit("ms"),
    integer("chunk_bytes", "MONA_CHUNK_BYTES", LEAST_CHUNK_BYTES, MOST_CHUNK_BYTES, "262144",
        "The size at which a chunk is sent without waiting for `flush_interval_ms`. Below 1 KiB the \
         envelope outweighs the events; Fluent Bit closes the connection above 6144000 bytes, and 2 MiB \
         stays well below it.")
        .unit("bytes"),
    integer("max_event_bytes", "MONA_MAX_EVENT_BYTES", LEAST_EVENT_BYTES, MOST_CHUNK_BYTES, "262144",
        "The largest encoded record; a larger event is refused when it is exported. Below 256 bytes hardly \
         more than the record's own keys would fit; an event travels inside one chunk, so it cannot be \
         larger than 2 MiB.")
        .unit("bytes"),
    integer("max_depth", "MONA_MAX_DEPTH", 1, MOST_DEPTH, "60",
        "The deepest nesting of objects and arrays in an event; a deeper one is refused when it is exported. \
         The event itself is the first level, so 1 allows flat events only. With 60, the record around an event \
         or around the globals has 62 levels at most, which is what Fluent Bit stores; collectors give up long \
         before ten thousand. Where an endpoint is OTLP in protobuf the default is 31: readers of protobuf stop at 100 \
         messages in each other, and a level is three."),
    row("nonfinite", "MONA_NONFINITE", Kind::Choice(&["null", "ieee"]), "null",
        "What becomes of NaN and of infinities. `null` sends null in their place. `ieee` sends them as float 64 \
         where the wire is MessagePack; JSON has none, so HTTP and file endpoints get null all the same. Some \
         collectors lose such events and those beside them, so ask for `ieee` only where you know yours."),
    integer("connect_timeout_ms", "MONA_CONNECT_TIMEOUT_MS", 1, HOUR_MS, "5000",
        "The longest time for the connection to be made, TLS and handshake included. Then it is tried again \
         after a pause. There is no way to wait for ever: an hour is the most.")
        .unit("ms"),
    integer("io_timeout_ms", "MONA_IO_TIMEOUT_MS", 1, HOUR_MS, "5000",
        "The longest time a connection may stand still while something is being sent or an HTTP answer is \
         awaited; then it is given up and the chunk is sent again. An hour is the most, as for every wait.")
        .unit("ms"),
    integer("ack_timeout_ms", "MONA_ACK_TIMEOUT_MS", 1, HOUR_MS, "30000",
        "The longest time to wait for a chunk's acknowledgement before it is sent again. Too short makes \
         duplicates with a slow collector; the wait grows with every repetition. Where another endpoint is \
         free, a connection that is not answered at all is left after 3 s. An hour is the most, as for every \
         wait.")
        .unit("ms"),
    integer("retry_initial_ms", "MONA_RETRY_INITIAL_MS", 1, HOUR_MS, "500",
        "The backoff after the first failure. It doubles with every further one in a row up to `retry_max_ms`, \
         and the real pause is a random part of it, so that many clients do not come back at once. Whatever \
         is acknowledged ends the row; a collector that still takes connections is asked every 8 s or sooner \
         for the first half minute. Never larger in effect than `retry_max_ms`; at least 1, so that a dead \
         collector is not called in a tight loop.")
        .unit("ms"),
    integer("retry_max_ms", "MONA_RETRY_MAX_MS", 1, HOUR_MS, "60000",
        "The largest backoff between two attempts. It is also about how long delivery takes to resume after \
         an outage, which is why an hour is the most.")
        .unit("ms"),
    integer("exit_flush_ms", "MONA_EXIT_FLUSH_MS", 0, MOST_EXIT_MS, "1000",
        "The longest wait at normal process exit for what is still queued; 0: no wait, not for the spool \
         either. While TLS or the handshake of a shared key moves, that is while the collector answers its \
         steps, the first within a second and each further one within two, the wait goes on for up to 3 s more, \
         as does a close of the default client. A minute is the most, because service managers kill a process \
         that takes longer to end.")
        .unit("ms"),
    row("spool_dir", "MONA_SPOOL_DIR", Kind::Path, "",
        "A directory for events that memory cannot hold or that outlive the process. They are sent when the \
         collector is back, by this process or a later one with the same directory. It is made where only the last \
         folder is missing, and must belong to the program's user and not be writable for others. Many processes \
         may share it; each sends what it finds to its own endpoint, so all should have the same. \
         [docs/spool.md](docs/spool.md) says what survives what, how large it has to be, and what to mind with \
         containers. Empty: off."),
    integer("spool_bytes", "MONA_SPOOL_BYTES", LEAST_SPOOL_BYTES, MOST_SPOOL_BYTES, "67108864",
        "The most bytes in `spool_dir`, all processes together; the oldest events go first. The spool is kept in \
         files of up to 4 MiB, so less than one of them is not possible; more than 1 TiB is more likely a mistaken \
         unit.")
        .unit("bytes"),
    row("spool_sync", "MONA_SPOOL_SYNC", Kind::Choice(&["none", "interval", "chunk"]), "interval",
        "How hard the spool tries to survive a power failure: `none` leaves it to the system, `interval` \
         syncs once a second, `chunk` after every chunk. The end of the process alone loses nothing in any \
         of them."),
    row("disable_all", "MONA_DISABLE_ALL", Kind::Bool, "false",
        "The Big Red Button: nothing is recorded or sent and every call succeeds at once. It is on when any \
         source says so; no source can overrule another. In the environment any text other than an empty \
         one, `0`, `false`, `no` and `off` turns it on; that is looked at again whenever a main context is \
         opened. A config file that vanishes or becomes invalid leaves it as it was.")
        .live(),
    row("config_file", "MONA_CLIENT_CONFIG_FILE", Kind::Path, "",
        "A file of at most 64 KiB with one JSON object of options, so that operators can change them without \
         a new build. Live options take effect within 3 seconds of a rewrite, a rename over the file or a \
         symlink swap, the others at the next start; what is wrong in it then leaves the value in force. It cannot \
         name another config file. Empty: none.")
        .strict().also("MONA_CONFIG_FILE"),
    integer("log_level", "MONA_LOGGING_LEVEL", 0, MOST_LOG_LEVEL, "30",
        "The least important line that is logged: 10 debug, 20 info, 30 warning, 40 error. 0 logs \
         everything, 50 nothing; there is no level beyond these.")
        .also("MONA_LOG_LEVEL")
        .live(),
    row("print_logs", "MONA_PRINT_LOGS", Kind::Print, "false",
        "Also print log lines: `true` to standard output, or to standard error once any client of the process \
         sends its records to standard output (`endpoint` `stdout:`), so that they never mix; `stderr` always to \
         standard error. A line that would have to wait for who reads it is left out. With `false` the library \
         prints nothing, ever.")
        .live(),
    row("sample_rate", "MONA_SAMPLE_RATE", Kind::Rate, "1.0",
        "The share of contexts that is kept, from 0 (none) to 1 (all). It is decided from the main context \
         id, so that a context is kept or skipped as a whole, in every process alike.")
        .live(),
    row("sample_rates", "MONA_SAMPLE_RATES", Kind::Rates, "{}",
        "Other shares for single ARC classes: a JSON object from class name to a number from 0 to 1, for \
         example `{\"checkout\": 0.1}`. Classes not named in it follow `sample_rate`. In the config file \
         it may be the object itself or its text.")
        .live(),
    row("drop_fields", "MONA_DROP_FIELDS", Kind::Fields, "",
        "Top-level fields that are removed from every message before it is recorded: names separated by \
         commas, a `*` at the end of a name stands for any rest. Goes before `hash_fields`.")
        .live(),
    row("hash_fields", "MONA_HASH_FIELDS", Kind::Fields, "",
        "Top-level fields whose value is replaced by its salted SHA-256, so that equal values can still be \
         counted but not read; names as in `drop_fields`. Set `hash_salt` too: short values can be guessed \
         otherwise.")
        .live(),
    row("hash_salt", "MONA_HASH_SALT", Kind::Text, "",
        "The salt for `hash_fields`. Programs whose hashes are to be compared need the same one.")
        .secret(),
    row("drop_null_fields", "MONA_DROP_NULL_FIELDS", Kind::Bool, "false",
        "Remove top-level fields whose value is null before a message is recorded.")
        .live(),
    row("event_id", "MONA_EVENT_ID", Kind::Bool, "false",
        "Add a field `event_id` (this client and a sequence number) to every record. Delivery is at least \
         once; with the id a receiver can remove duplicates."),
    row("arc_id", "MONA_ARC_ID", Kind::Bool, "false",
        "Add a field `arc_id` to every record, behind `context`: the id of the main context, which is what stands \
         before the first dot of the full id. With it as the key, a message queue keeps the events of one ARC on one \
         partition. The Mona REST export API has no place for it."),
    row("time_precision", "MONA_TIME_PRECISION", Kind::Choice(&["auto", "s", "ms", "ns"]), "auto",
        "How precise the time of a record is where the wire has more than whole seconds: `s`, `ms` or `ns`. `auto` is \
         `ns` where all endpoints are OTLP, whose times have no other unit, and `s` elsewhere. With `ms` and `ns` \
         Forward carries an EventTime (extension type 0), `file:` and `stdout:` lines have a `time` with a \
         fraction, and `http_format` `records` and `lines` get a key `time_unix_nano` behind `export_timestamp`, \
         which itself stays in whole seconds. A time that your program gives with an event has no fraction. `ns` reads \
         a finer clock for each event, which takes some 20 ns more; so does `ms` unless the kernel ticks every \
         millisecond."),
];

/// The row with this name.
pub(super) fn find(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.name == name)
}
