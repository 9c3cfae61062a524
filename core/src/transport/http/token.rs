//! Tokens for the Mona REST export API: where they come from, and when they are renewed.
//!
//! Mona's own log-in gives an access token and one to renew it with; OpenID Connect client credentials
//! give an access token alone. Nothing here puts a key, a secret or a token into an error.

use std::cell::Cell;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;
use zeroize::{Zeroize as _, Zeroizing};

use super::answer::{Answer, Input, shown};
use super::exchange::{Caller, Post};
use crate::config::{AuthMode, Secret, Settings, wipe, without_secrets};
use crate::net::tls::Tls;
use crate::net::url::HttpUrl;
use crate::net::{Abort, Cause, Deadline, Finding, TransportError};

/// Where Mona's own tokens come from.
pub(super) const LOGIN_URL: &str = "https://monalabs.frontegg.com/identity/resources/auth/v1/api-token";
pub(super) const REFRESH_URL: &str =
    "https://monalabs.frontegg.com/identity/resources/auth/v1/api-token/token/refresh";

/// How long before its end a token is renewed.
const RENEW_BEFORE: Duration = Duration::from_secs(30 * 60);

/// The life of a token whose answer names none; a server that gives less answers 401.
const DEFAULT_LIFE: Duration = Duration::from_secs(3600);

/// A longer life is not believed: the token is renewed once a week at least.
const MOST_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);

/// Pause between attempts to renew a token that is still good.
const RENEW_PAUSE: Duration = Duration::from_secs(60);

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// JWTs come without padding; a server that pads is understood too.
const CLAIMS: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

struct Token {
    access: Secret,
    refresh: Option<Secret>,
    renew_at: Instant,
    ends_at: Instant,
}

/// The token in use and the way to the next one.
pub(super) struct Tokens {
    settings: Arc<Settings>,
    tls: Option<Tls>,
    abort: Arc<Abort>,
    login_url: HttpUrl,
    refresh_url: Option<HttpUrl>,
    current: Option<Token>,
    /// The last one that was refused, which an answer may repeat.
    refused: Option<Token>,
    /// Panics of `ureq` that were contained.
    panics: Cell<u64>,
}

impl Tokens {
    /// `None` where the options want no token, or name a URL that is none; the latter is refused when the
    /// client is made.
    pub(super) fn new(settings: &Arc<Settings>, tls: Option<Tls>, abort: &Arc<Abort>) -> Option<Tokens> {
        let (login, refresh) = urls(settings)?;
        Some(Tokens {
            settings: Arc::clone(settings),
            tls,
            abort: Arc::clone(abort),
            login_url: HttpUrl::parse(login)?,
            refresh_url: refresh.and_then(HttpUrl::parse),
            current: None,
            refused: None,
            panics: Cell::new(0),
        })
    }

    /// A token that is good now, from a server if need be.
    pub(super) fn bearer(&mut self, deadline: Option<Deadline>) -> Result<&str, TransportError> {
        let now = Instant::now();
        let is_due = self.current.as_ref().is_none_or(|token| now >= token.renew_at);
        if is_due {
            let renewed = self.renew(deadline);
            match (renewed, &mut self.current) {
                (Ok(token), _) => self.current = Some(token),
                (Err(_), Some(token)) if now < token.ends_at => {
                    token.renew_at = (now + RENEW_PAUSE).min(token.ends_at);
                }
                (Err(error), _) => return Err(error),
            }
        }
        let token = self.current.as_ref().map(|token| token.access.reveal());
        token.ok_or_else(|| TransportError::new("authenticate", "there is no token"))
    }

    /// Panics that were contained since the last call.
    pub(super) fn take_panics(&self) -> u64 {
        self.panics.take()
    }

    /// Forgets a token that was refused; the next one comes from a full log-in.
    pub(super) fn forget(&mut self) {
        self.refused = self.current.take();
    }

    /// The user that the token was given to.
    pub(super) fn user_id(&self) -> Option<String> {
        let claims = self.current.as_ref()?.access.reveal().split('.').nth(1)?;
        let claims = serde_json::from_slice::<Value>(&CLAIMS.decode(claims).ok()?).ok()?;
        claims.get("tenantId")?.as_str().map(str::to_owned)
    }

    /// `text` of a server without any secret that it may repeat.
    pub(super) fn without_secrets(&self, text: &str) -> String {
        let token = self.current.iter().chain(&self.refused).flat_map(|token| {
            [Some(&token.access), token.refresh.as_ref()].into_iter().flatten().map(Secret::reveal)
        });
        let options = [self.settings.api_key.reveal(), self.settings.api_secret.reveal()];
        without_secrets(text, token.chain(options))
    }

