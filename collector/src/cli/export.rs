//! `mona-collector export`: what a store has, as a file for other programs.

mod lines;
mod parquet;
mod run;
mod target;

pub(crate) use run::{Export, run};
