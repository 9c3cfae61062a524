//! What libmona promises to be: a row for each quantity, with the figure that shows it, what it must be
//! and what is aimed at. The numbers are those of the project's performance targets; the rows keep them.

use super::figure::{Figure, Figures};

/// Whether small or large figures are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Good {
    /// At most the target.
    Small,
    /// At least the target.
    Large,
}

/// One target.
#[derive(Debug, Clone, Copy)]
pub struct Goal {
    /// The number of the quantity; several rows may be parts of one.
    pub number: &'static str,
    /// The quantity, for a reader.
    pub quantity: &'static str,
    /// The name of the figure.
    pub figure: &'static str,
    /// Which way is good.
    pub good: Good,
    /// What it must be.
    pub must: f64,
    /// What is aimed at, where that is more.
    pub aim: Option<f64>,
}

/// What a figure means for its goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// What was aimed at.
    Aim,
    /// What it must be, and nothing more is aimed at or it is not reached.
    Must,
    /// Less than it must be.
    Missed,
    /// There is no figure.
    Unknown,
}

impl Verdict {
    /// The word for it in a table.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Aim => "met aim",
            Verdict::Must => "met must",
            Verdict::Missed => "MISSED",
            Verdict::Unknown => "unknown",
        }
    }
}

/// A goal for a figure that is good when it is small.
pub(super) const fn small(
    number: &'static str,
    quantity: &'static str,
    figure: &'static str,
    must: f64,
    aim: Option<f64>,
) -> Goal {
    Goal { number, quantity, figure, good: Good::Small, must, aim }
}

/// A goal for a figure that is good when it is large.
pub(super) const fn large(
    number: &'static str,
    quantity: &'static str,
    figure: &'static str,
    must: f64,
    aim: Option<f64>,
) -> Goal {
    Goal { number, quantity, figure, good: Good::Large, must, aim }
}