    fn renew(&self, deadline: Option<Deadline>) -> Result<Token, TransportError> {
        let refresh = self.current.as_ref().and_then(|token| token.refresh.as_ref());
        if let (Some(url), Some(refresh)) = (&self.refresh_url, refresh) {
            let body = json_object(&[("refreshToken", refresh.reveal())]);
            if let Ok(token) = self.ask(url, JSON, &body, deadline) {
                return Ok(token);
            }
        }
        let (key, secret) = (self.settings.api_key.reveal(), self.settings.api_secret.reveal());
        match self.settings.auth_mode {
            AuthMode::Oidc => {
                let mut form =
                    vec![("client_id", key), ("client_secret", secret), ("grant_type", "client_credentials")];
                form.extend(self.settings.oidc_scope.as_deref().map(|scope| ("scope", scope)));
                self.ask(&self.login_url, FORM, encoded(&form).as_bytes(), deadline)
            }
            _ => {
                let body = json_object(&[("clientId", key), ("secret", secret)]);
                self.ask(&self.login_url, JSON, &body, deadline)
            }
        }
    }

    fn ask(
        &self,
        url: &HttpUrl,
        content_type: &'static str,
        body: &[u8],
        deadline: Option<Deadline>,
    ) -> Result<Token, TransportError> {
        let mut caller = Caller::new(url.clone(), &self.settings, self.tls.clone(), &self.abort);
        let post = Post { content_type, input: Input::Http, is_gzip: false, bearer: None, body };
        let answer = caller.post(&post, deadline, None);
        self.panics.set(self.panics.get() + caller.take_panics());
        let mut answer = answer.map_err(|error| TransportError {
            kind: "authenticate",
            text: format!("no token from {url}: {}", error.text),
            ..error
        })?;
        caller.disconnect();
        if !answer.is_success() {
            // Whoever gives out tokens may repeat what it was sent.
            return Err(refused(&Answer { body: Vec::new(), ..answer }, url));
        }
        let found = token(&answer.body, Instant::now());
        answer.body.zeroize();
        found.ok_or_else(|| {
            let text = format!(
                "no token from {url}: its answer has none, \"accessToken\" or \"access_token\" is expected"
            );
            TransportError::new("authenticate", text).because(Cause::Configuration)
        })
    }
}

/// Where tokens are asked for and renewed; `None` where none are wanted or nothing says where.
pub(super) fn urls(settings: &Settings) -> Option<(&str, Option<&str>)> {
    match settings.auth_mode {
        AuthMode::None => None,
        AuthMode::Oidc => Some((settings.auth_url.as_deref()?, None)),
        AuthMode::Mona => {
            let login = settings.auth_url.as_deref().unwrap_or(LOGIN_URL);
            // A token of another server is nothing for Mona's own to renew.
            let own = settings.auth_url.is_none().then_some(REFRESH_URL);
            Some((login, settings.refresh_url.as_deref().or(own)))
        }
    }
}

fn refused(answer: &Answer, url: &HttpUrl) -> TransportError {
    let status = shown(answer.status);
    match answer.status {
        400..=407 | 409..=428 | 430..=499 => {
            let text = format!(
                "no token from {url}: it answered {status}; a valid api_key and api_secret, and the token \
                 server's URL in auth_url, are expected"
            );
            let error = TransportError::new("authenticate", text).because(Cause::Configuration);
            // Those of a server that has looked at what it was given; others have no such place.
            if matches!(answer.status, 400..=403 | 422) { error.found(Finding::Status) } else { error }
        }
        300..=399 => {
            let text = format!(
                "no token from {url}: it answered {status}; redirects are not followed, set auth_url to the final URL"
            );
            TransportError::new("authenticate", text).because(Cause::Configuration)
        }
        // It may be busy or elsewhere, and has not refused anybody.
        _ => {
            let error = answer.error(url, Input::Http);
            let text = format!("no token: {}", error.text);
            TransportError { kind: "authenticate", text, finding: None, ..error }
        }
    }
}

fn token(body: &[u8], now: Instant) -> Option<Token> {
    let mut body = serde_json::from_slice::<Value>(body).ok()?;
    let token = token_in(&body, now);
    wipe(&mut body);
    token
}

