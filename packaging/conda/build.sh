#!/bin/sh
# Run by conda-build and rattler-build in the unpacked sources.
set -eu

# Relative to the sources are those of the crates that they bring.
export CARGO_NET_OFFLINE=true
export RUSTFLAGS="${RUSTFLAGS:-${CARGO_BUILD_RUSTFLAGS:-}} --remap-path-prefix=$SRC_DIR=."
make install PREFIX="$PREFIX" MONA_TOOLS=yes MONA_COLLECTOR=yes
