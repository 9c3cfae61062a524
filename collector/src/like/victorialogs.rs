//! VictoriaLogs 1.52.1 at `/insert/jsonline`, as it was measured.
//!
//! It wants one record a line, whatever the content type says, and answers an array with 400. So every request of
//! a client that posts arrays is refused, which is a wrong configuration and not a wrong event.

use crate::server::likeness::{Likeness, Socket};

/// VictoriaLogs 1.52.
#[derive(Debug, Clone, Copy, Default)]
pub struct VictoriaLogs;

impl Likeness for VictoriaLogs {
    fn suits(&self, socket: Socket) -> Result<(), String> {
        match socket.http {
            true => Ok(()),
            false => Err("like victorialogs: found Forward, expected HTTP, which it speaks alone".to_owned()),
        }
    }

    fn wants_lines(&self) -> bool {
        true
    }
}
