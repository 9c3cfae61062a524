//! The way to post to one URL: the connection there is, and a new one where it is of no use any more.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::answer::Answer;
use super::body::Meanwhile;
use super::dial::Dialer;
use super::exchange::{Exchange, Patience};
use super::line::Line;
use super::request::{Form, Post};
use super::url::HttpUrl;
use crate::options::Settings;
use crate::transport::socket::Stream;
use crate::transport::tls::Tls;
use crate::transport::{Abort, Cause, Fault};

/// Posts to one URL.
pub(super) struct Caller {
    dialer: Dialer,
    form: Form,
    patience: Patience,
    connect_timeout: Duration,
    line: Option<Line>,
    /// Connections opened for a request, in place of one that had ended.
    replaced: u64,
}

impl Caller {
    /// A way to post to `url`, without a connection yet.
    pub(super) fn new(url: HttpUrl, settings: &Settings, tls: Option<Tls>, abort: &Arc<Abort>) -> Caller {
        let dialer = Dialer::new(url, settings, tls, abort);
        Caller {
            form: Form::new(dialer.url(), dialer.forwarding_proxy()),
            dialer,
            patience: Patience::of(settings),
            connect_timeout: settings.connect_timeout,
            line: None,
            replaced: 0,
        }
    }

    /// The same with the extra headers of the options in every request.
    pub(super) fn with_extra_headers(mut self, settings: &Settings) -> Caller {
        self.form.add_extra(settings);
        self
    }

    /// Connections opened in place of ended ones since the last call.
    pub(super) fn take_replaced(&mut self) -> u64 {
        std::mem::take(&mut self.replaced)
    }

    pub(super) fn url(&self) -> &HttpUrl {
        self.dialer.url()
    }

    /// The connection, when there is one.
    pub(super) fn line(&self) -> Option<&Line> {
        self.line.as_ref()
    }

    pub(super) fn connect(&mut self, deadline: Instant) -> Result<(), Fault> {
        if self.line.is_none() {
            self.adopt(self.dialer.dial(deadline)?);
        }
        Ok(())
    }

    pub(super) fn resolve(&self, deadline: Instant) -> Result<Vec<SocketAddr>, Fault> {
        self.dialer.resolve(deadline)
    }

    pub(super) fn open(&self, addresses: &[SocketAddr], deadline: Instant) -> Result<Stream, Fault> {
        self.dialer.connect(addresses, deadline)
    }

    pub(super) fn secure(&self, stream: Stream, deadline: Instant) -> Result<Stream, Fault> {
        self.dialer.secure(stream, deadline)
    }

    /// Makes `stream` the connection of the next request.
    pub(super) fn adopt(&mut self, stream: Stream) {
        self.line = Some(Line::new(stream));
    }

    /// Closes an idle connection that is of no use any more.
    pub(super) fn tend(&mut self, now: Instant) {
        self.line.take_if(|line| !line.is_quiet(now));
    }

    /// Posts and waits for the answer, whatever its status, until `deadline` where one is given. A
    /// connection that the server was just closing is replaced once. What is to be done `meanwhile` is done
    /// while the answer is awaited, or not at all.
    pub(super) fn post(
        &mut self,
        post: &Post<'_>,
        deadline: Option<Instant>,
        meanwhile: Option<Meanwhile>,
    ) -> Result<Answer, Fault> {
        let head = self.form.head(post)?;
        let exchange = Exchange {
            head: &head,
            body: post.body,
            asks_first: self.form.asks_first(),
            patience: self.patience,
            deadline,
        };
        // Whatever goes wrong with a request, its connection is not used again.
        let mut ready = self.line.take();
        ready.take_if(|line| !line.is_ready(Instant::now()));
        let mut line = match ready {
            Some(line) => line,
            None => self.replacement(deadline)?,
        };
        let mut answer = exchange.run(&mut line, meanwhile);
        let may_repeat = answer.as_ref().is_err_and(|fault| fault.cause == Cause::Connection)
            && line.met_the_end()
            && !self.dialer.abort().has_fired()
            && deadline.is_none_or(|deadline| Instant::now() < deadline);
        if may_repeat {
            line = self.replacement(deadline)?;
            answer = exchange.run(&mut line, None);
        }
        let (answer, serves_again) = answer?;
        self.line = serves_again.then_some(line);
        Ok(answer)
    }

    fn replacement(&mut self, deadline: Option<Instant>) -> Result<Line, Fault> {
        let until = Instant::now() + self.connect_timeout;
        let stream = self.dialer.dial(deadline.map_or(until, |deadline| deadline.min(until)))?;
        self.replaced += 1;
        Ok(Line::new(stream))
    }

    pub(super) fn disconnect(&mut self) {
        self.line = None;
    }

    pub(super) fn close(&mut self, deadline: Instant) {
        if let Some(line) = self.line.take() {
            line.finish(deadline);
        }
    }
}
