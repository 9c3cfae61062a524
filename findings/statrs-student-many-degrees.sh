#!/bin/sh
# statrs 0.19.1 (a crate of statistics), a quantile of Student's t with many degrees of freedom.
#
# The 97.5 % quantile, by which a 95 % interval of a mean is drawn, comes down to the 1.960 of the normal distribution, as
# it should, up to a million degrees of freedom. At ten million it is 1.827, without an error: intervals over so many rows
# are 7 % too narrow. The distribution function stays right there: it gives 0.975 below 1.96 and shows the fault.
#
# Needs cargo. Everything is made in a temporary folder. Prints what it saw; fails when that changes.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/src"
cat >"$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
statrs = { version = "=0.19.1", default-features = false, features = ["std"] }
TOML
cat >"$work/src/main.rs" <<'RUST'
use statrs::distribution::{ContinuousCDF, StudentsT};

fn main() {
    for power in 2..=7 {
        let t = StudentsT::new(0.0, 1.0, 10f64.powi(power)).unwrap();
        println!("1e{power}: quantile {:.3}, share below 1.96 {:.3}", t.inverse_cdf(0.975), t.cdf(1.96));
    }
}
RUST
cd "$work"
cargo run --quiet --target-dir target >seen
cat seen
cat >expected <<'SEEN'
1e2: quantile 1.984, share below 1.96 0.974
1e3: quantile 1.962, share below 1.96 0.975
1e4: quantile 1.960, share below 1.96 0.975
1e5: quantile 1.960, share below 1.96 0.975
1e6: quantile 1.960, share below 1.96 0.975
1e7: quantile 1.827, share below 1.96 0.975
SEEN
diff expected seen
