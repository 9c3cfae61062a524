//! Why a view cannot be shown, as a sentence a person can act on.

use axum::http::StatusCode;

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
