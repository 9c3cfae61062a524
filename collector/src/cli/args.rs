//! The command line.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use mona_collector::{Helo, Likeness, Listen, Script, likeness};

use crate::tail;

#[cfg(feature = "store")]
use {
    crate::import::Import,
    crate::kept::{self, Place},
    mona_collector::store::Retention,
};

/// Takes what instrumented programs export with libmona, writes every record to a file and, when it
/// ends, prints the ARC classes and KAPIs it saw.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    /// What to do instead of listening.
    #[cfg(feature = "store")]
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// Listen for Fluent Forward on ADDRESS:PORT (port 0: any free port), tls:ADDRESS:PORT or
    /// unix:/path; repeatable [default: 127.0.0.1:24224, unless --http or --https is given]
    #[arg(long, value_name = "ADDRESS", value_parser = str::parse::<Forward>)]
    pub(crate) forward: Vec<Forward>,

    /// Listen for HTTP on ADDRESS:PORT: records posted to any path, their tag, and the Mona REST API
    /// at /export, /monaExport, /sendEvent and /monaSendEvent; repeatable
    #[arg(long, value_name = "ADDRESS", value_parser = tcp)]
    pub(crate) http: Vec<Listen>,

    /// The same in TLS; repeatable
    #[arg(long, value_name = "ADDRESS", value_parser = tcp)]
    pub(crate) https: Vec<Listen>,

    /// Certificate for tls: and --https, PEM, with those between it and its authority
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,

    /// Its private key, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,

    /// Make a certificate for localhost, 127.0.0.1 and ::1, and write that of its authority to this
    /// file, for the client's ca_file
    #[arg(long, value_name = "FILE", conflicts_with = "tls_cert")]
    pub(crate) tls_new: Option<PathBuf>,

    /// Ask clients for a certificate that these authorities signed, PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_client_ca: Option<PathBuf>,

    /// Ask Forward clients for this shared key
    #[arg(long, value_name = "KEY")]
    pub(crate) shared_key: Option<String>,

    /// Ask Forward clients for a user name and password; repeatable
    #[arg(long, value_name = "NAME:PASSWORD", requires = "shared_key", value_parser = pair)]
    pub(crate) user: Vec<(String, String)>,

    /// Say HELO as this server does: fluentd or fluent-bit
    #[arg(long, value_name = "SERVER", default_value = "fluentd", requires = "shared_key", value_parser = helo)]
    pub(crate) helo: Helo,

    /// Take one chunk per Forward connection, and say so in HELO
    #[arg(long, requires = "shared_key")]
    pub(crate) no_keepalive: bool,

    /// Ask for a token at /export, and give tokens for this API key and secret
    #[arg(long, value_name = "KEY:SECRET", value_parser = pair)]
    pub(crate) api_key: Option<(String, String)>,

    /// Where tokens are given for an API key
    #[arg(long, value_name = "PATH", default_value = "/auth/login")]
    pub(crate) login_path: String,

    /// Where tokens are refreshed
    #[arg(long, value_name = "PATH", default_value = "/auth/refresh")]
    pub(crate) refresh_path: String,

    /// Where tokens are given for OIDC client credentials
    #[arg(long, value_name = "PATH", default_value = "/auth/oidc")]
    pub(crate) oidc_path: String,

    /// Answer requests that are meant for this host name, too; repeatable. On a loopback address only
    /// localhost and loopback addresses are answered, and pages of other sites nowhere
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<String>,

    /// Show what arrived in a browser, on this address [default: 127.0.0.1:8724]
    #[cfg(feature = "page")]
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:8724", value_parser = tcp)]
    pub(crate) page: Option<Listen>,

    /// Let --page listen where others on the network can connect, and ask browsers for the token that
    /// is in the address printed at the start
    #[cfg(feature = "page")]
    #[arg(long, requires = "page")]
    pub(crate) listen_anywhere: bool,

    /// Refuse requests with a larger body (413), and close on a larger Forward message
    #[arg(long, value_name = "BYTES")]
    pub(crate) max_body: Option<usize>,

    /// Append every record to this file, one JSON object per line; "-" is stdout (the summary then
    /// goes to stderr)
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    /// Keep ARCs and events in this file of SQLite, or in memory ("memory"); with --page and without this
    /// option in store.sqlite in $XDG_STATE_HOME/mona or ~/.local/state/mona
    #[cfg(feature = "store")]
    #[arg(long, value_name = "FILE", value_parser = str::parse::<Place>)]
    pub(crate) store: Option<Place>,

    /// Keep the store below this size: 500MB, 4GiB; the oldest ARCs go [default: 2GiB]
    #[cfg(feature = "store")]
    #[arg(long, value_name = "SIZE", value_parser = kept::size)]
    pub(crate) store_size: Option<u64>,

    /// Let ARCs go from the store so long after they began: 12h, 7d [default: never]
    #[cfg(feature = "store")]
    #[arg(long, value_name = "TIME", value_parser = kept::age)]
    pub(crate) store_age: Option<Duration>,

    /// Write every ARC with its merged fields to this new file, one JSON object per line
    #[arg(long, value_name = "FILE")]
    pub(crate) arcs: Option<PathBuf>,

    /// Show records on standard output as they come: human or json, as lines of --out
    #[arg(long, value_name = "FORM", num_args = 0..=1, default_missing_value = "human", value_enum)]
    pub(crate) tail: Option<tail::Form>,

    /// Also show each KAPI per value of this field, "detect.label" for one of sub-contexts of class
    /// detect; repeatable
    #[arg(long, value_name = "DIMENSION")]
    pub(crate) by: Vec<String>,

    /// Sum up on a screen: means alone, for each --by its values side by side, and for two of them the
    /// change, unless that may be chance
    #[arg(long)]
    pub(crate) brief: bool,

    /// Write the addresses to this file, one per line, as soon as connections are accepted
    #[arg(long, value_name = "FILE")]
    pub(crate) port_file: Option<PathBuf>,

    /// Exit when every connection is closed and nothing arrived for SECONDS [default: 1]; waits for a
    /// first connection
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "1", value_parser = seconds)]
    pub(crate) exit_when_idle: Option<Duration>,

    /// Refuse what this server refuses: fluent-bit (5.1), fluentd (1.18), otel (fluent_forward of contrib
    /// 0.165), victorialogs (1.52, HTTP alone). Settings follow behind colons. fluent-bit:
    /// buffer-max-size=BYTES, mem-buf-limit=BYTES, drain=BYTES a second, full-for=TIME, tls-delay=TIME,
    /// helo-delay=TIME; fluentd: chunk-size-limit=BYTES, output=json|msgpack; otel: connections=N. Sets
    /// --helo
    #[arg(long, value_name = "SERVER", default_value = "plain", value_parser = likeness)]
    pub(crate) like: Arc<dyn Likeness>,

    /// Misbehave: one fault per connection, separated by commas, the last one for all later ones:
    /// normal, accept-no-read, read-then-reset=BYTES, delay-ack=TIME, trickle=TIME, wrong-ack,
    /// wrong-ack-every=N, drop-ack, drop-ack-every=N, reset, reset-after=TIME, close-when-idle=TIME, garbage, http,
    /// half-ack, half-record; HTTP: status=CODE, followed by :first=N, :every=N,
    /// :to=events|login|refresh, :retry-after=SECONDS|date+SECONDS|date-SECONDS|garbage|negative|huge;
    /// REST: refuse-every=N; shared key: no-helo, close-after-ping, wrong-digest, reject-pong,
    /// own-hostname; without end: flood=WHAT, followed by :each=TIME for one byte at a time, and :status=CODE
    #[arg(long, value_name = "SCRIPT", value_parser = str::parse::<Script>)]
    pub(crate) fault: Option<Script>,
}

