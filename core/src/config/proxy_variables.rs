//! The proxy variables of the environment as they are written, read once with the options.
//!
//! `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in lower case first, as other programs read them. They are no
//! options: they belong to the machine, not to Mona, and so have no row in the table.

use std::ffi::OsString;

use zeroize::Zeroizing;

use crate::config::secret::Secret;

/// A variable that is set: its name and its value, which may hold a password.
pub(crate) type Variable = Option<(&'static str, Secret)>;

/// What the environment says of proxies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ProxyVariables {
    /// The proxy for `http://`.
    pub(crate) http: Variable,
    /// The proxy for `https://`.
    pub(crate) https: Variable,
    /// Hosts that are reached without one, separated by commas.
    pub(crate) except: Variable,
}

impl ProxyVariables {
    /// Reads them; `env` gives a variable's text.
    pub(super) fn read(env: &impl Fn(&str) -> Option<OsString>) -> ProxyVariables {
        // A web server hands a request's "Proxy:" header to CGI programs under this very name.
        let is_cgi = env("REQUEST_METHOD").is_some();
        let http = if is_cgi { &["http_proxy"][..] } else { &["http_proxy", "HTTP_PROXY"] };
        ProxyVariables {
            http: first(env, http),
            https: first(env, &["https_proxy", "HTTPS_PROXY"]),
            except: first(env, &["no_proxy", "NO_PROXY"]),
        }
    }
}

/// The first of these variables that is set to more than white space.
fn first(env: &impl Fn(&str) -> Option<OsString>, names: &[&'static str]) -> Variable {
    names.iter().find_map(|name| {
        let text = Zeroizing::new(env(name)?.into_encoded_bytes());
        let text = Zeroizing::new(String::from_utf8_lossy(&text).into_owned());
        let text = text.trim();
        (!text.is_empty()).then(|| (*name, Secret::new(text.to_owned())))
    })
}
