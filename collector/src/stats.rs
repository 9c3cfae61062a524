//! Statistics on plain slices, for the views of the page.
//!
//! Pure functions: no store, no HTML, no clock, no random numbers. What they promise, whatever the values: values that
//! are not finite are left out, nothing overflows into a wrong answer, and where a question has no answer (one value,
//! no spread at all) they say so with `None`. Distributions are those of `statrs`; every figure is compared with SciPy's
//! on three data sets.
//!
//! Which definitions: the variance divides by n - 1; a quantile is the smallest value that at least this share of the
//! values does not exceed, as in the table that the program prints ("inverted_cdf" in NumPy, `quantile_disc` in SQL).

mod changes;
mod contrast;
mod cut;
mod discovery;
mod frame;
mod histogram;
mod moments;
mod quantile;
mod rank;
mod shares;
mod stretches;
mod welch;

#[cfg(test)]
mod reference;

pub(crate) use changes::changes;
pub(crate) use changes::found::{Change, Changes, What};
pub(crate) use contrast::{Contrast, SMALL_GROUP, contrast};
pub(crate) use cut::strongest_cut;
pub(crate) use frame::{Categories, Column, Frame, Numbers};
pub(crate) use histogram::{Bin, Histogram, histogram};
pub(crate) use moments::Moments;
pub(crate) use quantile::{quantile, sorted};
pub(crate) use shares::share_interval;
pub(crate) use stretches::{Stretch, stretches};
pub(crate) use welch::{Difference, mean_interval, welch};
