//! What arrives, as it comes: one line a record on standard output.
//!
//! For people cut to the width of the terminal, with colours only there; for programs as in the file of
//! records. It is a look and no delivery: who stops reading loses nothing but the look.

use std::io::{self, IsTerminal, Write};

use mona_collector::{Floats, Time};
use unicode_width::UnicodeWidthChar;

use crate::parts::Parts;
use crate::plain::{escape_json, push};

/// Characters of a line that is on no terminal: a field may be a megabyte.
const MAX_LINE: usize = 4 << 10;
/// Lines are written once so much is together, and at the end of each chunk.
const TOGETHER: usize = 64 << 10;
/// Letters of an id that tell it from others that are about.
const ID: usize = 8;
/// Columns for the class, so that most lines align.
const CLASS: usize = 20;
const DAY: i64 = 86_400;

/// How records are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Form {
    /// Time, class, context and fields
    Human,
    /// A line of --out
    Json,
}

pub(crate) struct Tail {
    form: Form,
    colours: bool,
    width: usize,
    lines: Vec<u8>,
    /// Nobody reads any more.
    gone: bool,
}

impl Tail {
    pub(crate) fn new(form: Form) -> Tail {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let plain = set("NO_COLOR").is_some() || set("TERM").is_some_and(|term| term == "dumb");
        let colours = io::stdout().is_terminal() && !plain;
        Tail { form, colours, width: MAX_LINE, lines: Vec::new(), gone: false }
    }

    /// A chunk begins: the terminal may have another width by now.
    pub(crate) fn begin(&mut self) {
        let stdout = io::stdout();
        let size = stdout.is_terminal().then(|| rustix::termios::tcgetwinsize(stdout)).and_then(Result::ok);
        self.width = size.map_or(MAX_LINE, |size| usize::from(size.ws_col)).clamp(1, MAX_LINE);
    }

    /// A record, with the class of its context where that is known.
    pub(crate) fn record(&mut self, parts: &Parts<'_>, class: Option<&str>, head: &[u8], time: Time) {
        if self.gone {
            return;
        }
        let from = self.lines.len();
        match self.form {
            Form::Json if parts.write_line(head, time, &mut self.lines).is_ok() => {
                escape_json(&mut self.lines, from);
            }
            // It is counted among those that could not be written.
            Form::Json => self.lines.truncate(from),
            Form::Human => {
                let mut line = Line::new(self.width, self.colours);
                human(parts, class, time, &mut line);
                self.lines.extend_from_slice(line.end().as_bytes());
                self.lines.push(b'\n');
            }
        }
        if self.lines.len() >= TOGETHER {
            self.end();
        }
    }

    /// The chunk is complete.
    pub(crate) fn end(&mut self) {
        let mut out = io::stdout().lock();
        self.gone |= out.write_all(&self.lines).and_then(|()| out.flush()).is_err();
        self.lines.clear();
        self.lines.shrink_to(2 * TOGETHER);
    }
}

