//! The functions of the C interface as the built shared object exports them.
//!
//! The wrappers beside this file are the only callers. Signatures are written down a second time here,
//! by hand, so that a drift between the header and the object shows as a failing test and not as a
//! program that was compiled against both.

use std::ffi::{c_char, c_void};
use std::path::Path;

/// The number every fallible function answers with.
pub type Status = i32;

macro_rules! interface {
    ($($(#[$doc:meta])* fn $name:ident($($argument:ty),*) $(-> $result:ty)?;)*) => {
        /// The functions that tests written in Rust call, by their names without `mona_`.
        pub struct Interface {
            $(pub(super) $name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
            _object: libloading::Library,
        }

        impl Interface {
            /// Loads the shared object at `path`; the error names the file or the missing function.
            pub fn load(path: &Path) -> Result<Interface, String> {
                // SAFETY: the object is libmona, whose load-time code starts no thread and prints nothing.
                let object = unsafe { libloading::Library::new(path) }
                    .map_err(|error| format!("{}: {error}", path.display()))?;
                Ok(Interface {
                    $($name: {
                        // SAFETY: the type is that of the header's declaration.
                        let function = unsafe { object.get(concat!("mona_", stringify!($name)).as_bytes()) };
                        *function.map_err(|error| format!("{}: {error}", path.display()))?
                    },)*
                    _object: object,
                })
            }
        }
    };
}

/// A handle or an output the wrappers do not look into.
pub(super) type Handle = *mut c_void;
/// Text going in: always with its length.
pub(super) type Text = *const c_char;
/// Text coming out.
pub(super) type Buffer = *mut c_char;

/// A `mona_field` by its address; null for none.
pub(super) type FieldPtr = *const RawField;

/// `mona_field`, its value as two words: a number, or the address of a text and its length.
#[repr(C)]
pub(super) struct RawField {
    pub(super) key: Text,
    pub(super) key_len: usize,
    pub(super) kind: i32,
    pub(super) reserved: i32,
    pub(super) value: [usize; 2],
}

interface! {
    fn status_text(Status) -> Text;
    fn last_error(Buffer, usize, *mut usize) -> Status;
    fn options_new() -> Handle;
    fn options_set(Handle, Text, usize, Text, usize) -> Status;
    fn options_free(Handle);
    fn client_new(Handle, *mut Handle) -> Status;
    fn client_set_globals(Handle, Text, usize) -> Status;
    fn client_set_disabled(Handle, i32) -> Status;
    fn client_export_batch(Handle, Text, usize, *mut usize) -> Status;
    fn client_flush(Handle, u32) -> Status;
    fn client_close(Handle, u32) -> Status;
    fn client_free(Handle);
    fn client_stats(Handle, *mut Stats) -> Status;
    fn client_describe(Handle, Buffer, usize, *mut usize) -> Status;
    fn spool_list(Text, usize, Buffer, usize, *mut usize) -> Status;
    fn client_check(Handle, u32, Buffer, usize, *mut usize) -> Status;
    fn client_take(Handle, Buffer, usize, *mut usize) -> Status;
    fn client_set_default(Handle) -> Status;
    fn client_default() -> Handle;
    fn context_new(Handle, Text, usize, Text, usize, f64, *mut Handle) -> Status;
    fn context_new_sub(Handle, Text, usize, Text, usize, *mut Handle) -> Status;
    fn context_id(Handle, Buffer, usize, *mut usize) -> Status;
    fn context_export(Handle, Text, usize, f64) -> Status;
    fn context_free(Handle);
    fn current_enter(Text, usize, Text, usize, f64, *mut u64) -> Status;
    fn current_enter_sub(Text, usize, Text, usize, *mut u64) -> Status;
    fn current_leave(u64) -> Status;
    fn current_id(Buffer, usize, *mut usize) -> Status;
    fn current_export(Text, usize, f64) -> Status;
    fn current_export_batch(Text, usize, *mut usize) -> Status;
    fn current_open(Text, usize, Text, usize, f64) -> Status;
    fn current_open_sub(Text, usize, Text, usize) -> Status;
    fn current_close_sub(Text, usize) -> Status;
    fn current_reset() -> Status;
    fn stack_enter(Handle, Handle, FieldPtr, Text, usize, FieldPtr, *mut u64, *mut Handle) -> Status;
    fn stack_enter_sub(Handle, FieldPtr, Text, usize, *mut u64, *mut Handle) -> Status;
    fn stack_leave(Handle, u64, *mut Handle) -> Status;
    fn stack_open(Handle, Handle, FieldPtr, Text, usize, FieldPtr, *mut Handle) -> Status;
    fn stack_open_sub(Handle, FieldPtr, Text, usize, *mut Handle) -> Status;
    fn stack_close_sub(Handle, Text, usize, *mut Handle) -> Status;
    fn stack_reset(Handle, *mut Handle) -> Status;
    fn stack_id(Handle, Buffer, usize, *mut usize) -> Status;
    fn stack_export(Handle, Text, usize, FieldPtr, *mut i32) -> Status;
    fn stack_export_batch(Handle, Handle, Text, usize, *mut usize) -> Status;
    fn stack_free(Handle);
    fn log_take(*mut i32, Buffer, usize, *mut usize) -> Status;
}

/// `mona_stats`, in the order of the header.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the header, which documents them")]
pub struct Stats {
    pub size: usize,
    pub accepted: u64,
    pub delivered: u64,
    pub skipped_disabled: u64,
    pub skipped_filtered: u64,
    pub skipped_sampled: u64,
    pub dropped_queue_full: u64,
    pub dropped_too_big: u64,
    pub dropped_rejected: u64,
    pub dropped_spool: u64,
    pub dropped_closed: u64,
    pub queued_events: u64,
    pub queued_bytes: u64,
    pub spooled_events: u64,
    pub spooled_bytes: u64,
    pub chunks_sent: u64,
    pub chunks_acked: u64,
    pub chunks_resent: u64,
    pub connections: u64,
    pub connect_failures: u64,
    pub config_reloads: u64,
    pub worker_panics: u64,
    pub refused: u64,
    pub adopted_events: u64,
}

impl Stats {
    /// Accepted events that are lost, whatever the reason.
    pub fn dropped(&self) -> u64 {
        self.dropped_queue_full
            + self.dropped_too_big
            + self.dropped_rejected
            + self.dropped_spool
            + self.dropped_closed
    }

    /// Whether every accepted event is in exactly one place.
    pub fn balanced(&self) -> bool {
        self.accepted == self.delivered + self.dropped() + self.queued_events + self.spooled_events
    }
}
