//! The first events of a program, kept in memory and shown as a collector would get them:
//! `cargo run -p mona --example first_export`.

use std::error::Error;
use std::time::Duration;

use mona::{Client, Field, FieldValue, Options, Timestamp};

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let mut options = Options::new();
    // Leave this out in production: the environment says where records go, `MONA_ENDPOINT` and others.
    options.set("endpoint", "memory:")?;
    options.set("user_id", "acme")?;
    let client = Client::new(Some(&options))?;

    // One context for each run of your algorithm; its class is what runs of the same algorithm share.
    let run = client.context(Some("digit-classifier"), None, Timestamp::Now)?;
    run.export_json(br#"{"label": "seven", "confidence": 0.97}"#, Timestamp::Now)?;
    // Typed fields are cheaper than JSON that has to be built first.
    let fields = [
        Field { key: "label".into(), value: FieldValue::Str("seven".into()) },
        Field { key: "confidence".into(), value: FieldValue::F64(0.97) },
    ];
    run.export_fields(&fields, Timestamp::Now)?;

    client.flush(Duration::from_secs(5))?;
    let mut shown = 0;
    while let Ok(record) = client.take_with(|record| (true, record.to_owned())) {
        println!("{record}");
        shown += 1;
    }
    // The class of the context is a record of its own.
    if shown != 3 {
        return Err(format!("{shown} records were delivered, 3 are expected").into());
    }
    client.close(Duration::from_secs(5))?;
    Ok(())
}