fn human(parts: &Parts<'_>, class: Option<&str>, time: Time, line: &mut Line) {
    let second = time.seconds.rem_euclid(DAY);
    let mut clock = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    if time.nanoseconds > 0 {
        // Finer is what no eye follows.
        clock += &format!(".{:03}", time.nanoseconds / 1_000_000);
    }
    line.add(Style::Dim, &clock);
    let (Some(context), Some(message)) = (&parts.context, parts.message) else {
        let mut json = Vec::new();
        // What cannot be written is counted elsewhere.
        let _ = parts.whole.write_json(Floats::Null, &mut json);
        line.add(Style::Plain, "  ");
        line.add(Style::Plain, &String::from_utf8_lossy(&json));
        return;
    };
    line.add(Style::Plain, "  ");
    let before = line.used;
    line.add(Style::Class, class.unwrap_or("(no class)"));
    line.pad_to(before + CLASS);
    line.add(Style::Plain, "  ");
    for (at, segment) in context.splitn(3, '.').enumerate() {
        let end = segment.char_indices().nth(ID).map_or(segment.len(), |(end, _)| end);
        line.add(Style::Dim, if at > 0 { "." } else { "" });
        line.add(Style::Dim, segment.get(..end).unwrap_or_default());
    }
    let mut begins = false;
    let _ = message.each(|name, value| {
        if line.is_full() {
            return;
        }
        if &*name == b"MONA_ARC_CLASS" && class.is_some() {
            begins = true;
            return;
        }
        let mut json = Vec::new();
        if value.write_json(Floats::Null, &mut json).is_ok() {
            line.add(Style::Dim, "  ");
            line.add(Style::Dim, &String::from_utf8_lossy(&name));
            line.add(Style::Dim, "=");
            line.add(Style::Plain, &String::from_utf8_lossy(&json));
        }
    });
    if begins {
        line.add(Style::Dim, "  begins");
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Dim,
    Class,
}

/// A line that is cut where it would leave the terminal.
struct Line {
    text: String,
    used: usize,
    width: usize,
    colours: bool,
    cut: bool,
}

impl Line {
    fn new(width: usize, colours: bool) -> Line {
        Line { text: String::new(), used: 0, width, colours, cut: false }
    }

    fn is_full(&self) -> bool {
        self.cut
    }

    fn add(&mut self, style: Style, text: &str) {
        if self.cut || text.is_empty() {
            return;
        }
        let styled = self.colours && style != Style::Plain;
        if styled {
            self.text.push_str(if style == Style::Class { "\x1b[36m" } else { "\x1b[2m" });
        }
        let mut shown = String::new();
        // Marks without width pile up in one place: no more of them than the line has letters.
        for letter in text.chars().take(4 * self.width) {
            shown.clear();
            push(&mut shown, letter);
            let width: usize = shown.chars().map(|letter| letter.width().unwrap_or(0)).sum();
            // One column stays for the mark of the cut.
            if self.used + width >= self.width {
                self.text.push('…');
                self.cut = true;
                break;
            }
            self.used += width;
            self.text.push_str(&shown);
        }
        if styled {
            self.text.push_str("\x1b[0m");
        }
    }

    fn pad_to(&mut self, used: usize) {
        let blanks = " ".repeat(used.saturating_sub(self.used));
        self.add(Style::Plain, &blanks);
    }

    fn end(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mona_collector::View;
    use unicode_width::UnicodeWidthStr;

    fn shown(record: &str, class: Option<&str>, width: usize, colours: bool) -> String {
        let parts = Parts::of_record(View::Json(record.as_bytes())).unwrap();
        let mut line = Line::new(width, colours);
        human(&parts, class, Time { seconds: 86_400 + 3_661, nanoseconds: 0 }, &mut line);
        line.end()
    }

    #[test]
    fn a_record_is_one_line() {
        let record =
            r#"{"context":"0123456789ab.fedcba9876","message":{"score":0.5,"label":"cat","l":[1, 2]}}"#;
        assert_eq!(
            shown(record, Some("digits"), 200, false),
            r#"01:01:01  digits                01234567.fedcba98  score=0.5  label="cat"  l=[1,2]"#
        );
        let begins = r#"{"context":"a","message":{"MONA_ARC_CLASS":"digits"}}"#;
        assert_eq!(shown(begins, Some("digits"), 200, false), "01:01:01  digits                a  begins");
        assert_eq!(shown(r#"{"log": "x"}"#, None, 200, false), r#"01:01:01  {"log":"x"}"#);
    }

    #[test]
    fn nothing_leaves_the_width_or_the_line() {
        let hostile = "a\u{202e}\u{9b}31m日本語\u{301}\u{301}\\u001b[2J\\n";
        let record =
            format!(r#"{{"context":"{hostile}","message":{{"{hostile}":"{}"}}}}"#, hostile.repeat(50));
        for width in 1..120 {
            let line = shown(&record, Some(hostile), width, false);
            assert!(line.width() <= width, "{width}: {line}");
            assert!(!line.chars().any(mona_collector::is_hidden), "{line:?}");
            let coloured = shown(&record, Some(hostile), width, true);
            let plain =
                ["\x1b[36m", "\x1b[2m", "\x1b[0m"].iter().fold(coloured, |line, code| line.replace(code, ""));
            assert_eq!(plain, line);
        }
        assert!(shown(&record, None, 60, false).ends_with('…'));
        let marks = format!(r#"{{"context":"a","message":{{"m":"{}"}}}}"#, "\u{301}".repeat(100_000));
        assert!(shown(&marks, None, 80, false).chars().count() < 500);
    }
}
