//! How the outcome of a whole batch is handed out: the number of accepted events, and the status of what went wrong.

use mona_core::BatchReport;
use mona_core::error::Result;

use crate::handle::OutParam;

/// Hands out the number of events of a batch that were accepted, whatever became of the others.
pub(crate) fn put_report(report: BatchReport, accepted: &OutParam<'_, usize>) -> Result<()> {
    accepted.put(report.accepted);
    report.result
}

/// Hands out nothing of a batch that was found wrong before it was looked at, but for a disabled client.
pub(crate) fn put_refusal(report: BatchReport, accepted: &OutParam<'_, usize>) -> Result<()> {
    report.result?;
    accepted.put(report.accepted);
    Ok(())
}
