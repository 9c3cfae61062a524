//! The tokens of the Mona REST API: log-in, refresh, OIDC client credentials, and who may export.
//!
//! Set on a [`crate::Service`] and shared with the test that made it, which can take tokens back. Asked
//! by [`super::exchange`]. Nothing here is secure: the signature of a token is random, a token is good
//! if it was given out and has not expired.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::answer::Answer;
use crate::server::conduct::RequestKind;
use crate::server::tls::random;

/// Bytes of a request for tokens. Keys and tokens take a few hundred; read as values a body takes many times its
/// size, which no budget counts, and no token is needed for that.
const MAX_BODY: usize = 64 << 10;

/// Who gets tokens, and where. Clones share the tokens that were given out.
#[derive(Clone)]
pub struct Tokens {
    api_key: String,
    api_secret: String,
    tenant: String,
    lifetime: Duration,
    login: String,
    refresh: String,
    oidc: String,
    scope: Option<String>,
    issued: Arc<Mutex<Issued>>,
}

#[derive(Default)]
struct Issued {
    /// When each expires.
    access: HashMap<String, Instant>,
    /// Each is good once.
    refresh: HashSet<String>,
    logins: u64,
    refreshes: u64,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("login", &self.login)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

impl Tokens {
    /// Tokens for this key and secret, good for an hour, whose claim `tenantId` is `tenant`, at
    /// `/auth/login`, `/auth/refresh` and `/auth/oidc`.
    pub fn new(api_key: impl Into<String>, api_secret: impl Into<String>) -> Tokens {
        Tokens {
            api_key: api_key.into(),
            api_secret: api_secret.into(),
            tenant: "tenant".to_owned(),
            lifetime: Duration::from_secs(3600),
            login: "/auth/login".to_owned(),
            refresh: "/auth/refresh".to_owned(),
            oidc: "/auth/oidc".to_owned(),
            scope: None,
            issued: Arc::default(),
        }
    }

    /// The claim `tenantId` of the tokens.
    pub fn tenant(self, tenant: impl Into<String>) -> Tokens {
        Tokens { tenant: tenant.into(), ..self }
    }

    /// How long a token is good; answers say so in whole seconds.
    pub fn lifetime(self, lifetime: Duration) -> Tokens {
        Tokens { lifetime, ..self }
    }

    /// Logs in at this path.
    pub fn login_at(self, path: impl Into<String>) -> Tokens {
        Tokens { login: path.into(), ..self }
    }

    /// Refreshes at this path.
    pub fn refresh_at(self, path: impl Into<String>) -> Tokens {
        Tokens { refresh: path.into(), ..self }
    }

    /// Gives tokens for OIDC client credentials at this path.
    pub fn oidc_at(self, path: impl Into<String>) -> Tokens {
        Tokens { oidc: path.into(), ..self }
    }

    /// Asks OIDC clients for this scope.
    pub fn scope(self, scope: impl Into<String>) -> Tokens {
        Tokens { scope: Some(scope.into()), ..self }
    }

    /// Takes all access tokens back: the next export is answered 401.
    pub fn revoke(&self) {
        self.lock().access.clear();
    }

    /// Takes all refresh tokens back: the next refresh is answered 401.
    pub fn revoke_refresh(&self) {
        self.lock().refresh.clear();
    }

    /// How many log-ins succeeded, OIDC included.
    pub fn logins(&self) -> u64 {
        self.lock().logins
    }

    /// How many refreshes succeeded.
    pub fn refreshes(&self) -> u64 {
        self.lock().refreshes
    }

    fn lock(&self) -> MutexGuard<'_, Issued> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What kind of request arrives at this path; none if it has to do with no token.
    pub(super) fn kind(&self, path: &str) -> Option<RequestKind> {
        match path {
            _ if path == self.login || path == self.oidc => Some(RequestKind::Login),
            _ if path == self.refresh => Some(RequestKind::Refresh),
            _ => None,
        }
    }

