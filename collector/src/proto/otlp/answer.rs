//! What a receiver of OTLP says, in the form of the request.

use prost::Message;
use serde_json::json;

/// How a request and its answer are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Protobuf,
    Json,
}

impl Form {
    /// Its content type.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Form::Protobuf => "application/x-protobuf",
            Form::Json => "application/json",
        }
    }

    /// All was taken but for so many records. Without any the message is there too, and says nothing.
    pub(crate) fn taken(self, rejected: usize, why: &str) -> Vec<u8> {
        let partial = Partial { rejected: i64::try_from(rejected).unwrap_or(i64::MAX), why: why.to_owned() };
        match self {
            Form::Protobuf => Response { partial: Some(partial) }.encode_to_vec(),
            Form::Json if rejected == 0 && why.is_empty() => br#"{"partialSuccess":{}}"#.to_vec(),
            Form::Json => {
                let partial = json!({"rejectedLogRecords": rejected.to_string(), "errorMessage": why});
                json!({"partialSuccess": partial}).to_string().into_bytes()
            }
        }
    }

    /// Nothing was taken.
    pub(crate) fn refused(self, status: u16, why: &str) -> Vec<u8> {
        let code = code(status);
        match self {
            Form::Protobuf => Status { code, why: why.to_owned() }.encode_to_vec(),
            Form::Json => json!({"code": code, "message": why}).to_string().into_bytes(),
        }
    }
}

/// The code of gRPC that belongs to a status.
fn code(status: u16) -> i32 {
    match status {
        400 | 413 | 415 => 3,
        401 => 16,
        403 => 7,
        404 => 5,
        429 => 8,
        502..=504 => 14,
        500..=599 => 13,
        _ => 2,
    }
}

/// `google.rpc.Status`
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    why: String,
}

/// `ExportLogsPartialSuccess`
#[derive(Clone, PartialEq, Message)]
struct Partial {
    #[prost(int64, tag = "1")]
    rejected: i64,
    #[prost(string, tag = "2")]
    why: String,
}

/// `ExportLogsServiceResponse`
#[derive(Clone, PartialEq, Message)]
struct Response {
    #[prost(message, optional, tag = "1")]
    partial: Option<Partial>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same() {
        assert_eq!(Form::Protobuf.taken(0, ""), b"\x0a\x00");
        assert_eq!(Form::Json.taken(0, ""), br#"{"partialSuccess":{}}"#);
        assert_eq!(Form::Protobuf.taken(5, "no"), b"\x0a\x06\x08\x05\x12\x02no");
        let json = r#"{"partialSuccess":{"rejectedLogRecords":"5","errorMessage":"no"}}"#;
        assert_eq!(Form::Json.taken(5, "no"), json.as_bytes());
        assert_eq!(Form::Protobuf.refused(503, "no"), b"\x08\x0e\x12\x02no");
        assert_eq!(Form::Json.refused(400, "no"), br#"{"code":3,"message":"no"}"#);
    }
}
