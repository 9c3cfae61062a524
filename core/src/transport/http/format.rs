//! In which form a transport posts its events, and what it has to know for it.

use std::sync::Arc;

use super::body::Shape;
use super::otlp;
use super::token::Tokens;
use crate::config::{Compress, HttpFormat, NO_USER, Settings};
use crate::net::Abort;
use crate::net::tls::Tls;

pub(super) enum Format {
    /// Nothing but the shape of a body counts.
    Plain(Shape),
    Mona {
        /// `None` where no token is wanted.
        tokens: Option<Box<Tokens>>,
        /// The user and the URL are the token's where the options name none.
        user_id: Option<String>,
    },
}

impl Format {
    /// What `http_format` names. `tls` is that of the collector.
    pub(super) fn of_settings(settings: &Arc<Settings>, tls: Option<&Tls>, abort: &Arc<Abort>) -> Format {
        let gzip = settings.compress == Compress::Gzip;
        match settings.http_format {
            HttpFormat::Records => Format::Plain(Shape::Records { gzip }),
            HttpFormat::Lines => Format::Plain(Shape::Lines { gzip }),
            HttpFormat::Mona => Format::Mona {
                tokens: Tokens::new(settings, tls.map(Tls::of_others), abort).map(Box::new),
                user_id: Some(settings.user_id.clone()).filter(|id| id != NO_USER),
            },
        }
    }

    /// OTLP of the client `instance`.
    pub(super) fn otlp(settings: &Settings, instance: &str) -> Format {
        let gzip = settings.compress == Compress::Gzip;
        Format::Plain(Shape::Otlp { envelope: otlp::envelope(settings, instance), gzip })
    }

    pub(super) fn shape(&self) -> Shape {
        match self {
            Format::Plain(shape) => shape.clone(),
            Format::Mona { user_id, .. } => {
                Shape::Mona { user_id: user_id.as_deref().unwrap_or(NO_USER).to_owned() }
            }
        }
    }
}
