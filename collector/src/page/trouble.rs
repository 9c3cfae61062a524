//! Why a view cannot be shown, as a sentence a person can act on.

use axum::http::StatusCode;

use crate::store::{Failure, StoreError};

/// A view that cannot be shown.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) status: StatusCode,
    pub(crate) sentence: String,
}

impl Trouble {
    /// The address asks for something that makes no sense.
    pub(crate) fn wrong(sentence: impl Into<String>) -> Trouble {
        Trouble { status: StatusCode::BAD_REQUEST, sentence: sentence.into() }
    }

    /// What is asked for is not there.
    pub(crate) fn missing(sentence: impl Into<String>) -> Trouble {
        Trouble { status: StatusCode::NOT_FOUND, sentence: sentence.into() }
    }

    /// The store did not answer.
    pub(crate) fn failed(sentence: impl Into<String>) -> Trouble {
        Trouble { status: StatusCode::SERVICE_UNAVAILABLE, sentence: sentence.into() }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Trouble {
        let status = match error.kind {
            Failure::Late => StatusCode::GATEWAY_TIMEOUT,
            Failure::Unknown => StatusCode::NOT_FOUND,
            Failure::Newer | Failure::Taken | Failure::Broken => StatusCode::SERVICE_UNAVAILABLE,
        };
        Trouble { status, sentence: error.to_string() }
    }
}
