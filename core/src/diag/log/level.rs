//! The levels of log lines: numbers that hosts know, and the words for them.

/// Fine detail for the library's own developers.
pub const DEBUG: i32 = 10;
/// Normal events in the life of a client.
pub const INFO: i32 = 20;
/// Something a person may want to mend.
pub const WARNING: i32 = 30;
/// A call was refused or something was lost.
pub const ERROR: i32 = 40;

/// The word for a level in a printed line.
pub(super) fn name(level: i32) -> &'static str {
    match level {
        ..DEBUG => "trace",
        DEBUG..INFO => "debug",
        INFO..WARNING => "info",
        WARNING..ERROR => "warning",
        ERROR.. => "error",
    }
}
