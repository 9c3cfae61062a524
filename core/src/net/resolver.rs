//! Names to addresses, and services to the names of servers, on one thread each per process.
//!
//! The system's resolver can take minutes and cannot be interrupted. It is asked on a thread of its own,
//! `mona-resolver`, which all clients share; the name servers are asked for services on another one of that name.
//! Questions go there through one channel each, and each answer comes back through the asker's own. Whoever needs an
//! address waits for it with a deadline and falls back on the last good answer. Addresses in text form and `localhost`
//! ask nobody. A forked child has resolvers of its own, which know nothing yet.

mod names;

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::Abort;
use super::srv::{self, Service};
use crate::sys::fork::ForkLocal;
use crate::sys::kept::Placeholders;
use crate::sys::sync::lock;
use crate::sys::thread;
use names::Names;

/// Longest wait for one look-up. Resolvers try a dead name server for five seconds before the next one.
const BUDGET: Duration = Duration::from_secs(5);

/// Longest wait where an earlier answer can stand in; the rest of the time belongs to the connection.
const BUDGET_WITH_FALLBACK: Duration = Duration::from_secs(1);

/// How long the thread stays without work: a process that closed its clients keeps none.
const LINGER: Duration = Duration::from_secs(2);

/// How often a wait looks whether it was aborted.
const ABORT_LOOK: Duration = Duration::from_millis(50);

/// An answer about a service is good for this long at least, so that a fleet that loses its connections does not ask the
/// name servers for each of its attempts.
const LEAST_TTL: Duration = Duration::from_secs(5);

/// And at most: as long as a connection gets old, after which names are looked up again too.
const MOST_TTL: Duration = Duration::from_secs(300);

/// Questions that wait for the thread: more than a process has senders. What does not fit is not answered.
const MOST_QUESTIONS: usize = 64;

static RESOLVER: ForkLocal<Arc<Resolver<Vec<IpAddr>>>> = ForkLocal::new();

/// A slow host name keeps no service waiting.
static SERVICES: ForkLocal<Arc<Resolver<Service>>> = ForkLocal::new();

/// The addresses of `host` in the system's order, before `deadline` and within five seconds.
///
/// # Errors
/// The name has no address, or no answer came in time; neither where an earlier look-up succeeded.
pub(crate) fn addresses(
    host: &str,
    port: u16,
    deadline: Instant,
    abort: &Abort,
) -> io::Result<Vec<SocketAddr>> {
    let found = match known(host) {
        Some(addresses) => addresses,
        None => resolver(host).look_up(host, deadline, abort)?,
    };
    Ok(found.into_iter().map(|address| SocketAddr::new(address, port)).collect())
}

/// The servers of a service, before `deadline` and within five seconds; without a question while the last answer is
/// good.
///
/// # Errors
/// `NotFound` where DNS says that there are none, also where there were some before. Anything else where nobody could
/// be asked and no earlier look-up succeeded.
pub(crate) fn service(name: &str, deadline: Instant, abort: &Abort) -> io::Result<Service> {
    let services = services();
    let known = lock(&services.desk).names.known(name);
    if let Some((service, since)) = known
        && since.elapsed() < lifetime(&service)
    {
        return Ok(service);
    }
    services.look_up(name, deadline, abort)
}

/// Asks for the servers of a service without waiting. Nothing where that cannot be asked now.
pub(crate) fn ask_for_service(name: &str) -> Option<Receiver<Answer<Service>>> {
    services().ask_thread(name).ok()
}

/// How long an answer is taken for good.
pub(crate) fn lifetime(service: &Service) -> Duration {
    service.ttl.clamp(LEAST_TTL, MOST_TTL)
}

fn services() -> &'static Arc<Resolver<Service>> {
    SERVICES.get(|| Resolver::new(srv::look_up))
}

fn resolver(_host: &str) -> &'static Arc<Resolver<Vec<IpAddr>>> {
    #[cfg(test)]
    if _host.ends_with(tests::NEVER) {
        return tests::stuck();
    }
    RESOLVER.get(|| Resolver::new(system))
}

/// What needs no resolver. `localhost` is never asked for either, so that what may be sent in the clear to
/// this machine cannot be led elsewhere by a name server.
fn known(host: &str) -> Option<Vec<IpAddr>> {
    if host.eq_ignore_ascii_case("localhost") {
        return Some(vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()]);
    }
    host.parse().ok().map(|address| vec![address])
}

fn system(host: &str) -> io::Result<Vec<IpAddr>> {
    let mut found: Vec<IpAddr> = Vec::new();
    // The system's resolver opens what it likes: the host's words must not reach a name server.
    let _placeholders = Placeholders::hold();
    for address in (host, 0).to_socket_addrs()? {
        if !found.contains(&address.ip()) {
            found.push(address.ip());
        }
    }
    if found.is_empty() {
        Err(io::Error::new(io::ErrorKind::NotFound, "it has no address"))
    } else {
        Ok(found)
    }
}

type Ask<T> = fn(&str) -> io::Result<T>;

/// What a name stands for, or why nothing; one answer may go to several askers.
pub(crate) type Answer<T> = Result<T, (io::ErrorKind, String)>;

