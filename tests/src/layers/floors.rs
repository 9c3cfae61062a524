//! The floors of the three crates, top to bottom.
//!
//! Read by the test `layers`. A file stands on the floor of the first folder of its path (`queue.rs` and all
//! below `queue/` on the floor `queue`) and imports only from floors below. Inside one folder, order is free
//! as long as no files run in a circle.

/// One floor: folders that know nothing of each other.
#[derive(Debug, Clone, Copy)]
pub struct Floor {
    /// Its folders; in a flat crate its files.
    pub names: &'static [&'static str],
    /// Why it lies here.
    pub reason: &'static str,
}

/// The order of one crate.
#[derive(Debug, Clone, Copy)]
pub struct Floors {
    /// The files that `cargo` compiles, each the root of a module tree, from the source folder.
    pub roots: &'static [&'static str],
    /// Files above all floors: they may import anything, and nothing imports from them.
    pub free: &'static [&'static str],
    /// Top to bottom.
    pub floors: &'static [Floor],
}

const fn floor(names: &'static [&'static str], reason: &'static str) -> Floor {
    Floor { names, reason }
}

/// The crate `mona`, in `core/src`.
pub const CORE: Floors = Floors {
    roots: &["lib.rs"],
    free: &["lib.rs", "fuzz.rs"],
    floors: &[
        floor(&["api"], "what lib.rs exports: handles, contexts, batches, the check"),
        floor(&["client"], "emits, lives and reloads; knows nothing of contexts"),
        floor(&["delivery"], "the sender takes from the queue and drives transports"),
        floor(&["spool"], "keeps chunks on disk; knows of no queue and no transport"),
        floor(&["queue"], "keeps encoded records and knows of no sender"),
        floor(&["transport"], "carries finished chunks of records to one endpoint"),
        floor(&["encode"], "makes records of fields and JSON; no sockets, no threads"),
        floor(&["net"], "sockets, TLS, names, URLs; speaks no protocol"),
        floor(&["config"], "options and where they come from"),
        floor(&["diag"], "errors, counters and the log, which every floor above tells"),
        floor(&["sys"], "the operating system, for everybody"),
    ],
};

/// The crate `mona-ffi`, in `ffi/src`: a file per noun.
pub const FFI: Floors = Floors {
    roots: &["lib.rs"],
    free: &["lib.rs"],
    floors: &[
        floor(
            &["context", "current", "stack", "stack_export", "stats"],
            "what programs export in, made by a client, and what it counts",
        ),
        floor(&["client", "moved"], "made with options; stacks as they cross the boundary"),
        floor(&["options", "field", "log", "last_error", "sentence", "spool", "version"], "one noun each"),
        floor(&["batch"], "what became of a batch of any noun, out"),
        floor(&["text"], "text of any noun, in and out"),
        floor(&["handle"], "pointers of any noun, in and out"),
        floor(&["guard"], "stands around every exported function and knows none of them"),
        floor(&["status", "panics", "abi"], "numbers and hooks that need nothing"),
    ],
};

/// The crate `mona-collector`, in `collector/src`: a library and, with a root of its own, the program.
pub const COLLECTOR: Floors = Floors {
    roots: &["lib.rs", "cli/main.rs"],
    free: &["lib.rs"],
    floors: &[
        floor(&["cli"], "the program: options in, files and a summary out"),
        floor(&["page"], "shows what is kept in a browser; hears nothing of sockets that take events"),
        floor(
            &["stats", "store", "ids"],
            "statistics of plain numbers; what is kept, written and asked for; which values are ids",
        ),
        floor(&["faults"], "tells the server what to do wrong and keeps what it took"),
        floor(&["like"], "what servers of the world refuse; asked by the server through a trait"),
        floor(&["server"], "serves connections and tells a sink; knows no script and keeps nothing"),
        floor(&["proto"], "bytes to chunks of records and back, without a socket"),
    ],
};
