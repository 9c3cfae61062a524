use super::record::{KnownParts, append as append_log_record};
use super::*;
use crate::encode::full_id::main_segment;
use crate::encode::msgpack::{self, Head, value_len};
use crate::encode::{Output, RecordPrefix, Shape, record};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use prost::Message as _;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

const NOW: i64 = 1_700_000_000;

fn resource() -> Vec<(String, String)> {
    vec![("service.name".to_owned(), "a \"shop\"".to_owned()), ("host.name".to_owned(), "h".repeat(300))]
}

fn envelope(form: Form) -> Envelope {
    Envelope::new(form, &resource())
}

/// The bytes of a request with these entries.
fn written(form: Form, entries: &[u8]) -> Option<Vec<u8>> {
    let mut out = b"<".to_vec();
    let all = Output::to(&mut out, |out| envelope(form).write(out, entries, |_| true));
    assert!(out.starts_with(b"<"));
    all.ok().map(|is_whole| {
        assert!(is_whole);
        out.split_off(1)
    })
}

/// The records of a request as another library reads them, and what is around them.
fn read(form: Form, bytes: &[u8]) -> Vec<LogRecord> {
    let mut request = match form {
        Form::Protobuf => ExportLogsServiceRequest::decode(bytes).unwrap(),
        Form::Json => serde_json::from_slice(bytes).unwrap(),
    };
    let mut logs = request.resource_logs.pop().unwrap();
    assert!(request.resource_logs.is_empty());
    let attributes: Vec<KeyValue> = resource().iter().map(|(key, value)| pair(key, text(value))).collect();
    assert_eq!(logs.resource.unwrap().attributes, attributes);
    let scope = logs.scope_logs.pop().unwrap();
    assert!(logs.scope_logs.is_empty());
    let name = scope.scope.unwrap();
    assert_eq!((name.name.as_str(), name.version.as_str()), ("libmona", env!("CARGO_PKG_VERSION")));
    scope.log_records
}

fn both(entries: &[u8]) -> Vec<LogRecord> {
    let [protobuf, json] =
        [Form::Protobuf, Form::Json].map(|form| read(form, &written(form, entries).unwrap()));
    assert_eq!(format!("{protobuf:?}"), format!("{json:?}"));
    protobuf
}

fn any(value: Option<Value>) -> AnyValue {
    AnyValue { value }
}

fn text(text: &str) -> AnyValue {
    any(Some(Value::StringValue(text.to_owned())))
}

fn pair(key: &str, value: AnyValue) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(value), ..KeyValue::default() }
}

/// A plain reader, which the writer must agree with. Gives the value and what follows it.
fn plain(bytes: &[u8]) -> (AnyValue, &[u8]) {
    let (head, mut rest) = msgpack::read(bytes).unwrap();
    let value = match head {
        Head::Nil | Head::Ext => None,
        Head::Bool(value) => Some(Value::BoolValue(value)),
        Head::Int(value) => Some(Value::IntValue(value)),
        Head::Uint(value) => Some(match i64::try_from(value) {
            Ok(value) => Value::IntValue(value),
            Err(_) => Value::StringValue(value.to_string()),
        }),
        Head::Float(value) => Some(Value::DoubleValue(value)),
        Head::Text(text) => Some(Value::StringValue(String::from_utf8(text.to_vec()).unwrap())),
        Head::Bin(bytes) => Some(Value::BytesValue(bytes.to_vec())),
        Head::Array(count) => {
            let mut values = Vec::new();
            for _ in 0..count {
                let (value, after) = plain(rest);
                values.push(value);
                rest = after;
            }
            Some(Value::ArrayValue(ArrayValue { values }))
        }
        Head::Map(count) => {
            let mut values = Vec::new();
            for _ in 0..count {
                let (Head::Text(key), after) = msgpack::read(rest).unwrap() else { panic!("a text") };
                let (value, after) = plain(after);
                values.push(pair(str::from_utf8(key).unwrap(), value));
                rest = after;
            }
            Some(Value::KvlistValue(KeyValueList { values }))
        }
    };
    (any(value), rest)
}

fn entry(id: &str, stamp: i64, message: &[u8], event: Option<u64>) -> Vec<u8> {
    let prefix = RecordPrefix::new("u", id, Shape { has_event_id: event.is_some(), ..Shape::default() });
    let mut entry = Vec::new();
    Output::to(&mut entry, |out| record::begin(out, &prefix, NOW));
    entry.extend_from_slice(message);
    Output::to(&mut entry, |out| {
        record::finish(out, stamp);
        if let Some(number) = event {
            record::append_event_id(out, "01234567-89ab-cdef-0123-456789abcdef", number);
        }
    });
    entry
}

