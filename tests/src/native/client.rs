//! Clients and contexts as owned handles.
//!
//! Both may be used by many threads at once, as the interface promises. A `Client` that was made
//! default is not freed when it is dropped, because the library keeps serving it.

use super::raw::{self, Handle, Stats, Status};
use super::{checked, interface, text_in, text_out};

/// A `mona_client`.
pub struct Client {
    handle: Handle,
    owned: bool,
}

// SAFETY: every function of the interface is safe on any thread at any time.
unsafe impl Send for Client {}
// SAFETY: as above.
unsafe impl Sync for Client {}

impl Client {
    pub(super) fn handle(&self) -> Handle {
        self.handle
    }

    /// A client with these options; a wrong option is answered with its status.
    pub fn new(options: &[(&str, &str)]) -> Result<Client, Status> {
        let interface = interface();
        // SAFETY: takes nothing.
        let made = unsafe { (interface.options_new)() };
        let outcome = options.iter().try_for_each(|(name, value)| {
            let ((name, name_len), (value, value_len)) = (text_in(Some(name)), text_in(Some(value)));
            // SAFETY: both texts are readable for their lengths.
            checked(unsafe { (interface.options_set)(made, name, name_len, value, value_len) })
        });
        let client = outcome.and_then(|()| {
            let mut handle: Handle = std::ptr::null_mut();
            // SAFETY: `made` is a live options handle and `handle` a place for the result.
            checked(unsafe { (interface.client_new)(made, &mut handle) })?;
            Ok(Client { handle, owned: true })
        });
        // SAFETY: `made` came from options_new and is not used again.
        unsafe { (interface.options_free)(made) };
        client
    }

    /// The default client, made from the environment when there is none yet.
    pub fn default_client() -> Option<Client> {
        // SAFETY: takes nothing.
        let handle = unsafe { (interface().client_default)() };
        (!handle.is_null()).then_some(Client { handle, owned: false })
    }

    /// Makes this the default client; from then on dropping it frees nothing.
    pub fn set_default(&mut self) -> Result<(), Status> {
        // SAFETY: a live client.
        checked(unsafe { (interface().client_set_default)(self.handle) })?;
        self.owned = false;
        Ok(())
    }

    /// Sets the globals, or unsets them.
    pub fn set_globals(&self, json: Option<&str>) -> Result<(), Status> {
        let (json, len) = text_in(json);
        // SAFETY: a live client and readable text.
        checked(unsafe { (interface().client_set_globals)(self.handle, json, len) })
    }

    /// Presses or releases the Big Red Button.
    pub fn set_disabled(&self, disabled: bool) -> Result<(), Status> {
        // SAFETY: a live client.
        checked(unsafe { (interface().client_set_disabled)(self.handle, i32::from(disabled)) })
    }

    /// Exports an array of events; the number accepted comes with either outcome.
    pub fn export_batch(&self, json: &str) -> (Status, usize) {
        let mut accepted = 0;
        let (json, len) = text_in(Some(json));
        // SAFETY: a live client, readable text and a place for the number.
        let status = unsafe { (interface().client_export_batch)(self.handle, json, len, &mut accepted) };
        (status, accepted)
    }

    /// Waits until everything accepted so far is delivered.
    pub fn flush(&self, timeout_ms: u32) -> Result<(), Status> {
        // SAFETY: a live client.
        checked(unsafe { (interface().client_flush)(self.handle, timeout_ms) })
    }

    /// Flushes, then stops.
    pub fn close(&self, timeout_ms: u32) -> Result<(), Status> {
        // SAFETY: a live client.
        checked(unsafe { (interface().client_close)(self.handle, timeout_ms) })
    }

    /// The counters.
    pub fn stats(&self) -> Stats {
        let mut stats = Stats { size: size_of::<Stats>(), ..Stats::default() };
        // SAFETY: a live client and a place that is as large as it says.
        let status = unsafe { (interface().client_stats)(self.handle, &mut stats) };
        assert_eq!(status, super::status::OK, "mona_client_stats: {}", super::last_error());
        stats
    }

    /// Every option, its value and where it came from, as JSON.
    pub fn describe(&self) -> Result<String, Status> {
        // SAFETY: a live client and a buffer with its capacity.
        text_out(|buffer, cap, len| unsafe { (interface().client_describe)(self.handle, buffer, cap, len) })
    }

    /// The steps to the collector and how they went, as JSON; it is written with either outcome.
    pub fn check(&self, timeout_ms: u32) -> (Status, String) {
        let mut buffer = vec![0_u8; 16 * 1024];
        let (cap, mut len) = (buffer.len(), 0);
        let start = buffer.as_mut_ptr().cast();
        // SAFETY: a live client, a buffer with its capacity and a place for the length.
        let status = unsafe { (interface().client_check)(self.handle, timeout_ms, start, cap, &mut len) };
        buffer.truncate(len);
        (status, String::from_utf8(buffer).expect("text from libmona is UTF-8"))
    }

    /// The oldest delivered record of a `memory:` endpoint.
    pub fn take(&self) -> Result<String, Status> {
        // SAFETY: a live client and a buffer with its capacity.
        text_out(|buffer, cap, len| unsafe { (interface().client_take)(self.handle, buffer, cap, len) })
    }

    /// A main context that opens now.
    pub fn context(&self, arc_class: Option<&str>, context_id: Option<&str>) -> Result<Context, Status> {
        self.context_at(arc_class, context_id, 0.0)
    }

    /// A main context with a timestamp for its class record.
    pub fn context_at(
        &self,
        arc_class: Option<&str>,
        context_id: Option<&str>,
        timestamp: f64,
    ) -> Result<Context, Status> {
        let ((class, class_len), (id, id_len)) = (text_in(arc_class), text_in(context_id));
        let mut handle: Handle = std::ptr::null_mut();
        // SAFETY: a live client, readable texts and a place for the result.
        checked(unsafe {
            (interface().context_new)(self.handle, class, class_len, id, id_len, timestamp, &mut handle)
        })?;
        Ok(Context { handle })
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if self.owned {
            // SAFETY: the handle is owned and not used again.
            unsafe { (interface().client_free)(self.handle) }
        }
    }
}

/// A `mona_context`.
pub struct Context {
    handle: Handle,
}

// SAFETY: every function of the interface is safe on any thread at any time.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

impl Context {
    /// A sub-context.
    pub fn sub(&self, arc_class: Option<&str>, sub_context_id: Option<&str>) -> Result<Context, Status> {
        let ((class, class_len), (id, id_len)) = (text_in(arc_class), text_in(sub_context_id));
        let mut handle: Handle = std::ptr::null_mut();
        // SAFETY: a live context, readable texts and a place for the result.
        checked(unsafe {
            (interface().context_new_sub)(self.handle, class, class_len, id, id_len, &mut handle)
        })?;
        Ok(Context { handle })
    }

    /// The full id.
    pub fn id(&self) -> Result<String, Status> {
        // SAFETY: a live context and a buffer with its capacity.
        text_out(|buffer, cap, len| unsafe { (interface().context_id)(self.handle, buffer, cap, len) })
    }

    /// Sends one event.
    pub fn export(&self, json: &str, timestamp: f64) -> Result<(), Status> {
        let (json, len): (raw::Text, usize) = text_in(Some(json));
        // SAFETY: a live context and readable text.
        checked(unsafe { (interface().context_export)(self.handle, json, len, timestamp) })
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: the handle is owned and not used again.
        unsafe { (interface().context_free)(self.handle) }
    }
}
