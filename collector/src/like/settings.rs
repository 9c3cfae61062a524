//! The settings behind the name of a server: `name=value`, with colons between them.
//!
//! Every server of this folder reads its own from one; what is wrong is a sentence with what is expected.

use std::time::Duration;

/// A setting as it was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting<'a> {
    text: &'a str,
    pub(super) name: &'a str,
    value: &'a str,
}

/// All of them, in their order.
pub(super) fn read(text: &str) -> impl Iterator<Item = Setting<'_>> {
    text.split(':').filter(|part| !part.is_empty()).map(|text| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        Setting { text, name, value }
    })
}

impl Setting<'_> {
    /// Its value as a number.
    pub(super) fn number(self) -> Result<usize, String> {
        self.value.parse().map_err(|_| self.wrong("a number"))
    }

    /// Its value in bytes: `128000`, `128k` or `5M`, in steps of 1024 as Fluent Bit counts them.
    pub(super) fn bytes(self) -> Result<usize, String> {
        let (number, unit) = match self.value.strip_suffix(['k', 'K']) {
            Some(number) => (number, 1 << 10),
            None => match self.value.strip_suffix(['m', 'M']) {
                Some(number) => (number, 1 << 20),
                None => (self.value, 1),
            },
        };
        let bytes = number.parse::<usize>().ok().and_then(|number| number.checked_mul(unit));
        bytes.ok_or_else(|| self.wrong("bytes such as 128000, 128k or 5M"))
    }

    /// Its value as a time.
    pub(super) fn time(self) -> Result<Duration, String> {
        let (number, unit) = match self.value.strip_suffix("ms") {
            Some(number) => (number, 0.001),
            None => (self.value.strip_suffix('s').unwrap_or(self.value), 1.0),
        };
        let seconds = number.parse::<f64>().ok().map(|number| number * unit);
        let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        time.ok_or_else(|| self.wrong("a time such as 600ms or 2s"))
    }

    /// Which of two words its value is.
    pub(super) fn is(self, yes: &str, no: &str) -> Result<bool, String> {
        match self.value {
            value if value == yes => Ok(true),
            value if value == no => Ok(false),
            _ => Err(self.wrong(&format!("{yes} or {no}"))),
        }
    }

    /// There is no such setting.
    pub(super) fn unknown(self, known: &str) -> String {
        format!("{}: found no known setting, expected one of {known}", self.text)
    }

    fn wrong(self, expected: &str) -> String {
        format!("{}: found \"{}\", expected {expected}", self.text, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_in_every_form() {
        let one = |text: &'static str| read(text).next().unwrap();
        assert_eq!(one("a=7").number(), Ok(7));
        assert_eq!(["a=7", "a=128k", "a=5M"].map(|text| one(text).bytes().unwrap()), [7, 131_072, 5_242_880]);
        assert_eq!(one("a=600ms").time(), Ok(Duration::from_millis(600)));
        assert_eq!(one("a=1.5s").time(), Ok(Duration::from_millis(1500)));
        assert_eq!((one("a=x").is("x", "y"), one("a=y").is("x", "y")), (Ok(true), Ok(false)));
        assert_eq!(read("").count(), 0);
        assert_eq!(read("a=1:b=2").map(|setting| setting.name).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(one("a=z").is("x", "y").unwrap_err(), "a=z: found \"z\", expected x or y");
        for wrong in
            [one("a=").bytes().err(), one("a=9999999999999999M").bytes().err(), one("a=-1s").time().err()]
        {
            assert!(wrong.unwrap().starts_with("a="));
        }
    }
}
