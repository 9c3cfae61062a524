//! What stands in the way at a path, in words that say more than the system's error number.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;

/// Why a socket at `path` could not be connected to.
pub(super) fn of_socket(path: &Path, error: &io::Error) -> String {
    let shown = path.display();
    let found = fs::metadata(path).map(|found| (found.file_type(), owner(&found)));
    match (error.raw_os_error(), found) {
        (Some(libc::ENOENT), _) => missing(path, "socket"),
        (Some(libc::EACCES | libc::EPERM), Ok((_, owner))) => {
            format!("no permission to write to the socket \"{shown}\" ({owner}{})", we_are())
        }
        (Some(libc::EACCES | libc::EPERM), Err(_)) => {
            format!("no permission to enter a folder of \"{shown}\"{}", before(&we_are()))
        }
        (_, Ok((kind, _))) if kind.is_dir() => format!("\"{shown}\" is a folder and no socket"),
        (_, Ok((kind, _))) if kind.is_fifo() => {
            format!("\"{shown}\" is a FIFO and no socket, file:// writes to one")
        }
        (_, Ok((kind, _))) if !kind.is_socket() => format!("\"{shown}\" is a file and no socket"),
        (Some(libc::ECONNREFUSED), _) => {
            format!("nobody listens at the socket \"{shown}\", whoever made it is gone")
        }
        (Some(libc::EPROTOTYPE), _) => format!("\"{shown}\" is a socket of datagrams and none of streams"),
        (Some(libc::EAGAIN), _) => {
            format!("whoever listens at the socket \"{shown}\" takes no more connections at the moment")
        }
        _ => format!("socket \"{shown}\": {error}"),
    }
}

/// Why a file at `path` could not be opened or written.
pub(super) fn of_file(path: &Path, error: &io::Error) -> String {
    let found = fs::metadata(path).map(|found| (found.file_type(), owner(&found)));
    match (error.raw_os_error(), found) {
        (Some(libc::ENOENT), _) => missing(path, "file"),
        (Some(libc::ENOTDIR), _) => "a part of its path is no folder".to_owned(),
        (Some(libc::EISDIR), _) => "it is a folder".to_owned(),
        (Some(libc::EACCES | libc::EPERM), Ok((_, owner))) => {
            format!("no permission to write to it ({owner}{})", we_are())
        }
        (Some(libc::EACCES | libc::EPERM), Err(_)) => {
            match folder(path).map(|folder| (folder, fs::metadata(folder))) {
                Some((folder, Ok(found))) => {
                    format!(
                        "no permission to make it in \"{}\" ({}{})",
                        folder.display(),
                        owner(&found),
                        we_are()
                    )
                }
                _ => format!("no permission to enter its folder{}", before(&we_are())),
            }
        }
        (Some(libc::EROFS), _) => "its file system is read-only".to_owned(),
        (Some(libc::ENOSPC), _) => "its disk is full".to_owned(),
        (Some(libc::EDQUOT), _) => "the disk quota is used up".to_owned(),
        _ => error.to_string(),
    }
}

/// The folder that `path` names; none where it names only a file.
fn folder(path: &Path) -> Option<&Path> {
    path.parent().filter(|folder| !folder.as_os_str().is_empty())
}

fn missing(path: &Path, what: &str) -> String {
    if fs::symlink_metadata(path).is_ok() {
        return format!("\"{}\" is a link that leads nowhere", path.display());
    }
    match folder(path).filter(|folder| !folder.exists()) {
        Some(folder) => {
            format!(
                "the folder \"{}\" does not exist, or this process cannot look into the one above",
                folder.display()
            )
        }
        None => format!("there is no {what} \"{}\"", path.display()),
    }
}

fn owner(found: &fs::Metadata) -> String {
    format!(
        "it belongs to user {} and group {}, mode {:04o}",
        found.uid(),
        found.gid(),
        found.mode() & 0o7777
    )
}

fn we_are() -> String {
    // SAFETY: the call takes nothing and answers a number.
    let user = unsafe { libc::geteuid() };
    // SAFETY: the same.
    let group = unsafe { libc::getegid() };
    format!("; this process is user {user}, group {group}")
}

/// The same in brackets of its own.
fn before(words: &str) -> String {
    format!(" ({})", words.trim_start_matches("; "))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixDatagram;

    use super::*;

    fn words(of: fn(&Path, &io::Error) -> String, path: &Path, number: i32) -> String {
        of(path, &io::Error::from_raw_os_error(number))
    }

    #[test]
    fn what_stands_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "").unwrap();
        symlink(at("nowhere"), at("link")).unwrap();
        let _socket = UnixDatagram::bind(at("socket")).unwrap();
        for (name, number, expected) in [
            ("none", libc::ENOENT, "there is no socket \""),
            ("none/none", libc::ENOENT, "the folder \""),
            ("link", libc::ENOENT, "is a link that leads nowhere"),
            ("file", libc::ECONNREFUSED, "is a file and no socket"),
            ("", libc::ECONNREFUSED, "is a folder and no socket"),
            ("socket", libc::ECONNREFUSED, "nobody listens at the socket"),
            ("socket", libc::EPROTOTYPE, "is a socket of datagrams"),
            ("socket", libc::EACCES, "no permission to write to the socket"),
            ("none", libc::EACCES, "no permission to enter a folder"),
            ("socket", libc::EAGAIN, "takes no more connections"),
            ("socket", libc::ENOBUFS, "socket \""),
        ] {
            let said = words(of_socket, &at(name), number);
            assert!(said.contains(expected), "{name}: {said}");
        }
        for (name, number, expected) in [
            ("none", libc::ENOENT, "there is no file \""),
            ("none/none", libc::ENOENT, "does not exist"),
            ("file/none", libc::ENOTDIR, "a part of its path is no folder"),
            ("", libc::EISDIR, "it is a folder"),
            ("file", libc::EACCES, "no permission to write to it (it belongs to user "),
            ("none", libc::EACCES, "no permission to make it in \""),
            ("file", libc::EROFS, "read-only"),
            ("file", libc::ENOSPC, "full"),
            ("file", libc::EDQUOT, "quota"),
            ("file", libc::EIO, "os error"),
        ] {
            let said = words(of_file, &at(name), number);
            assert!(said.contains(expected), "{name}: {said}");
        }
    }
}
