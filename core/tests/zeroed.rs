//! What an option held that is a secret stands in no memory that the library gives back.
//!
//! The allocator of this program looks at every piece that is freed. One test alone, because a program has one
//! allocator.
#![allow(clippy::unwrap_used)] // A step that fails fails the test.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mona::{Client, Options, Timestamp};

/// In the program's own text, so that the test holds no copy. Each file and option has an ending of its own.
const SECRET: &[u8] = b"hush-4711-";

struct Watching;

/// Pieces that were freed with the secret in them.
static FOUND: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promised; zeroes, so that no piece has what an earlier one left.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: the piece is the caller's until it is freed.
        let bytes = unsafe { std::slice::from_raw_parts(start, layout.size()) };
        if bytes.windows(SECRET.len()).any(|window| window == SECRET) {
            FOUND.fetch_add(1, Ordering::Relaxed);
        }
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(start, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// Makes a client, lets it work, and frees everything.
fn work(options: &[(&str, &str)]) {
    let mut set = Options::new();
    for (name, value) in options {
        set.set(name, "a value before").unwrap_or_default();
        set.set(name, value).unwrap();
    }
    let again = set.clone();
    drop(set);
    let client = Client::new(Some(&again)).unwrap();
    drop(again);
    let context = client.context(Some("A_CLASS"), None, Timestamp::Now).unwrap();
    context.export_json(br#"{"n": 1, "name": "x"}"#, Timestamp::Now).unwrap();
    let _ = client.flush(Duration::from_millis(100));
    let _ = client.describe();
    let _ = client.close(Duration::from_millis(300));
    drop(context);
    drop(client);
}

#[test]
fn no_secret_is_left_in_memory_that_was_freed() {
    let seen = || FOUND.swap(0, Ordering::Relaxed);
    drop(String::from_utf8(SECRET.to_vec()));
    assert!(seen() > 0, "else the allocator does not see what is freed");

    work(&[
        ("endpoint", "tcp://127.0.0.1:1"),
        ("shared_key", "hush-4711-a"),
        ("username", "hush-4711-b"),
        ("password", "hush-4711-c"),
        ("hash_salt", "hush-4711-d"),
        ("hash_fields", "name"),
    ]);
    // The rules of the first client are forgotten with the thread's buffer, when it makes the next one.
    work(&[("endpoint", "null:")]);
    assert_eq!(seen(), 0, "options of Forward");

    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    std::fs::write(&config, b"{\"shared_key\": \"hush-4711-e\", \"password\": \"hush-4711-f\"}").unwrap();
    let path = config.to_str().unwrap();
    work(&[("endpoint", "tcp://127.0.0.1:1"), ("username", "somebody"), ("config_file", path)]);
    assert_eq!(seen(), 0, "the config file");

    // SAFETY: no other thread of this program looks at the environment now.
    unsafe { std::env::set_var("MONA_SHARED_KEY", "hush-4711-i") };
    assert!(seen() < 2, "the system's own copy");
    work(&[("endpoint", "tcp://127.0.0.1:1")]);
    assert_eq!(seen(), 0, "the environment");

    #[cfg(feature = "http")]
    {
        let mona =
            [("endpoint", "http://127.0.0.1:1"), ("http_format", "mona"), ("auth_url", "http://127.0.0.1:1")];
        let keys = [("api_key", "hush-4711-g"), ("api_secret", "hush-4711-h")];
        work(&[&mona[..], &keys].concat());
        assert_eq!(seen(), 0, "options of the REST export API");
    }
}
