//! What can be known to be wrong with the options for HTTP before a connection is made.

use super::default_url::mona_url;
use super::token;
use crate::config::{AuthMode, HttpFormat, NO_USER, Settings};
use crate::diag::error::Result;
use crate::net::url::HttpUrl;
use crate::transport::wrong_option::wrong_option;

/// Refuses options that can never work, and secrets that would cross a network in the clear. `url` is the
/// endpoint's, `None` for Mona's own.
///
/// # Errors
/// The option to change.
pub(crate) fn check(url: Option<&HttpUrl>, settings: &Settings) -> Result<()> {
    if settings.http_format != HttpFormat::Mona {
        return Ok(());
    }
    let has_user = settings.user_id != NO_USER;
    if url.is_none() && has_user && mona_url(&settings.user_id, settings).is_none() {
        let found = format!("\"{}\", which is no part of a host name", settings.user_id);
        return Err(wrong_option("user_id", &found, "letters, digits and \"-\", or an endpoint"));
    }
    if settings.auth_mode == AuthMode::None {
        if !has_user {
            return Err(wrong_option("user_id", "it is not set", "the id of your account"));
        }
        return Ok(());
    }
    if settings.auth_mode == AuthMode::Oidc && settings.auth_url.is_none() {
        return Err(wrong_option(
            "auth_url",
            "it is not set with auth_mode \"oidc\"",
            "the URL of your token server",
        ));
    }
    for (name, secret) in [("api_key", &settings.api_key), ("api_secret", &settings.api_secret)] {
        if secret.is_empty() {
            return Err(wrong_option(
                name,
                "it is not set with http_format \"mona\"",
                "a value, or auth_mode \"none\"",
            ));
        }
    }
    let (login, refresh) = token::urls(settings).unwrap_or_default();
    for (name, text) in [("auth_url", Some(login)), ("refresh_url", refresh)] {
        let Some(text) = text else { continue };
        let url = HttpUrl::parse(text).ok_or_else(|| {
            let found = "it is no URL that can be used";
            wrong_option(name, found, "https://HOST[:PORT][/PATH], without a user or a fragment,")
        })?;
        refuse_in_the_clear(name, &url)?;
    }
    url.map_or(Ok(()), |url| refuse_in_the_clear("endpoint", url))
}

/// Whether tokens come from somewhere over TLS.
pub(crate) fn tokens_need_tls(settings: &Settings) -> bool {
    let Some((login, refresh)) = token::urls(settings).filter(|_| settings.http_format == HttpFormat::Mona)
    else {
        return false;
    };
    [Some(login), refresh].into_iter().flatten().any(|url| HttpUrl::parse(url).is_some_and(|url| url.is_tls))
}

/// Keys and tokens are good for whoever reads them.
fn refuse_in_the_clear(name: &str, url: &HttpUrl) -> Result<()> {
    if url.is_tls || url.is_loopback() {
        return Ok(());
    }
    let found = format!("{url}, which would carry secrets in the clear to another machine");
    Err(wrong_option(name, &found, "https://"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Options, resolve};

    fn check(url: Option<&str>, options: &[(&str, &str)]) -> std::result::Result<(), String> {
        let mut set = Options::new();
        options.iter().for_each(|(name, value)| set.set(name, value).unwrap());
        let settings = resolve(&set, |_| None).settings;
        let url = url.map(|url| HttpUrl::parse(url).unwrap());
        super::check(url.as_ref(), &settings).map_err(|error| error.to_string())
    }

    #[test]
    fn what_cannot_work_names_its_option() {
        let mona = ("http_format", "mona");
        let keys = [mona, ("api_key", "k"), ("api_secret", "hush")];
        let with = |more: &[(&'static str, &'static str)]| [&keys[..], more].concat();
        for (url, options, option) in [
            (None, vec![mona], "api_key"),
            (None, vec![mona, ("api_key", "k")], "api_secret"),
            (None, vec![mona, ("auth_mode", "none")], "user_id"),
            (None, with(&[("user_id", "a/b")]), "user_id"),
            (None, with(&[("auth_mode", "oidc")]), "auth_url"),
            (None, with(&[("auth_url", "http://token.example/")]), "auth_url"),
            (None, with(&[("auth_url", "https://u:hush@h/")]), "auth_url"),
            (None, with(&[("refresh_url", "http://token.example/")]), "refresh_url"),
            (Some("http://collector.example/"), keys.to_vec(), "endpoint"),
        ] {
            let text = check(url, &options).unwrap_err();
            assert!(text.starts_with(&format!("option \"{option}\": ")) && !text.contains("hush"), "{text}");
        }
        check(None, &keys).unwrap();
        check(None, &with(&[("user_id", "a-1")])).unwrap();
        check(
            Some("http://127.0.0.1:1/"),
            &with(&[("auth_url", "http://localhost:2/x"), ("auth_mode", "oidc")]),
        )
        .unwrap();
        check(Some("http://collector.example/"), &[mona, ("auth_mode", "none"), ("user_id", "u")]).unwrap();
        check(Some("http://collector.example/"), &[]).unwrap();
    }
}
