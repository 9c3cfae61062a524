//! Hosts with a spool that are killed, and the collector that tells afterwards whether anything is missing.
//!
//! [`site`] is a folder with a spool and a collector that comes and goes, [`tally`] what that collector took, checked
//! event by event, [`host`] a program that says what it has in safety until it is killed. The suites `spool_*` call
//! them; nothing is left behind.

pub mod host;
pub mod power;
pub mod site;
pub mod tally;

pub use host::{Host, Said};
pub use power::{Power, Unsynced};
pub use site::Site;
pub use tally::Tally;

use std::env;

/// How many runs a test makes: few where it is one of many, all of them with `SPOOL_RUNS=long`.
pub fn runs(short: u32, long: u32) -> u32 {
    if is_long() { long } else { short }
}

/// Whether the full numbers are asked for.
pub fn is_long() -> bool {
    env::var("SPOOL_RUNS").is_ok_and(|runs| runs == "long")
}

/// Numbers that differ from run to run of one test and are the same in every run of the program (xorshift).
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall as this seed says.
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }
}
