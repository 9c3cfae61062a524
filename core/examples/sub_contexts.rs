//! A run with steps, one of them on another thread: each step is a sub-context of the run, and all of them become one
//! ARC. `cargo run -p mona --example sub_contexts`.

use std::error::Error;
use std::time::Duration;

use mona::{Client, Options, Timestamp};

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let mut options = Options::new();
    options.set("endpoint", "memory:")?;
    let client = Client::new(Some(&options))?;
    // Sent once after each new main context.
    client.set_globals(Some(br#"{"model": "resnet50-v3"}"#))?;

    // With an id of your own, the run can be gone on with in another process.
    let run = client.context(Some("classifier"), Some("run-1"), Timestamp::Now)?;
    let preprocess = run.sub(Some("preprocess"), Some("preprocess"))?;
    preprocess.export_json(br#"{"mean_ink": 5.2}"#, Timestamp::Now)?;

    // A context never changes, so threads share it as they like.
    let exported = std::thread::scope(|scope| {
        let classify =
            || run.sub(Some("classify"), None)?.export_json(br#"{"margin": 0.81}"#, Timestamp::Now);
        scope.spawn(classify).join()
    });
    exported.map_err(|_| "the thread panicked")??;
    run.export_json(br#"{"label": "seven"}"#, Timestamp::Now)?;

    client.flush(Duration::from_secs(5))?;
    let mut records = Vec::new();
    while let Ok(record) = client.take_with(|record| (true, record.to_owned())) {
        println!("{record}");
        records.push(record);
    }
    if !records.iter().any(|record| record.contains(r#""context":"run-1.preprocess""#)) {
        return Err("no record of the sub-context was delivered".into());
    }
    client.close(Duration::from_secs(5))?;
    Ok(())
}