fn token_in(body: &Value, now: Instant) -> Option<Token> {
    let text = |names: [&str; 2]| {
        let found = names.iter().find_map(|name| body.get(*name)?.as_str());
        found.filter(|text| !text.is_empty()).map(|text| Secret::new(text.to_owned()))
    };
    let life = ["expiresIn", "expires_in"].iter().find_map(|name| seconds(body.get(*name)?));
    let life = life.unwrap_or(DEFAULT_LIFE).min(MOST_LIFE);
    Some(Token {
        access: text(["accessToken", "access_token"])?,
        refresh: text(["refreshToken", "refresh_token"]),
        renew_at: now + (life / 2).max(life.saturating_sub(RENEW_BEFORE)),
        ends_at: now + life,
    })
}

fn seconds(value: &Value) -> Option<Duration> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    Duration::try_from_secs_f64(seconds).ok().filter(|life| !life.is_zero())
}

/// Most bytes that one byte of a text becomes in JSON, as `\u0001`, and in a form, as `%01`; with quotes, colon and
/// comma around a name and a value. A buffer that has room for all of it from the start leaves no copy behind.
const MOST_FOLD: usize = 6;
const AROUND: usize = 8;

fn room_for(pairs: &[(&str, &str)]) -> usize {
    pairs.iter().map(|(name, value)| MOST_FOLD * (name.len() + value.len()) + AROUND).sum()
}

/// Names and values as a JSON object.
fn json_object(pairs: &[(&str, &str)]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(room_for(pairs)));
    for (number, (name, value)) in pairs.iter().enumerate() {
        out.push(if number == 0 { b'{' } else { b',' });
        // Texts into memory: nothing can go wrong.
        let _ = serde_json::to_writer(&mut *out, name);
        out.push(b':');
        let _ = serde_json::to_writer(&mut *out, value);
    }
    out.push(b'}');
    out
}

/// Names and values as `application/x-www-form-urlencoded` has them.
fn encoded(form: &[(&str, &str)]) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(room_for(form)));
    for (number, (name, value)) in form.iter().enumerate() {
        out.extend((number > 0).then_some('&'));
        out.push_str(name);
        out.push('=');
        for byte in value.bytes() {
            match byte {
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'*' => {
                    out.push(char::from(byte))
                }
                b' ' => out.push('+'),
                // A `String` is never full.
                other => drop(write!(out, "%{other:02X}")),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_half_an_hour_before_its_end_or_at_half_its_life() {
        let now = Instant::now();
        for (life, renewed, ends) in [
            ("14400", 12600, 14400),
            ("3600", 1800, 3600),
            ("3601", 1801, 3601),
            ("100", 50, 100),
            ("\"600\"", 300, 600),
            ("0", 1800, 3600),
            ("-1", 1800, 3600),
            ("null", 1800, 3600),
            ("1e9", 7 * 24 * 3600 - 1800, 7 * 24 * 3600),
        ] {
            let body = format!(r#"{{"accessToken":"a","refreshToken":"r","expiresIn":{life}}}"#);
            let token = token(body.as_bytes(), now).unwrap();
            assert_eq!((token.access.reveal(), token.refresh.as_ref().map(Secret::reveal)), ("a", Some("r")));
            assert_eq!((token.renew_at - now).as_secs(), renewed, "{life}");
            assert_eq!((token.ends_at - now).as_secs(), ends, "{life}");
        }
        let oidc = token(br#"{"access_token":"b","expires_in":10}"#, now).unwrap();
        assert_eq!(
            (oidc.access.reveal(), oidc.refresh.as_ref(), oidc.renew_at),
            ("b", None, now + Duration::from_secs(5))
        );
        assert!(token(br#"{"accessToken":""}"#, now).is_none());
        assert!(token(b"<html>", now).is_none());
    }

    #[test]
    fn forms_are_escaped() {
        let form = [("a", "x y&z=\u{e9}"), ("b", "1-2._*~")];
        assert_eq!(encoded(&form).as_str(), "a=x+y%26z%3D%C3%A9&b=1-2._*%7E");
    }

    #[test]
    fn bodies_are_json_and_fit_their_room() {
        let pairs = [("a", "x\"\\\u{1}\u{1f}\u{7f}\u{e9}"), ("b", "\u{0}\u{0}\u{0}")];
        let (body, form) = (json_object(&pairs), encoded(&pairs));
        let expected = serde_json::json!({"a": pairs[0].1, "b": pairs[1].1});
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected);
        let room = room_for(&pairs);
        assert!(body.capacity() == room && form.capacity() == room);
    }
}
