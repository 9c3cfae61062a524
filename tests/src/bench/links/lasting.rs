//! Links whose every connection is reset after two seconds, against links that last: events delivered in the same
//! time, at a steady pace.
//!
//! All servers and both links of each are measured at once, as the pace leaves the machine most of its time.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use super::refused::{client, context, export, flush};
use super::served::{SERVERS, Served, name};
use crate::bench::figure::Figure;
use crate::ledger::event;
use crate::native::{Client, Context};

/// How long a connection of the broken link lasts.
const LIFETIME: Duration = Duration::from_secs(2);
/// Events in a turn of a millisecond.
const PACE: u64 = 3;
const TURN: Duration = Duration::from_millis(1);

struct Link {
    server: Served,
    client: Client,
    context: Context,
    delivered: u64,
}

impl Link {
    fn start(like: &str, http: bool, lifetime: Option<Duration>) -> io::Result<Link> {
        let server = Served::counting(like, http, lifetime)?;
        let client = client(&server)?;
        let context = context(&client)?;
        Ok(Link { server, client, context, delivered: 0 })
    }
}

/// Delivered over the broken link for each event delivered over the whole one, and what was lost.
///
/// # Errors
///
/// When a server cannot be started or something is left at the end.
pub fn measure(time: Duration) -> io::Result<Vec<Figure>> {
    let mut links = Vec::new();
    for (like, http) in SERVERS {
        let whole = Link::start(like, http, None)?;
        links.push((name(like, http), whole, Link::start(like, http, Some(LIFETIME))?));
    }
    let start = Instant::now();
    let mut turn = 0;
    while start.elapsed() < time {
        for n in turn * PACE..(turn + 1) * PACE {
            let text = event("main", n, 50);
            for (_, whole, broken) in &links {
                export(&whole.context, &text)?;
                export(&broken.context, &text)?;
            }
        }
        turn += 1;
        let next = TURN.saturating_mul(u32::try_from(turn).unwrap_or(u32::MAX));
        thread::sleep(next.saturating_sub(start.elapsed()));
    }
    for link in links.iter_mut().flat_map(|(_, whole, broken)| [whole, broken]) {
        link.delivered = link.client.stats().delivered;
    }
    let mut figures = Vec::new();
    for (name, whole, broken) in &links {
        let mut lost = 0;
        for link in [whole, broken] {
            flush(&link.client)?;
            let stats = link.client.stats();
            lost += stats.accepted - stats.delivered.min(link.server.events());
        }
        let share = broken.delivered as f64 / whole.delivered as f64;
        figures.push(Figure::once(&format!("links.{name}.broken_to_whole.ratio"), share, "x"));
        figures.push(Figure::once(&format!("links.{name}.lost.events"), lost as f64, "events"));
        let (resent, connections) = (broken.client.stats().chunks_resent, broken.server.connections());
        println!(
            "links {name}: {connections} connections, {resent} chunks sent again, {} events",
            whole.delivered
        );
    }
    Ok(figures)
}
