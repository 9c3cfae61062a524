#!/bin/sh
# Run by conda-build and rattler-build in the unpacked sources.
set -eu

# No crates but those that the sources bring; where conda-forge's compiler has its flags, others would take their place.
export CARGO_NET_OFFLINE=true
export RUSTFLAGS="${RUSTFLAGS:-${CARGO_BUILD_RUSTFLAGS:-}}"
make install PREFIX="$PREFIX" MONA_TOOLS=yes MONA_COLLECTOR=yes MONA_REMAP=yes
