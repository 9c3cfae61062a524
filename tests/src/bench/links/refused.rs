//! Ten refused events among 20 200, against none: the time from the first export until nothing is left.

use std::io;
use std::time::Instant;

use super::served::{MARK, Served, name};
use crate::bench::figure::Figure;
use crate::ledger::event;
use crate::native::{Client, Context};

const EVENTS: u64 = 20_200;
const REFUSED: u64 = 10;
/// Long enough for a machine that does other things too.
const FLUSH_MS: u32 = 120_000;

/// Takes the ratio in some rounds, first and second turn about.
///
/// # Errors
///
/// When a server cannot be started, or an event is neither delivered nor refused.
pub fn measure(like: &str, http: bool, rounds: u32) -> io::Result<Vec<Figure>> {
    let (mut ratios, mut cleans, mut dirties) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let first = once(like, http, round % 2 == 0)?;
        let second = once(like, http, round % 2 != 0)?;
        let (dirty, clean) = if round % 2 == 0 { (first, second) } else { (second, first) };
        ratios.push(dirty / clean);
        cleans.push(clean * 1e3);
        dirties.push(dirty * 1e3);
    }
    let name = name(like, http);
    Ok(vec![
        figure(format!("refused.{name}.ratio"), ratios, "x"),
        figure(format!("refused.{name}.without.ms"), cleans, "ms"),
        figure(format!("refused.{name}.with.ms"), dirties, "ms"),
    ])
}

fn figure(name: String, mut values: Vec<f64>, unit: &str) -> Figure {
    values.sort_unstable_by(f64::total_cmp);
    let at =
        |part: usize| values.get((values.len().saturating_sub(1)) * part / 4).copied().unwrap_or_default();
    let rounds = u32::try_from(values.len()).unwrap_or_default();
    Figure { name, value: at(2), low: at(1), high: at(3), unit: unit.to_owned(), rounds }
}

/// Seconds until all are gone.
fn once(like: &str, http: bool, refused: bool) -> io::Result<f64> {
    let server = Served::start(like, http)?;
    let client = client(&server)?;
    let context = context(&client)?;
    // Something has to have been taken before a refusal means an event and not the server.
    export(&context, &event("main", EVENTS, 50))?;
    flush(&client)?;
    let every = EVENTS / REFUSED;
    let start = Instant::now();
    for n in 0..EVENTS {
        let mut text = event("main", n, 50);
        if refused && n % every == every / 2 {
            text.truncate(text.len() - 1);
            text.push_str(&format!(",\"mark\":\"{MARK}\"}}"));
        }
        export(&context, &text)?;
    }
    flush(&client)?;
    let took = start.elapsed().as_secs_f64();
    let stats = client.stats();
    let expected = if refused { REFUSED } else { 0 };
    if (stats.dropped_rejected, stats.delivered) != (expected, EVENTS + 1 - expected) {
        return Err(io::Error::other(format!("{like}: {expected} refused were expected, found {stats:?}")));
    }
    if refused {
        let (name, connections) = (name(like, http), server.connections());
        println!("refused {name}: {connections} connections, {} chunks sent", stats.chunks_sent);
    }
    Ok(took)
}

pub(super) fn client(server: &Served) -> io::Result<Client> {
    crate::native::load_release();
    let options = [("endpoint", server.endpoint.as_str()), ("event_id", "true")];
    Client::new(&options).map_err(|status| io::Error::other(format!("client: status {status}")))
}

pub(super) fn context(client: &Client) -> io::Result<Context> {
    client.context(None, None).map_err(|status| io::Error::other(format!("context: status {status}")))
}

pub(super) fn export(context: &Context, text: &str) -> io::Result<()> {
    context.export(text, 0.0).map_err(|status| io::Error::other(format!("export: status {status}")))
}

pub(super) fn flush(client: &Client) -> io::Result<()> {
    let flushed = client.flush(FLUSH_MS);
    flushed.map_err(|status| io::Error::other(format!("flush: status {status}, {:?}", client.stats())))
}
