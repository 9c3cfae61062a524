//! The same question to DuckDB, which reads the file of records itself.

use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::library::{target_folder, workspace};
use crate::run::run;

const PACKAGE: &str = "duckdb==2.0.1";
/// It is to be had or not; a slow net is no reason to wait.
const LIMIT: Duration = Duration::from_secs(300);

/// Means of a KAPI by a dimension, the best of three times; ARCs have both in one event.
const QUESTION: &str = "
import duckdb, sys, time
best = 1e9
for _ in range(3):
    began = time.perf_counter()
    rows = duckdb.sql(f'''select record.message.country, count(*), avg(record.message.confidence),
        stddev(record.message.confidence) from read_ndjson('{sys.argv[1]}')
        where record.message.MONA_ARC_CLASS = 'run' group by 1''').fetchall()
    best = min(best, time.perf_counter() - began)
assert len(rows) == 10, rows
print(best)
";

/// How long that takes, in seconds, or why it cannot be had.
pub(super) fn by_dimension(records: &Path) -> io::Result<Result<f64, String>> {
    let root = workspace();
    let mut venv = Command::new("sh");
    venv.args(["tests/venv.sh", "duckdb", PACKAGE]).current_dir(&root);
    let made = run(venv.env("CARGO_TARGET_DIR", target_folder(&root)), LIMIT);
    let Ok(made) = made.and_then(|made| made.expect_ok()) else {
        return Ok(Err(format!("{PACKAGE} cannot be installed here")));
    };
    let python = Path::new(made.stdout.trim()).join("python");
    let finished = run(Command::new(python).args(["-c", QUESTION]).arg(records), LIMIT)?.expect_ok()?;
    let seconds = finished.stdout.trim().parse();
    seconds.map(Ok).map_err(|_| io::Error::other(format!("DuckDB said {:?}", finished.stdout)))
}