fn expected(id: &str, stamp: i64, message: &[u8], event: Option<u64>) -> LogRecord {
    let mut attributes =
        vec![pair("user_id", text("u")), pair("context", text(id)), pair("arc_id", text(main_segment(id)))];
    if let Some(number) = event {
        attributes.push(pair("event_id", text(&format!("01234567-89ab-cdef-0123-456789abcdef-{number}"))));
    }
    LogRecord {
        time_unix_nano: stamp as u64 * 1_000_000_000,
        observed_time_unix_nano: NOW as u64 * 1_000_000_000,
        body: Some(plain(message).0),
        attributes,
        ..LogRecord::default()
    }
}

struct Random(Xoshiro256PlusPlus);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0.next_u64() % end
    }

    fn text(&mut self) -> String {
        let longest = 11 + u64::from(self.below(8) == 0);
        let len = [0, 3, 9, 15, 16, 17, 31, 32, 40, 130, 300, 20_000][self.below(longest) as usize];
        (0..len).map(|_| ['a', 'Z', '0', '"', '\n', '\u{e9}', '\u{1f600}'][self.below(7) as usize]).collect()
    }

    fn value(&mut self, out: &mut Vec<u8>, depth: u64) {
        match self.below(if depth == 0 { 9 } else { 12 }) {
            0 => msgpack::nil(out),
            1 => msgpack::boolean(out, self.below(2) == 0),
            2 => msgpack::int(out, -((self.0.next_u64() >> self.below(64)) as i64).saturating_abs()),
            3 => msgpack::uint(out, self.below(128)),
            4 => msgpack::uint(out, self.0.next_u64() >> self.below(64)),
            5 => msgpack::float(out, self.below(1000) as f64 / 8.0),
            6 | 7 => msgpack::text(out, &self.text()),
            8 => {
                let bytes = self.text().into_bytes();
                let len = bytes.len().min(200);
                out.extend_from_slice(&[0xc4, len as u8]);
                out.extend_from_slice(&bytes[..len]);
            }
            9 => {
                let len = self.below(5) as usize;
                msgpack::array_header(out, len);
                (0..len).for_each(|_| self.value(out, depth - 1));
            }
            _ => self.map(out, depth - 1),
        }
    }

    fn map(&mut self, out: &mut Vec<u8>, depth: u64) {
        let len = [0, 1, 2, 5, 7, 20][self.below(6) as usize];
        msgpack::map_header(out, len);
        for _ in 0..len {
            msgpack::text(out, &self.text());
            self.value(out, depth);
        }
    }
}

fn random() -> Random {
    Random(Xoshiro256PlusPlus::seed_from_u64(23))
}

#[test]
#[ignore = "slow: make test-slow"]
fn random_messages_are_read_by_another_library() {
    let mut random = random();
    for _ in 0..if cfg!(debug_assertions) { 100 } else { 5000 } {
        let (mut chunk, mut records) = (Vec::new(), Vec::new());
        for _ in 0..1 + random.below(4) {
            let mut message = Vec::new();
            let depth = random.below(6);
            random.map(&mut message, depth);
            let id = ["a", "a.b", "main.sub.\u{e9}"][random.below(3) as usize];
            let stamp = [1, 5, NOW, NOW, NOW, i64::from(u32::MAX) + 1][random.below(6) as usize];
            let event = (random.below(2) == 0).then(|| random.0.next_u64());
            chunk.extend_from_slice(&entry(id, stamp, &message, event));
            records.push(expected(id, stamp, &message, event));
        }
        assert_eq!(both(&chunk), records);
    }
}

#[test]
fn floats_that_are_no_numbers() {
    let mut message = Vec::new();
    msgpack::array_header(&mut message, 3);
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        msgpack::float(&mut message, value);
    }
    let entry = entry("c", NOW, &message, None);
    let request =
        ExportLogsServiceRequest::decode(written(Form::Protobuf, &entry).unwrap().as_slice()).unwrap();
    let body = request.resource_logs[0].scope_logs[0].log_records[0].body.clone().unwrap();
    let Some(Value::ArrayValue(ArrayValue { values })) = body.value else { panic!("an array") };
    let floats: Vec<f64> = values
        .into_iter()
        .map(|value| if let Some(Value::DoubleValue(float)) = value.value { float } else { 0.0 })
        .collect();
    assert!(floats[0].is_nan() && floats[1..] == [f64::INFINITY, f64::NEG_INFINITY]);
    let json = String::from_utf8(written(Form::Json, &entry).unwrap()).unwrap();
    let expected = r#"[{"doubleValue":"NaN"},{"doubleValue":"Infinity"},{"doubleValue":"-Infinity"}]"#;
    assert!(json.contains(expected), "{json}");
}

