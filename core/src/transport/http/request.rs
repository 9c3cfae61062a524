//! The head of a request: what is asked for, and the fields that tell about it.

use super::dial::is_for_proxy;
use super::url::HttpUrl;
use crate::options::{Proxy, Settings};
use crate::transport::{Cause, Fault};

const USER_AGENT: &str = concat!("libmona/", env!("CARGO_PKG_VERSION"));

/// What is posted.
pub(super) struct Post<'a> {
    pub(super) content_type: &'static str,
    pub(super) is_gzip: bool,
    pub(super) bearer: Option<&'a str>,
    pub(super) body: &'a [u8],
}

/// What all requests to one URL have in common.
pub(super) struct Form {
    /// The path, or the whole URL for a proxy.
    target: String,
    host: String,
    /// Extra fields, their names in lower case.
    fields: Vec<(String, String)>,
}

impl Form {
    pub(super) fn new(url: &HttpUrl, forwarding: Option<&Proxy>) -> Form {
        let target = if forwarding.is_some() { url.whole() } else { url.target().to_owned() };
        let mut form = Form { target, host: url.place(), fields: Vec::new() };
        if let Some(authorization) = forwarding.and_then(|proxy| proxy.authorization.as_ref()) {
            form.add("proxy-authorization", authorization.reveal());
        }
        form
    }

    /// Adds the extra fields of the options, but for those that are for a proxy.
    pub(super) fn add_extra(&mut self, settings: &Settings) {
        for (name, value) in settings.http_headers.iter().filter(|(name, _)| !is_for_proxy(name)) {
            self.add(name, value.reveal());
        }
    }

    /// Adds a field, where it is one that can be sent.
    fn add(&mut self, name: &str, value: &str) {
        if is_name(name) && is_value(value) {
            self.fields.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }

    /// Whether the server is to say that it wants the body before it is sent.
    pub(super) fn asks_first(&self) -> bool {
        let is_asked =
            |value: &str| value.split(',').any(|token| token.trim().eq_ignore_ascii_case("100-continue"));
        self.fields.iter().any(|(name, value)| name == "expect" && is_asked(value))
    }

    /// The head of the request that posts `post`, to its empty line.
    ///
    /// # Errors
    /// [`Cause::Configuration`] for a token that no field can carry.
    pub(super) fn head(&self, post: &Post<'_>) -> Result<Vec<u8>, Fault> {
        let Form { target, host, .. } = self;
        let mut head = format!("POST {target} HTTP/1.1\r\n").into_bytes();
        append(&mut head, "host", host);
        for (name, value) in [("user-agent", USER_AGENT), ("accept", "*/*"), ("accept-encoding", "identity")]
        {
            if !self.has(name) {
                append(&mut head, name, value);
            }
        }
        append(&mut head, "content-length", &post.body.len().to_string());
        if !self.has("content-type") {
            append(&mut head, "content-type", post.content_type);
        }
        if post.is_gzip {
            append(&mut head, "content-encoding", "gzip");
        }
        if let Some(token) = post.bearer {
            if !is_value(token) {
                let text = "the token holds characters that no header can carry";
                return Err(Fault::new("authenticate", text).because(Cause::Configuration));
            }
            append(&mut head, "authorization", &format!("Bearer {token}"));
        }
        // The token is what the server asks for, whatever the options add.
        for (name, value) in &self.fields {
            if post.bearer.is_none() || name != "authorization" {
                append(&mut head, name, value);
            }
        }
        head.extend_from_slice(b"\r\n");
        Ok(head)
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }
}

fn append(head: &mut Vec<u8>, name: &str, value: &str) {
    for part in [name, ": ", value, "\r\n"] {
        head.extend_from_slice(part.as_bytes());
    }
}

fn is_name(text: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token)
}

/// Whether a field can carry it: a line break in it would begin a field, or a request, of somebody else's.
fn is_value(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'\t' || !byte.is_ascii_control())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::http::tests::settings;

    fn form(url: &str, headers: &str) -> Form {
        let mut form = Form::new(&HttpUrl::parse(url).unwrap(), None);
        form.add_extra(&settings(&[("http_header", headers)], &[]));
        form
    }

    fn head(form: &Form, bearer: Option<&str>) -> String {
        let post = Post { content_type: "text/plain", is_gzip: bearer.is_none(), bearer, body: b"12345" };
        String::from_utf8(form.head(&post).unwrap()).unwrap()
    }

    #[test]
    fn every_field_stands_once() {
        let expected = format!(
            "POST / HTTP/1.1\r\nhost: [::1]:81\r\nuser-agent: {USER_AGENT}\r\naccept: */*\r\n\
             accept-encoding: identity\r\ncontent-length: 5\r\ncontent-type: text/plain\r\n\
             content-encoding: gzip\r\n\r\n"
        );
        assert_eq!(head(&form("http://[::1]:81", ""), None), expected);
        let own = "User-Agent: a\nACCEPT: b\nAccept-Encoding: c\nContent-Type: d\nAuthorization: e\nX: \u{e9}\nX: y";
        let expected = "POST /p?q=1 HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\ncontent-encoding: gzip\r\n\
             user-agent: a\r\naccept: b\r\naccept-encoding: c\r\ncontent-type: d\r\nauthorization: e\r\n\
             x: \u{e9}\r\nx: y\r\n\r\n";
        assert_eq!(head(&form("http://h:80/p?q=1", own), None), expected);
        let with_token = head(&form("http://h:80/p?q=1", own), Some("t"));
        assert_eq!(with_token.matches("authorization: ").count(), 1);
        assert!(with_token.contains("\r\nauthorization: Bearer t\r\n"), "{with_token}");
    }

    #[test]
    fn nothing_breaks_out_of_its_line() {
        let mut form = form("http://h/", "");
        for (name, value) in [
            ("a", "b\r\nc: d"),
            ("a", "b\nc: d"),
            ("a", "b\rc"),
            ("a", "\0"),
            ("a\r\nb", "c"),
            ("a b", "c"),
            ("", "c"),
        ] {
            form.add(name, value);
        }
        assert!(form.fields.is_empty(), "{:?}", form.fields);
        for token in ["a\r\nb: c", "a\nb", "\0"] {
            let post = Post { content_type: "text/plain", is_gzip: false, bearer: Some(token), body: b"" };
            assert_eq!(form.head(&post).unwrap_err().cause, Cause::Configuration);
        }
    }
}
