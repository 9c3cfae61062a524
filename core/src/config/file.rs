//! Reading the config file: a bounded, never blocking read of one JSON object, and the identity by which
//! a change of the file is noticed.
//!
//! Called when a client is made and by the watch thread afterwards. Whatever stands at the path (nothing,
//! a FIFO, a device, a gigabyte, half a file) the answer is a file's content or one sentence about it.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};
use zeroize::Zeroizing;

use crate::config::secret::wipe;

use crate::sys::files::{self, State};
use crate::sys::kept::{self, Kept};

// Every option at its longest sensible value is a few KiB; this is room enough, and reading it stays
// cheap for a process that is being watched by an operator.
const MAX_BYTES: u64 = 64 * 1024;

/// The options of a config file as they were read, not yet checked.
#[derive(Clone, PartialEq, Default)]
pub(crate) struct ConfigFile {
    path: PathBuf,
    entries: Map<String, Json>,
}

impl ConfigFile {
    /// Reads the file at `path`; the error is a sentence for a log line.
    pub(crate) fn read(path: &Path) -> Result<ConfigFile, String> {
        let bytes = read_bytes(path).map_err(|found| sentence(path, &found))?;
        let entries = parse(&bytes).map_err(|found| sentence(path, &found))?;
        Ok(ConfigFile { path: path.to_owned(), entries })
    }

    /// Where it was read from.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What the file says about this option; JSON null says nothing.
    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        self.entries.get(name).filter(|json| !json.is_null())
    }

    /// Every key of the file in its order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }
}

impl Drop for ConfigFile {
    /// Some of the values are secrets.
    fn drop(&mut self) {
        self.entries.values_mut().for_each(wipe);
    }
}

impl fmt::Debug for ConfigFile {
    // Values stay out: some of them are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigFile").field("path", &self.path).field("options", &self.entries.len()).finish()
    }
}

/// One look at the config file: its content or what is wrong with it, and the identity it had just before.
///
/// The identity is taken first, so a change during the read shows up as a difference at the next look.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Snapshot {
    /// The identity before the content was read.
    pub identity: Option<State>,
    /// The content, or a sentence about why there is none.
    pub content: Result<ConfigFile, String>,
}

impl Snapshot {
    /// Looks at the file now.
    pub(crate) fn take(path: &Path) -> Snapshot {
        let identity = State::of(path);
        Snapshot { identity, content: ConfigFile::read(path) }
    }
}

fn sentence(path: &Path, found: &str) -> String {
    format!("config file {path:?}: {found}, a readable JSON object of at most 65536 bytes is expected")
}

fn read_bytes(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let file = open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "no permission to read it".to_owned(),
        _ => format!("cannot be opened ({error})"),
    })?;
    let metadata = file.metadata().map_err(|error| format!("cannot be examined ({error})"))?;
    if !metadata.is_file() {
        return Err("not a regular file".to_owned());
    }
    if metadata.len() > MAX_BYTES {
        return Err(format!("{} bytes", metadata.len()));
    }
    // With room for all of it: a vector that grows leaves what it held behind.
    let room = usize::try_from(MAX_BYTES + 1).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    // The file may grow between the two calls; one byte more than allowed is enough to see it.
    let read = file.ours().and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(|error| format!("cannot be read ({error})"))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err("more than 65536 bytes".to_owned());
    }
    Ok(bytes)
}

fn open(path: &Path) -> io::Result<Kept<File>> {
    kept::open(files::without_wait(OpenOptions::new().read(true)), path)
}

fn parse(bytes: &[u8]) -> Result<Map<String, Json>, String> {
    // Editors of some systems put a byte order mark in front.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err("an empty file".to_owned());
    }
    match serde_json::from_slice(bytes) {
        Ok(Json::Object(entries)) => Ok(entries),
        Ok(_) => Err("JSON that is not an object".to_owned()),
        Err(error) => Err(format!("invalid JSON at line {} column {}", error.line(), error.column())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    fn read_text(text: &[u8]) -> Result<ConfigFile, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mona.json");
        fs::write(&path, text).unwrap();
        ConfigFile::read(&path)
    }

    fn found(text: &[u8]) -> String {
        read_text(text).unwrap_err()
    }

    #[test]
    fn an_object_is_read_with_and_without_a_byte_order_mark() {
        for text in [&b"{\"user_id\": \"a\", \"port\": null}"[..], b"\xef\xbb\xbf{\"user_id\": \"a\"}\n"] {
            let file = read_text(text).unwrap();
            assert_eq!(file.get("user_id"), Some(&Json::from("a")));
            assert_eq!(file.get("port"), None);
        }
    }

    #[test]
    fn what_is_not_an_object_is_told_by_its_place() {
        assert!(found(b"").contains(": an empty file, "));
        assert!(found(b" \n").contains(": an empty file, "));
        assert!(found(b"[1]").contains(": JSON that is not an object, "));
        assert!(found(b"{\n\"disable_all\": tru").contains(": invalid JSON at line 2 column "));
        assert!(found(b"{\"a\": 1} x").contains(": invalid JSON at line 1 column "));
        assert!(found(b"\xff\xfe").contains(": invalid JSON at line 1 column "));
    }

    #[test]
    fn deep_nesting_is_refused_and_not_a_stack_overflow() {
        let text = format!("{{\"a\":{}", "[".repeat(60_000));
        assert!(found(text.as_bytes()).contains("invalid JSON"));
    }

    #[test]
    fn the_length_is_bounded() {
        let exact = format!("{{\"user_id\":\"{}\"}}", "x".repeat(65_536 - 14));
        assert_eq!(exact.len(), 65_536);
        assert!(read_text(exact.as_bytes()).is_ok());
        assert!(found(format!("{exact} ").as_bytes()).contains(": 65537 bytes, "));
    }

    #[test]
    fn a_sparse_gigabyte_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("big.json");
        File::create(&path).unwrap().set_len(1 << 30).unwrap();
        assert!(ConfigFile::read(&path).unwrap_err().contains(": 1073741824 bytes, "));
    }

    #[test]
    fn what_is_no_regular_file_is_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        for path in [fifo.as_path(), folder.path(), Path::new("/dev/zero")] {
            assert!(ConfigFile::read(path).unwrap_err().contains(": not a regular file, "), "{path:?}");
        }
    }

    #[test]
    fn a_missing_file_and_a_dangling_symlink_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gone.json");
        let expected = format!(
            "config file {path:?}: no such file, a readable JSON object of at most 65536 bytes is expected"
        );
        assert_eq!(ConfigFile::read(&path).unwrap_err(), expected);
        let link = folder.path().join("link.json");
        symlink(&path, &link).unwrap();
        assert!(ConfigFile::read(&link).unwrap_err().contains(": no such file, "));
        fs::write(&path, "{}").unwrap();
        assert!(ConfigFile::read(&link).is_ok());
    }

    #[test]
    fn debug_output_has_no_values() {
        let file = read_text(b"{\"shared_key\": \"hunter2\"}").unwrap();
        assert!(!format!("{file:?}").contains("hunter2"));
    }
}