#[test]
fn a_record_in_json() {
    let entry = entry("c.s", NOW, b"\x83\xa1n\xff\xa1t\xa2\"\n\xa1b\xc2", Some(7));
    let json = String::from_utf8(written(Form::Json, &entry).unwrap()).unwrap();
    let expected = concat!(
        r#""logRecords":[{"timeUnixNano":"1700000000000000000","observedTimeUnixNano":"1700000000000000000","#,
        r#""body":{"kvlistValue":{"values":[{"key":"n","value":{"intValue":"-1"}},"#,
        r#"{"key":"t","value":{"stringValue":"\"\n"}},{"key":"b","value":{"boolValue":false}}]}},"#,
        r#""attributes":[{"key":"user_id","value":{"stringValue":"u"}},{"key":"context","value":{"stringValue":"c.s"}},"#,
        r#"{"key":"arc_id","value":{"stringValue":"c"}},"#,
        r#"{"key":"event_id","value":{"stringValue":"01234567-89ab-cdef-0123-456789abcdef-7"}}]}]}]}]}"#,
    );
    assert!(json.ends_with(expected), "{json}");
}

#[test]
fn times_that_otlp_cannot_say_are_attributes() {
    for stamp in [0, -1, -62_135_510_400, 253_402_300_799] {
        let records = both(&entry("c", stamp, b"\x80", None));
        assert_eq!((records[0].time_unix_nano, records.len()), (0, 1));
        assert_eq!(records[0].observed_time_unix_nano, NOW as u64 * 1_000_000_000);
        let said = pair("export_timestamp", any(Some(Value::IntValue(stamp))));
        assert!(records[0].attributes.contains(&said), "{records:?}");
    }
}

#[test]
fn fractions_of_a_second_and_an_arc_id_of_its_own() {
    let mut entry = vec![0x92, 0xd7, 0];
    entry.extend_from_slice(&(NOW as u32).to_be_bytes());
    entry.extend_from_slice(&123_456_789_u32.to_be_bytes());
    entry.extend_from_slice(b"\x85\xa7user_id\xa1u\xa7context\xa3a.b\xa6arc_id\xa1a\xa7message\x81\xa1k\x01");
    let start = entry.clone();
    Output::to(&mut entry, |out| record::finish(out, NOW));
    let mut another = start;
    Output::to(&mut another, |out| record::finish(out, NOW - 1));
    let records = both(&[entry, another].concat());
    let times: Vec<u64> = records.iter().map(|record| record.time_unix_nano).collect();
    assert_eq!(times, [1_700_000_000_123_456_789, 1_699_999_999_000_000_000]);
    for record in records {
        assert_eq!(record.observed_time_unix_nano, 1_700_000_000_123_456_789);
        let keys: Vec<&str> = record.attributes.iter().map(|pair| pair.key.as_str()).collect();
        assert_eq!(keys, ["user_id", "context", "arc_id"]);
    }
}

#[test]
fn contexts_that_change_and_are_long() {
    let ids: Vec<String> =
        [1, 5, 900, 5, 2000, 1].iter().map(|len| format!("{}.x", "i".repeat(*len))).collect();
    let chunk: Vec<u8> = ids.iter().flat_map(|id| entry(id, NOW, b"\x81\xa1k\x01", None)).collect();
    let records: Vec<LogRecord> = ids.iter().map(|id| expected(id, NOW, b"\x81\xa1k\x01", None)).collect();
    assert_eq!(both(&chunk), records);
}

#[test]
fn nothing_is_an_empty_request() {
    assert_eq!(written(Form::Protobuf, b"").unwrap(), b"");
    assert_eq!(written(Form::Json, b"").unwrap(), b"{}");
}

#[test]
fn what_cannot_be_read_leaves_the_output() {
    let mut message = Vec::new();
    random().map(&mut message, 5);
    let whole = entry("c", NOW, &message, Some(1));
    for form in [Form::Protobuf, Form::Json] {
        for len in 1..whole.len() {
            assert_eq!(written(form, &whole[..len]), None, "{len} of {}", whole.len());
        }
    }
    let mut known = KnownParts::default();
    let mut out = vec![7];
    let read = Output::to(&mut out, |out| append_log_record(out, &whole[..whole.len() - 1], &mut known));
    assert_eq!((read, out), (None, vec![7]));
}

#[test]
#[ignore = "slow: make test-slow"]
fn damaged_entries_never_panic_and_are_valid_protobuf_where_they_are_read() {
    let mut random = random();
    for _ in 0..if cfg!(debug_assertions) { 3000 } else { 500_000 } {
        let mut message = Vec::new();
        random.map(&mut message, 2);
        message.truncate(400);
        let mut damaged = entry("c.d", NOW, &message, Some(1));
        for _ in 0..1 + random.below(4) {
            let at = random.below(damaged.len() as u64) as usize;
            damaged[at] = random.0.next_u64() as u8;
        }
        let readable = value_len(&damaged).is_some_and(|len| len == damaged.len());
        for form in [Form::Protobuf, Form::Json] {
            if let Some(bytes) = written(form, &damaged)
                && readable
                && str::from_utf8(&bytes).is_ok()
                && form == Form::Json
            {
                let _: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            }
        }
    }
}