struct Question<T> {
    host: String,
    /// Has room for the one answer.
    answer: Sender<Answer<T>>,
}

/// What is asked for by name.
pub(crate) trait Named: Clone + Send + 'static {
    /// The answer that there is none ends what was known before; otherwise a resolver may be ill.
    const IS_ENDED_BY_NO: bool;
}

impl Named for Vec<IpAddr> {
    const IS_ENDED_BY_NO: bool = false;
}

impl Named for Service {
    const IS_ENDED_BY_NO: bool = true;
}

struct Resolver<T> {
    ask: Ask<T>,
    desk: Mutex<Desk<T>>,
}

struct Desk<T> {
    /// The way to the thread, while there is one.
    questions: Option<Sender<Question<T>>>,
    names: Names<T>,
}

impl<T: Named> Resolver<T> {
    fn new(ask: Ask<T>) -> Arc<Resolver<T>> {
        let desk = Desk { questions: None, names: Names::default() };
        Arc::new(Resolver { ask, desk: Mutex::new(desk) })
    }

    fn look_up(self: &Arc<Self>, host: &str, deadline: Instant, abort: &Abort) -> io::Result<T> {
        let last_good = lock(&self.desk).names.last_good(host);
        let budget = if last_good.is_some() { BUDGET_WITH_FALLBACK } else { BUDGET };
        let until = deadline.min(Instant::now() + budget);
        let answer = self.ask_thread(host).and_then(|answer| await_answer(&answer, until, abort));
        answer.or_else(|(kind, text)| {
            if T::IS_ENDED_BY_NO && kind == io::ErrorKind::NotFound {
                return Err(io::Error::new(kind, text));
            }
            // Of another asker, it may have come meanwhile.
            let last_good = last_good.or_else(|| lock(&self.desk).names.last_good(host));
            last_good.ok_or_else(|| io::Error::new(kind, text))
        })
    }

    /// Hands the question to the thread, which is started where there is none.
    fn ask_thread(self: &Arc<Self>, host: &str) -> Result<Receiver<Answer<T>>, (io::ErrorKind, String)> {
        let (answer, answered) = bounded(1);
        let question = Question { host: host.to_owned(), answer };
        // Sent under the lock: the thread ends under it, when no question waits.
        let mut desk = lock(&self.desk);
        let questions = match &desk.questions {
            Some(questions) => questions,
            None => {
                let (questions, asked) = bounded(MOST_QUESTIONS);
                let me = Arc::clone(self);
                thread::spawn("mona-resolver", move || me.serve(&asked))
                    .map_err(|error| (error.kind(), format!("the system has no thread left: {error}")))?;
                desk.questions.insert(questions)
            }
        };
        questions.try_send(question).map_err(|_| no_answer())?;
        Ok(answered)
    }

    /// The body of the thread: answers what is asked until nothing is for a while.
    fn serve(&self, asked: &Receiver<Question<T>>) {
        let mut waiting = VecDeque::new();
        loop {
            let Some(question) = waiting.pop_front().or_else(|| asked.recv_timeout(LINGER).ok()) else {
                let mut desk = lock(&self.desk);
                if asked.is_empty() {
                    desk.questions = None;
                    return;
                }
                continue;
            };
            // Also where nobody waits any more: behind a name that stalls, this is how another one becomes known.
            let answer = self.answer(&question.host);
            // Whoever asked the same meanwhile shares the answer.
            waiting.extend(asked.try_iter());
            let host = question.host.clone();
            waiting.push_front(question);
            waiting.retain(|question: &Question<T>| {
                let is_answered = question.host == host;
                if is_answered {
                    // An asker that is gone needs none.
                    let _ = question.answer.try_send(answer.clone());
                }
                !is_answered
            });
        }
    }

    fn answer(&self, host: &str) -> Answer<T> {
        // A panic in here would leave the others waiting for a thread that is gone.
        let found = std::panic::catch_unwind(|| (self.ask)(host))
            .unwrap_or_else(|_| Err(io::Error::other("a bug in libmona was contained")));
        match &found {
            Ok(answer) => lock(&self.desk).names.remember(host, answer),
            Err(error) if T::IS_ENDED_BY_NO && error.kind() == io::ErrorKind::NotFound => {
                lock(&self.desk).names.forget(host);
            }
            Err(_) => {}
        }
        found.map_err(|error| (error.kind(), error.to_string()))
    }
}

fn await_answer<T>(answer: &Receiver<Answer<T>>, until: Instant, abort: &Abort) -> Answer<T> {
    loop {
        let now = Instant::now();
        match answer.recv_deadline(until.min(now + ABORT_LOOK)) {
            Ok(answer) => return answer,
            Err(RecvTimeoutError::Timeout) if now < until && !abort.has_fired() => {}
            Err(_) => return Err(no_answer()),
        }
    }
}

fn no_answer() -> (io::ErrorKind, String) {
    (io::ErrorKind::TimedOut, "the name servers do not answer".to_owned())
}

#[cfg(test)]
pub(crate) mod tests;