/// What the program does instead of listening.
#[cfg(feature = "store")]
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Read a file that --out wrote into a store
    Import(Import),
    /// Write what a store has into a file for other programs
    #[cfg(feature = "export")]
    Export(crate::export::Export),
}

/// The value of --forward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Forward {
    pub(crate) listen: Listen,
    pub(crate) tls: bool,
}

impl std::str::FromStr for Forward {
    type Err = String;

    fn from_str(text: &str) -> Result<Forward, String> {
        match text.strip_prefix("tls:") {
            None => text.parse().map(|listen| Forward { listen, tls: false }),
            Some(address) => {
                let listen = tcp(address.strip_prefix("//").unwrap_or(address))?;
                Ok(Forward { listen, tls: true })
            }
        }
    }
}

/// A socket that the command line asks for.
#[derive(Debug)]
pub(crate) struct Binding {
    pub(crate) option: &'static str,
    pub(crate) listen: Listen,
    pub(crate) secure: bool,
    pub(crate) http: bool,
}

impl Args {
    /// All sockets, in the order of the options.
    pub(crate) fn bindings(&self) -> Vec<Binding> {
        let forward = self.forward.iter().cloned().map(|Forward { listen, tls }| Binding {
            option: "--forward",
            listen,
            secure: tls,
            http: false,
        });
        let http = self.http.iter().cloned().map(|listen| Binding {
            option: "--http",
            listen,
            secure: false,
            http: true,
        });
        let https = self.https.iter().cloned().map(|listen| Binding {
            option: "--https",
            listen,
            secure: true,
            http: true,
        });
        let mut bindings: Vec<Binding> = forward.chain(http).chain(https).collect();
        if bindings.is_empty() {
            let listen = Listen::Address(([127, 0, 0, 1], 24224).into());
            bindings.push(Binding { option: "--forward", listen, secure: false, http: false });
        }
        bindings
    }

    /// What the store keeps.
    #[cfg(feature = "store")]
    pub(crate) fn retention(&self) -> Retention {
        Retention { bytes: self.store_size.unwrap_or(Retention::default().bytes), age: self.store_age }
    }

    /// Whether a page is asked for.
    #[cfg(feature = "store")]
    pub(crate) fn shows_page(&self) -> bool {
        #[cfg(feature = "page")]
        return self.page.is_some();
        #[cfg(not(feature = "page"))]
        return false;
    }