    /// Whether `Authorization` carries a good token.
    pub(super) fn admits(&self, authorization: Option<&str>) -> bool {
        let token = authorization.and_then(|value| value.strip_prefix("Bearer "));
        token.is_some_and(|token| self.lock().access.get(token).is_some_and(|end| *end > Instant::now()))
    }

    /// Answers a request to one of the paths.
    pub(super) fn answer(&self, path: &str, content_type: &str, body: &[u8]) -> Answer {
        if body.len() > MAX_BODY {
            let sentence = format!("body: found {} bytes, expected at most {MAX_BODY}", body.len());
            return Answer::json(413, &json!({"errors": [sentence]}));
        }
        if path == self.oidc {
            return self.oidc(content_type, body);
        }
        let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
            return Answer::json(400, &json!({"errors": ["body: found no JSON object, expected one"]}));
        };
        let given = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
        if path == self.refresh {
            if !self.lock().refresh.remove(given("refreshToken")) {
                return Answer::json(401, &json!({"errors": ["Refresh token is not valid"]}));
            }
            return self.tokens(|issued| issued.refreshes += 1);
        }
        if given("clientId") != self.api_key || given("secret") != self.api_secret {
            return Answer::json(401, &json!({"errors": ["Invalid authentication"]}));
        }
        self.tokens(|issued| issued.logins += 1)
    }

    fn tokens(&self, count: impl FnOnce(&mut Issued)) -> Answer {
        match (self.access(count), random::<16>()) {
            (Some(access), Ok(random)) => {
                let refresh = URL_SAFE_NO_PAD.encode(random);
                self.lock().refresh.insert(refresh.clone());
                let expires = self.lifetime.as_secs();
                let body = json!({"accessToken": access, "refreshToken": refresh, "expiresIn": expires});
                Answer::json(200, &body)
            }
            _ => Answer::json(500, &json!({"errors": ["no random bytes could be had"]})),
        }
    }

    fn oidc(&self, content_type: &str, body: &[u8]) -> Answer {
        let form: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        let given = |name: &str| form.get(name).map(String::as_str);
        if !content_type.starts_with("application/x-www-form-urlencoded") {
            return Answer::json(400, &json!({"error": "invalid_request"}));
        }
        if given("grant_type") != Some("client_credentials") {
            return Answer::json(400, &json!({"error": "unsupported_grant_type"}));
        }
        if given("client_id") != Some(&self.api_key) || given("client_secret") != Some(&self.api_secret) {
            return Answer::json(401, &json!({"error": "invalid_client"}));
        }
        if self.scope.is_some() && given("scope") != self.scope.as_deref() {
            return Answer::json(400, &json!({"error": "invalid_scope"}));
        }
        match self.access(|issued| issued.logins += 1) {
            Some(access) => {
                let expires = self.lifetime.as_secs();
                let body = json!({"access_token": access, "token_type": "Bearer", "expires_in": expires});
                Answer::json(200, &body)
            }
            None => Answer::json(500, &json!({"error": "server_error"})),
        }
    }

