//! From the command line to the store, and from the connections into it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mona_collector::Chunk;
use mona_collector::store::{Incoming, Retention, Store, StoreError, default_path};

use crate::fresh::FreshIds;

/// Where a store lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Gone with the program.
    Memory,
    /// A file.
    File(PathBuf),
}

impl std::str::FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Place, String> {
        match text {
            "" => Err("found no name of a file, expected one, or memory".to_owned()),
            "memory" => Ok(Place::Memory),
            path => Ok(Place::File(path.into())),
        }
    }
}

/// Opens the store at a place, or that of the user where only a page is asked for; the error is a sentence that names the
/// option.
pub(crate) fn open(
    place: Option<&Place>,
    retention: Retention,
    shows_page: bool,
) -> Result<Option<Arc<Store>>, String> {
    let named = |error: StoreError| format!("--store {error}");
    match place {
        Some(place) => at(place, retention).map(Some).map_err(named),
        None if shows_page => {
            let path = default_path().map_err(named)?;
            at(&Place::File(path), retention).map(Some).map_err(named)
        }
        None => Ok(None),
    }
}

/// The store at a place.
pub(crate) fn at(place: &Place, retention: Retention) -> Result<Arc<Store>, StoreError> {
    match place {
        Place::Memory => Store::temporary_with(retention),
        Place::File(path) => Store::open(path, retention),
    }
}

/// Takes a chunk; when this returns it survives the end of the program.
pub(crate) fn take(store: &Store, chunk: &Chunk<'_>, fresh: &FreshIds) -> io::Result<()> {
    let entries = chunk.entries.iter().enumerate();
    store.take(entries.map(|(at, entry)| Incoming::of(chunk, entry, || fresh.of_message(at))))?;
    store.count("chunks", 1);
    Ok(())
}

/// `500MB`, `2GiB`, or bytes.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end).unwrap_or((text, ""));
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        "kib" | "k" => 1024.0,
        "mib" | "m" => 1024.0 * 1024.0,
        "gib" | "g" => 1024.0 * 1024.0 * 1024.0,
        _ => -1.0,
    };
    match number.parse::<f64>() {
        // Less has no room for what arrives at once.
        Ok(number) if number * factor >= 32e6 => Ok((number * factor) as u64),
        _ => Err("expected a size such as 500MB or 2GiB, at least 32MB".to_owned()),
    }
}

/// `90s`, `30m`, `12h`, `7d`.
pub(crate) fn age(text: &str) -> Result<Duration, String> {
    let wrong = || "expected a time such as 30m, 12h or 7d".to_owned();
    let unit = match text.chars().last() {
        Some('s') => 1.0,
        Some('m') => 60.0,
        Some('h') => 3_600.0,
        Some('d') => 86_400.0,
        _ => return Err(wrong()),
    };
    let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let number = number.parse::<f64>().ok().filter(|number| *number > 0.0);
    number.and_then(|number| Duration::try_from_secs_f64(number * unit).ok()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_have_units() {
        assert_eq!(
            ["150000000", "150.5MB", "2GiB", "3 g"].map(size),
            [Ok(150_000_000), Ok(150_500_000), Ok(2 << 30), Ok(3 << 30)]
        );
        for wrong in ["", "5", "31MB", "5 apples", "-3GB", "1e9", "nan"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
        assert_eq!(["90s", "30m", "7d"].map(|text| age(text).unwrap().as_secs()), [90, 1_800, 604_800]);
        for wrong in ["", "7", "d", "-1h", "0s", "7w", "1e300d"] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
    }
}
