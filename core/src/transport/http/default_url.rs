//! Where records go when the options leave it open: paths, and Mona's own host.

use crate::config::{AuthMode, HttpFormat, Settings};
use crate::net::url::HttpUrl;
use crate::transport::TAG;

/// Where the export API listens on a host whose URL names no path.
const EXPORT_PATH: &str = "/export";
const UNAUTHENTICATED_PATH: &str = "/monaExport";

/// The path of an endpoint whose URL has none.
pub(super) fn default_path(settings: &Settings) -> String {
    match (settings.http_format, settings.auth_mode) {
        (HttpFormat::Records | HttpFormat::Lines, _) => format!("/{TAG}"),
        (HttpFormat::Mona, AuthMode::None) => UNAUTHENTICATED_PATH.to_owned(),
        (HttpFormat::Mona, _) => EXPORT_PATH.to_owned(),
    }
}

/// Mona's own host for a user.
pub(super) fn mona_url(user_id: &str, settings: &Settings) -> Option<HttpUrl> {
    let url = HttpUrl::of_host(&format!("incoming{user_id}.monalabs.io"))?;
    Some(url.or_path(&default_path(settings)))
}