    /// A new access token: head, claims and signature of a JWT.
    fn access(&self, count: impl FnOnce(&mut Issued)) -> Option<String> {
        let parts = [
            json!({"alg": "RS256", "typ": "JWT"}).to_string().into_bytes(),
            json!({"tenantId": self.tenant, "type": "tenantApiToken"}).to_string().into_bytes(),
            random::<32>().ok()?.to_vec(),
        ];
        let token = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        let now = Instant::now();
        let end = now.checked_add(self.lifetime)?;
        let mut issued = self.lock();
        issued.access.retain(|_, end| *end > now);
        issued.access.insert(token.clone(), end);
        count(&mut issued);
        Some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = "application/json";
    const FORM: &str = "application/x-www-form-urlencoded";

    fn ask(tokens: &Tokens, path: &str, kind: &str, body: &str) -> (u16, Value) {
        let answer = tokens.answer(path, kind, body.as_bytes());
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    fn bearer(value: &Value) -> String {
        format!("Bearer {}", value.as_str().unwrap())
    }

    #[test]
    fn log_in_refresh_and_expiry() {
        let tokens = Tokens::new("key", "secret").tenant("me").lifetime(Duration::from_secs(60));
        let (status, given) = ask(&tokens, "/auth/login", JSON, r#"{"clientId":"key","secret":"secret"}"#);
        assert_eq!((status, &given["expiresIn"]), (200, &json!(60)));
        let access = bearer(&given["accessToken"]);
        let claims = URL_SAFE_NO_PAD.decode(access.split('.').nth(1).unwrap()).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&claims).unwrap()["tenantId"], "me");
        assert!(tokens.admits(Some(&access)) && !tokens.admits(Some(&access[7..])) && !tokens.admits(None));

        let refresh = json!({"refreshToken": given["refreshToken"]}).to_string();
        let (status, again) = ask(&tokens, "/auth/refresh", JSON, &refresh);
        assert_eq!(status, 200);
        assert_eq!(ask(&tokens, "/auth/refresh", JSON, &refresh).0, 401, "good once");
        tokens.revoke_refresh();
        let refresh = json!({"refreshToken": again["refreshToken"]}).to_string();
        assert_eq!(ask(&tokens, "/auth/refresh", JSON, &refresh).0, 401, "taken back");
        assert_eq!((tokens.logins(), tokens.refreshes()), (1, 1));
        assert!(tokens.admits(Some(&bearer(&again["accessToken"]))));
        tokens.revoke();
        assert!(!tokens.admits(Some(&access)));

        let short = tokens.lifetime(Duration::ZERO);
        let (_, given) = ask(&short, "/auth/login", JSON, r#"{"clientId":"key","secret":"secret"}"#);
        assert!(!short.admits(Some(&bearer(&given["accessToken"]))), "expired");
    }

    #[test]
    fn wrong_keys_get_none() {
        let tokens = Tokens::new("key", "secret").login_at("/in").refresh_at("/re").oidc_at("/id");
        assert_eq!(ask(&tokens, "/in", JSON, r#"{"clientId":"key","secret":"x"}"#).0, 401);
        assert_eq!(ask(&tokens, "/in", JSON, "[]").0, 400);
        assert_eq!(ask(&tokens, "/re", JSON, "{}").0, 401);
        let kinds = ["/in", "/id", "/re", "/auth/login"].map(|path| tokens.kind(path));
        assert_eq!(
            kinds,
            [Some(RequestKind::Login), Some(RequestKind::Login), Some(RequestKind::Refresh), None]
        );
        assert_eq!(tokens.logins(), 0);
    }

    #[test]
    fn large_bodies_are_not_read() {
        let tokens = Tokens::new("key", "secret");
        let login = r#"{"clientId":"key","secret":"secret"}"#;
        let padded = |bytes: usize| login.to_owned() + &" ".repeat(bytes - login.len());
        assert_eq!(ask(&tokens, "/auth/login", JSON, &padded(MAX_BODY)).0, 200);
        for path in ["/auth/login", "/auth/refresh", "/auth/oidc"] {
            let (status, said) = ask(&tokens, path, JSON, &padded(MAX_BODY + 1));
            assert_eq!(
                (status, &said["errors"][0]),
                (413, &json!("body: found 65537 bytes, expected at most 65536"))
            );
        }
    }

    #[test]
    fn oidc_is_a_form() {
        let tokens = Tokens::new("a key", "s&cret").scope("export");
        let form = "grant_type=client_credentials&client_id=a+key&client_secret=s%26cret";
        let all = format!("{form}&scope=export");
        let (status, given) = ask(&tokens, "/auth/oidc", FORM, &all);
        assert_eq!((status, &given["token_type"]), (200, &json!("Bearer")));
        assert!(tokens.admits(Some(&bearer(&given["access_token"]))));
        assert_eq!(ask(&tokens, "/auth/oidc", FORM, form).1["error"], "invalid_scope");
        assert_eq!(ask(&tokens, "/auth/oidc", JSON, &all).1["error"], "invalid_request");
        assert_eq!(ask(&tokens, "/auth/oidc", FORM, &all.replace("a+key", "b")).0, 401);
        assert_eq!(ask(&tokens, "/auth/oidc", FORM, "scope=export").1["error"], "unsupported_grant_type");
    }
}
