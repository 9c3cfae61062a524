//! Stacks: the thread's context as a value.

use super::raw::{FieldPtr, Handle, RawField, Status};
use super::{Client, checked, interface, text_in, text_out};

/// The value of a field without a key, as classes and timestamps are given.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the kinds are those of the header, which documents them")]
pub enum Given {
    /// No field at all.
    Absent,
    Null,
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Str(String),
    Json(String),
    /// A kind that there is not.
    Unknown(i32),
}

impl Given {
    fn lent<R>(&self, see: impl FnOnce(FieldPtr) -> R) -> R {
        let field = |kind, first: u64, len| {
            let value = [usize::try_from(first).expect("a machine of 64 bits"), len];
            RawField { key: std::ptr::null(), key_len: 0, kind, reserved: 0, value }
        };
        let field = match self {
            Given::Absent => return see(std::ptr::null()),
            Given::Null => field(1, 0, 0),
            Given::Bool(value) => field(2, u64::from(*value), 0),
            Given::I64(value) => field(3, value.cast_unsigned(), 0),
            Given::U64(value) => field(4, *value, 0),
            Given::F64(value) => field(5, value.to_bits(), 0),
            Given::Str(text) => field(6, text.as_ptr().addr() as u64, text.len()),
            Given::Json(text) => field(7, text.as_ptr().addr() as u64, text.len()),
            Given::Unknown(kind) => field(*kind, 0, 0),
        };
        see(&field)
    }
}

/// A `mona_stack`; the empty one is null.
pub struct Stack {
    handle: Handle,
}

// SAFETY: every function of the interface is safe on any thread at any time.
unsafe impl Send for Stack {}
// SAFETY: as above.
unsafe impl Sync for Stack {}

/// What stands where nothing was written.
const UNWRITTEN: usize = 1;

fn written(call: impl FnOnce(*mut Handle) -> Status) -> (Status, Stack) {
    let mut handle: Handle = std::ptr::without_provenance_mut(UNWRITTEN);
    let status = call(&mut handle);
    assert_ne!(handle.addr(), UNWRITTEN, "a move writes a stack whatever its answer, {status}");
    (status, Stack { handle })
}

fn client_handle(client: Option<&Client>) -> Handle {
    client.map_or(std::ptr::null_mut(), Client::handle)
}

impl Stack {
    /// The empty one.
    pub const EMPTY: Stack = Stack { handle: std::ptr::null_mut() };

    /// Whether it is the empty one.
    pub fn is_empty(&self) -> bool {
        self.handle.is_null()
    }

    /// Enters a main context.
    pub fn enter(
        &self,
        client: Option<&Client>,
        class: &Given,
        id: Option<&str>,
        time: &Given,
    ) -> (Status, u64, Stack) {
        let ((id, id_len), client) = (text_in(id), client_handle(client));
        let mut scope = 0;
        let (status, to) = written(|to| {
            class.lent(|class| {
                // SAFETY: readable fields and text, live handles and places for the results.
                time.lent(|time| unsafe {
                    (interface().stack_enter)(client, self.handle, class, id, id_len, time, &mut scope, to)
                })
            })
        });
        (status, scope, to)
    }

    /// Enters a sub-context.
    pub fn enter_sub(&self, class: &Given, id: Option<&str>) -> (Status, u64, Stack) {
        let (id, id_len) = text_in(id);
        let mut scope = 0;
        // SAFETY: a readable field and text, a live handle and places for the results.
        let enter = |class, to, scope: &mut u64| unsafe {
            (interface().stack_enter_sub)(self.handle, class, id, id_len, scope, to)
        };
        let (status, to) = written(|to| class.lent(|class| enter(class, to, &mut scope)));
        (status, scope, to)
    }

    /// Leaves a scope.
    pub fn leave(&self, scope: u64) -> (Status, Stack) {
        // SAFETY: a live handle and a place for the result.
        written(|to| unsafe { (interface().stack_leave)(self.handle, scope, to) })
    }

    /// Opens a main context without a matching leave.
    pub fn open(
        &self,
        client: Option<&Client>,
        class: &Given,
        id: Option<&str>,
        time: &Given,
    ) -> (Status, Stack) {
        let ((id, id_len), client) = (text_in(id), client_handle(client));
        written(|to| {
            class.lent(|class| {
                // SAFETY: readable fields and text, live handles and a place for the result.
                time.lent(|time| unsafe {
                    (interface().stack_open)(client, self.handle, class, id, id_len, time, to)
                })
            })
        })
    }

    /// Opens a sub-context without a matching leave.
    pub fn open_sub(&self, class: &Given, id: Option<&str>) -> (Status, Stack) {
        let (id, id_len) = text_in(id);
        // SAFETY: a readable field and text, a live handle and a place for the result.
        let open = |class, to| unsafe { (interface().stack_open_sub)(self.handle, class, id, id_len, to) };
        written(|to| class.lent(|class| open(class, to)))
    }

    /// Closes a sub-context by its id, or the last one.
    pub fn close_sub(&self, id: Option<&str>) -> (Status, Stack) {
        let (id, id_len) = text_in(id);
        // SAFETY: a live handle, readable text and a place for the result.
        written(|to| unsafe { (interface().stack_close_sub)(self.handle, id, id_len, to) })
    }

    /// Forgets the open context.
    pub fn reset(&self) -> (Status, Stack) {
        // SAFETY: a live handle and a place for the result.
        written(|to| unsafe { (interface().stack_reset)(self.handle, to) })
    }

    /// The full id of the open context.
    pub fn id(&self) -> Result<String, Status> {
        // SAFETY: a live handle, a buffer with its capacity and a place for the length.
        text_out(|buffer, cap, len| unsafe { (interface().stack_id)(self.handle, buffer, cap, len) })
    }

    /// Sends one event; whether it was taken.
    pub fn export(&self, json: &str, time: &Given) -> Result<bool, Status> {
        const UNWRITTEN: i32 = 7;
        let (json, len) = text_in(Some(json));
        let mut taken = UNWRITTEN;
        // SAFETY: a live handle, readable text and field, and a place for the answer.
        let status =
            time.lent(|time| unsafe { (interface().stack_export)(self.handle, json, len, time, &mut taken) });
        checked(status).inspect_err(|_| assert_eq!(taken, UNWRITTEN, "written with an error"))?;
        assert!(taken == 0 || taken == 1, "taken: {taken}");
        Ok(taken == 1)
    }

    /// Sends an array of events; the number accepted comes with either outcome.
    pub fn export_batch(&self, client: Option<&Client>, json: &str) -> (Status, usize) {
        let mut accepted = 0;
        let (json, len) = text_in(Some(json));
        let client = client_handle(client);
        // SAFETY: live handles, readable text and a place for the number.
        let status =
            unsafe { (interface().stack_export_batch)(client, self.handle, json, len, &mut accepted) };
        (status, accepted)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: the handle is owned and not used again.
        unsafe { (interface().stack_free)(self.handle) }
    }
}