    /// Whether the address of the page has a token.
    pub(crate) fn has_token(&self) -> bool {
        #[cfg(feature = "page")]
        return self.listen_anywhere;
        #[cfg(not(feature = "page"))]
        return false;
    }

    /// Whether standard output is for lines of JSON alone.
    pub(crate) fn writes_to_stdout(&self) -> bool {
        self.out.as_deref() == Some(Path::new("-")) || self.tail == Some(tail::Form::Json)
    }
}

fn tcp(text: &str) -> Result<Listen, String> {
    match text.parse()? {
        Listen::Unix(_) => Err(format!("{text}: found a Unix socket, expected 127.0.0.1:8080")),
        listen => Ok(listen),
    }
}

/// Two parts; the second is a secret and in no sentence.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((first, second)) if !first.is_empty() => Ok((first.to_owned(), second.to_owned())),
        _ => Err("found no colon behind a name, expected two parts with a colon between them".to_owned()),
    }
}

fn helo(text: &str) -> Result<Helo, String> {
    match text {
        "fluentd" => Ok(Helo::Fluentd),
        "fluent-bit" => Ok(Helo::FluentBit),
        _ => Err(format!("{text}: found no known server, expected fluentd or fluent-bit")),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "expected a number of seconds such as 2 or 0.5".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Args, String> {
        Args::try_parse_from(line.split(' ')).map_err(|error| error.to_string())
    }

    #[test]
    fn the_line_of_the_readme() {
        let args = parse("mona-collector --forward 127.0.0.1:24224 --out arcs.ndjson --by label").unwrap();
        assert_eq!(args.forward, ["127.0.0.1:24224".parse().unwrap()]);
        let bindings = |line: &str| format!("{:?}", parse(line).unwrap().bindings());
        assert_eq!(bindings("mona-collector"), format!("{:?}", args.bindings()));
        assert_eq!((args.exit_when_idle, args.by), (None, vec!["label".to_owned()]));
    }

    #[test]
    fn every_socket_is_found() {
        let line = "c --https :1 --forward tls:localhost:2 --forward unix:/x --http [::1]:3 --tls-new ca.pem";
        let bindings = parse(line).unwrap().bindings();
        let bindings: Vec<(&str, bool)> =
            bindings.iter().map(|binding| (binding.option, binding.secure)).collect();
        let expected = [("--forward", true), ("--forward", false), ("--http", false), ("--https", true)];
        assert_eq!(bindings, expected);
        assert!(parse("c --http unix:/x").unwrap_err().contains("expected 127.0.0.1:8080"));
        assert!(parse("c --tls-cert x").unwrap_err().contains("--tls-key"));
    }

    #[test]
    fn keys_and_users() {
        let args = parse("c --shared-key k --user n:p:q --helo fluent-bit --api-key a:b").unwrap();
        let pair = |first: &str, second: &str| (first.to_owned(), second.to_owned());
        assert_eq!((args.user, args.helo), (vec![pair("n", "p:q")], Helo::FluentBit));
        assert_eq!(args.api_key, Some(pair("a", "b")));
        assert!(parse("c --shared-key k --helo other").unwrap_err().contains("expected fluentd or"));
        assert!(parse("c --user n:p").unwrap_err().contains("--shared-key"));
    }

    #[test]
    fn the_tail_is_for_people_unless_told_otherwise() {
        let tail = |line: &str| parse(line).map(|args| args.tail);
        assert_eq!(tail("c --tail").unwrap(), Some(tail::Form::Human));
        assert_eq!(tail("c --tail json --by x").unwrap(), Some(tail::Form::Json));
        assert!(tail("c --tail xml").unwrap_err().contains("human, json"));
    }

    #[test]
    fn idle_takes_a_number_or_none() {
        let idle = |line: &str| parse(line).map(|args| args.exit_when_idle);
        assert_eq!(idle("c --exit-when-idle").unwrap(), Some(Duration::from_secs(1)));
        assert_eq!(idle("c --exit-when-idle 0.5").unwrap(), Some(Duration::from_millis(500)));
        assert_eq!(idle("c --exit-when-idle --by x").unwrap(), Some(Duration::from_secs(1)));
        assert!(idle("c --exit-when-idle=-1").unwrap_err().contains("expected a number of seconds"));
    }

    #[test]
    #[cfg(feature = "page")]
    fn the_page_has_an_address_of_its_own() {
        let page = |line: &str| parse(line).map(|args| args.page.map(|page| format!("{page:?}")));
        assert_eq!(page("c").unwrap(), None);
        assert_eq!(page("c --page --by x").unwrap(), page("c --page 127.0.0.1:8724").unwrap());
        assert_eq!(page("c --page :0").unwrap(), page("c --page localhost:0").unwrap());
        assert!(parse("c --listen-anywhere").unwrap_err().contains("--page"));
    }

    #[test]
    fn a_wrong_address_or_script_says_what_is_expected() {
        assert!(parse("c --forward nowhere").unwrap_err().contains("expected 127.0.0.1:24224 or unix:/path"));
        assert!(parse("c --fault explode").unwrap_err().contains("explode: found no known fault"));
    }
}
