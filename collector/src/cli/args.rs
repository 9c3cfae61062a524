//! The command line.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use mona_collector::{Listen, Script};

/// Takes what instrumented programs export with libmona, writes every record to a file and, when it
/// ends, prints the ARC classes and KAPIs it saw.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Args {
    /// Listen for Fluent Forward on ADDRESS:PORT (port 0: any free port) or unix:/path; repeatable
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:24224", value_parser = str::parse::<Listen>)]
    pub forward: Vec<Listen>,

    /// Append every record to this file, one JSON object per line; "-" is stdout (the summary then
    /// goes to stderr)
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Write every ARC with its merged fields to this new file, one JSON object per line
    #[arg(long, value_name = "FILE")]
    pub arcs: Option<PathBuf>,

    /// Also show each KAPI per value of this field; repeatable
    #[arg(long, value_name = "DIMENSION")]
    pub by: Vec<String>,

    /// Write the addresses to this file, one per line, as soon as connections are accepted
    #[arg(long, value_name = "FILE")]
    pub port_file: Option<PathBuf>,

    /// Exit when every connection is closed and nothing arrived for SECONDS [default: 1]; waits for a
    /// first connection
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "1", value_parser = seconds)]
    pub exit_when_idle: Option<Duration>,

    /// Misbehave: one fault per connection, separated by commas, the last one for all later ones:
    /// normal, accept-no-read, read-then-reset=BYTES, delay-ack=TIME, wrong-ack, wrong-ack-every=N,
    /// drop-ack, drop-ack-every=N, reset, close-when-idle=TIME, garbage, http, half-ack
    #[arg(long, value_name = "SCRIPT", value_parser = str::parse::<Script>)]
    pub fault: Option<Script>,
}

impl Args {
    /// The values of --forward as text, for messages.
    pub fn forward_texts(&self) -> impl Iterator<Item = String> {
        self.forward.iter().map(|listen| match listen {
            Listen::Tcp => "127.0.0.1:0".to_owned(),
            Listen::Address(address) => address.to_string(),
            Listen::Unix(path) => format!("unix:{}", path.display()),
        })
    }

    pub fn writes_to_stdout(&self) -> bool {
        self.out.as_deref() == Some(Path::new("-"))
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
        assert_eq!((args.exit_when_idle, args.by), (None, vec!["label".to_owned()]));
        assert_eq!(parse("mona-collector").unwrap().forward, args.forward);
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
    fn a_wrong_address_or_script_says_what_is_expected() {
        assert!(parse("c --forward nowhere").unwrap_err().contains("expected 127.0.0.1:24224 or unix:/path"));
        assert!(parse("c --fault explode").unwrap_err().contains("explode: found no known fault"));
    }
}