/// The rows, in order.
pub const GOALS: &[Goal] = &[
    small(
        "1",
        "system calls by the caller, typed, in 100 000",
        "caller.system_calls.typed.steady",
        0.0,
        None,
    ),
    small("1", "system calls by the caller, JSON, in 100 000", "caller.system_calls.json.steady", 0.0, None),
    small(
        "1",
        "heap allocations by the caller, typed, in 100 000",
        "caller.allocations.typed.steady",
        0.0,
        None,
    ),
    small(
        "1",
        "heap allocations by the caller, JSON, in 100 000",
        "caller.allocations.json.steady",
        0.0,
        None,
    ),
    small("2", "instructions of a typed call", "typed.instructions", 780.0, Some(700.0)),
    small("2", "instructions of a JSON call", "json.instructions", 1480.0, Some(1400.0)),
    small("2", "instructions of opening and closing a context", "context.instructions", 4000.0, None),
    small(
        "3",
        "typed call against the IgnoredAny design",
        "typed.to_ignored_any.call.ratio",
        0.25,
        Some(0.18),
    ),
    large("3", "typed call faster than spdlog", "typed.faster_than_spdlog.call.ratio", 12.0, Some(20.0)),
    small("4", "JSON call against the IgnoredAny design", "json.to_ignored_any.call.ratio", 0.55, Some(0.35)),
    large("4", "JSON call faster than spdlog", "json.faster_than_spdlog.call.ratio", 5.0, Some(10.0)),
    small("5", "p99.9 of a typed call, raw", "typed.paced.p999_raw.ns", 500.0, Some(250.0)),
    small("5", "p99.9 of a JSON call, raw", "json.paced.p999_raw.ns", 800.0, Some(400.0)),
    large("6", "two threads against one, calls a second", "threads.two_to_one.ratio", 1.7, Some(1.9)),
    small(
        "7",
        "large event, typed, against the IgnoredAny design",
        "large_typed.to_large_ignored_any.call.ratio",
        0.25,
        None,
    ),
    small(
        "7",
        "large event, JSON, against the IgnoredAny design",
        "large_json.to_large_ignored_any.call.ratio",
        0.55,
        None,
    ),
    small(
        "8",
        "background CPU of an event, Forward with ack",
        "background.cpu_per_event.ns",
        40.0,
        Some(22.0),
    ),
    large("9", "end to end, Forward with ack, to ready-packed", "forward.end_to_end.ratio", 0.85, Some(0.95)),
    large("10", "end to end, HTTP, to ready-packed", "http.end_to_end.ratio", 0.85, Some(0.95)),
    small("11", "idle CPU above a sleeping process", "idle.connected.ms_per_s", 0.2, Some(0.05)),
    small("12", "first call on a new thread", "thread.first_call.us", 10.0, Some(3.0)),
    small("12", "memory after 300 threads came and went", "threads.300.memory.mb", 2.0, None),
    small("13", "overload above queue_bytes, nobody reads", "overload.unread.over_queue.mb", 4.0, None),
    small("13", "overload above queue_bytes, nobody listens", "overload.nobody.over_queue.mb", 4.0, None),
    // MiB in the targets: the programs print millions of bytes.
    small("13", "the same, all sizes, 4 threads", "overload.mixed_4_threads.over_queue.mb", 8.4, None),
    small("13", "the same, all sizes, 16 threads", "overload.mixed_16_threads.over_queue.mb", 16.8, None),
    small("13", "the same, all sizes, 64 threads", "overload.mixed_64_threads.over_queue.mb", 25.2, None),
    small("14", "disabled: a JSON call", "disabled.json.ns", 4.0, None),
    small("14", "disabled: a typed call", "disabled.fields.ns", 4.0, None),
    small("15", "opening and closing a context", "context.open_close.ns", 250.0, Some(150.0)),
    small("16", "shared object, stripped, with TLS", "shared_object.with_tls.mb", 2.8, Some(2.5)),
    small("16", "shared object, stripped, without TLS", "shared_object.without_tls.mb", 1.6, Some(1.4)),
    small(
        "17",
        "background CPU of an event over HTTP, changing values, to the base",
        "to_base.http.changing.cpu_per_event.ns",
        0.55,
        Some(0.45),
    ),
    small("17", "the same with floats of 17 digits", "to_base.http.digits.cpu_per_event.ns", 0.75, None),
    small("17a", "background CPU of an event over OTLP", "otlp.cpu_per_event.ns", 60.0, None),
    small(
        "18",
        "export through a stack, typed, to one through a handle",
        "stack_typed.to_typed.call.ratio",
        1.3,
        Some(1.1),
    ),
    small("18", "the same, JSON", "stack_json.to_json.call.ratio", 1.3, Some(1.1)),
    small("18", "a move of a stack: a main context, each of two", "stack_main.move.ns", 250.0, Some(150.0)),
    small("18", "the same: a part of one", "stack_sub.move.ns", 250.0, Some(150.0)),
    large(
        "20",
        "events a second into the spool while the collector is away, to null:",
        "spool.interval.to_null.rate.ratio",
        0.8,
        Some(0.95),
    ),
    small(
        "20",
        "background CPU of an event for it, above memory only",
        "spool.interval.cpu_above_memory.ns",
        20.0,
        Some(8.0),
    ),
    large("20", "bytes a second without syncs, to dd", "spool.none.to_dd.rate.ratio", 0.9, None),
    small(
        "21",
        "recovery of 64 MiB, to cat from the page cache",
        "spool.recovery.to_cat.ratio",
        3.0,
        Some(1.5),
    ),
    small("21", "the same", "spool.recovery.ms", 200.0, None),
    // MiB in the targets: the programs print millions of bytes.
    small("21", "memory of it, above a client without", "spool.recovery.memory.mb", 4.2, None),
    large("21", "draining a spool, to Forward from memory", "spool.drain.to_memory.rate.ratio", 0.9, None),
    small(
        "23",
        "JSON call, each field last in turn, slowest to fastest",
        "json.last_field.slowest_to_fastest.ratio",
        1.1,
        None,
    ),
    small(
        "24",
        "sender over TLS, to ready-packed bytes over OpenSSL",
        "tls.to_openssl.cpu.ratio",
        1.2,
        Some(1.0),
    ),
    small(
        "24",
        "sender with gzip, to zlib level 1 of the same bytes",
        "gzip.to_zlib.cpu.ratio",
        1.4,
        Some(1.2),
    ),
    small(
        "25",
        "a call on each of as many threads as processors, to one alone",
        "threads.most_to_one.call.ratio",
        1.3,
        None,
    ),
    small(
        "refused",
        "ten refused of 20 200 events over Forward, to none; the worst server",
        "refused.worst.tcp.ratio",
        2.0,
        None,
    ),
    small("refused", "the same over HTTP", "refused.worst.http.ratio", 2.0, None),
    large(
        "links",
        "events over connections that die after 2 s, to a whole link; the worst server",
        "links.worst.broken_to_whole.ratio",
        0.95,
        None,
    ),
    small("22", "collector: an event into --out, an ARC", "collector.out.one_arc.cpu.ns", 1380.0, None),
    small("22", "the same, 100 000 open ARCs", "collector.out.many_arcs.cpu.ns", 1380.0, None),
    small("22", "collector: an event into the store, an ARC", "collector.store.one_arc.cpu.ns", 2510.0, None),
    small("22", "the same, 100 000 open ARCs", "collector.store.many_arcs.cpu.ns", 2510.0, None),
    small("page", "the slowest view, 95 of 100 times", "collector.view.worst.p95.ms", 500.0, None),
    small(
        "page",
        "a KAPI by a dimension the first time, to DuckDB",
        "collector.by_to_duckdb.ratio",
        1.0,
        None,
    ),
    small("C++", "typed call by mona.hpp against the macros", "cpp_typed.to_typed.call.ratio", 1.05, None),
    small("C++", "opening and closing a context by it", "cpp_context.to_context.call.ratio", 1.05, None),
    small("filters", "typed call with ten drop rules against none", "filter.ten_drop_rules.ratio", 2.0, None),
];

impl Goal {
    /// The figure's row, when it was measured.
    pub fn figure<'f>(&self, figures: &'f Figures) -> Option<&'f Figure> {
        figures.get(self.figure)
    }

    /// How the figure stands to must and aim.
    pub fn verdict(&self, figures: &Figures) -> Verdict {
        let Some(figure) = self.figure(figures) else { return Verdict::Unknown };
        let reaches = |target: f64| match self.good {
            Good::Small => figure.value <= target,
            Good::Large => figure.value >= target,
        };
        if !reaches(self.must) {
            return Verdict::Missed;
        }
        if self.aim.is_some_and(reaches) { Verdict::Aim } else { Verdict::Must }
    }

    /// A target as text, with the sign of the way that is good.
    pub fn bound(&self, target: f64) -> String {
        match self.good {
            Good::Small => format!("≤ {target}"),
            Good::Large => format!("≥ {target}"),
        }
    }

    /// The figure in shares of what it must be: 1 is just met, above it is better for a large figure and
    /// worse for a small one. None where nothing at all is the target.
    pub fn share_of_must(&self, figures: &Figures) -> Option<f64> {
        let figure = self.figure(figures)?;
        (self.must > 0.0).then(|| figure.value / self.must)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::against::AGAINST_BASE;

    fn verdict(goal: &Goal, value: f64) -> Verdict {
        let mut figures = Figures::default();
        figures.add(Figure::once(goal.figure, value, "x"));
        goal.verdict(&figures)
    }

    #[test]
    fn verdicts_follow_must_and_aim_in_both_directions() {
        let cost = small("1", "cost", "cost", 10.0, Some(5.0));
        assert_eq!(verdict(&cost, 5.0), Verdict::Aim);
        assert_eq!(verdict(&cost, 7.0), Verdict::Must);
        assert_eq!(verdict(&cost, 10.1), Verdict::Missed);
        let speed = large("2", "speed", "speed", 2.0, None);
        assert_eq!(verdict(&speed, 2.0), Verdict::Must);
        assert_eq!(verdict(&speed, 1.9), Verdict::Missed);
        assert_eq!(speed.verdict(&Figures::default()), Verdict::Unknown);
    }

    #[test]
    fn every_row_has_a_figure_of_its_own() {
        for goals in [GOALS, AGAINST_BASE] {
            let mut names: Vec<_> = goals.iter().map(|goal| goal.figure).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), goals.len());
        }
    }
}
