#!/bin/sh
# Builds libmona, its tools and the local collector for Linux systems of any age, and packs them: a folder that works
# wherever it is unpacked.
#
#     portable.sh MONA-VERSION.TAR.XZ ARCHITECTURE LIBC OUT_DIR
#
# ARCHITECTURE is x86_64 or aarch64; LIBC is glibc2.17 (of 2012, and all later ones) or musl. Writes
# mona-VERSION-linux-ARCHITECTURE-LIBC.tar.gz. cargo-zigbuild and zig come from PyPI where they are not on PATH; the static
# library takes the binutils of that processor. MONA_PORTABLE_DIR is where it builds, and what is built stays there; else a
# temporary folder. Ends with 3 where a tool cannot be had.
set -eu

[ $# -eq 4 ] || { echo "usage: portable.sh MONA-VERSION.TAR.XZ ARCHITECTURE LIBC OUT_DIR" >&2; exit 2; }
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/.." && pwd)
tarball=$1
arch=$2
libc=$3
mkdir -p "$4"
out=$(CDPATH='' cd -- "$4" && pwd)
name=$(basename "$tarball" .tar.xz)
case $arch in
x86_64 | aarch64) ;;
*) echo "portable.sh: ARCHITECTURE $arch: x86_64 or aarch64 is expected" >&2; exit 2 ;;
esac
# What cargo-zigbuild takes, what Rust calls it, and what zig calls it.
case $libc in
glibc2.17)
    rust=$arch-unknown-linux-gnu
    build_for=$rust.2.17
    zig=$arch-linux-gnu.2.17
    ;;
musl)
    rust=$arch-unknown-linux-musl
    build_for=$rust
    zig=$arch-linux-musl
    ;;
*) echo "portable.sh: LIBC $libc: glibc2.17 or musl is expected" >&2; exit 2 ;;
esac
package=$name-linux-$arch-$libc

lacks() {
    echo "portable.sh: $1" >&2
    exit 3
}
bin=$(sh "$root/tests/venv.sh" zig cargo-zigbuild==0.24.0 ziglang==0.17.0) || lacks "no cargo-zigbuild, and none from PyPI"
PATH=$bin:$PATH
if [ ! -d "$(rustc --print target-libdir --target "$rust" 2>/dev/null)" ]; then
    rustup target add "$rust" >&2 || lacks "no library of Rust for $rust"
fi
cross=
[ "$(uname -m)" = "$arch" ] || cross=$(echo "$arch" | tr _ -)-linux-gnu-
command -v "${cross}objcopy" >/dev/null 2>&1 || lacks "no ${cross}objcopy (binutils of $arch)"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
work=${MONA_PORTABLE_DIR:-$scratch}
mkdir -p "$work/$libc-$arch"
tree=$work/$libc-$arch/$name
rm -rf "$tree"
tar -x -f "$tarball" -C "$work/$libc-$arch"
cd "$tree"
SOURCE_DATE_EPOCH=$(date -r Cargo.toml +%s)
export SOURCE_DATE_EPOCH

# Nobody's folders in what is built, and no crates but those of the sources.
target=$work/$libc-$arch/target
# With a character between them that no folder has: RUSTFLAGS would be split at blanks.
between=$(printf '\037')
flags=--remap-path-prefix=$tree=/usr/src/mona$between--remap-path-prefix=$target=/usr/src/mona/target
build() {
    CARGO_ENCODED_RUSTFLAGS="$2" CARGO_HOME=$scratch/cargo cargo-zigbuild zigbuild --quiet --offline --locked --release -p "$1" \
        --target "$build_for" --target-dir "$3" >&2
}
# musl's programs are static ones unless Rust is told otherwise, and of such a system there are no shared libraries.
shared=$flags
[ "$libc" != musl ] || shared=$flags$between-C${between}target-feature=-crt-static
build mona-ffi "$shared" "$target/library"
build mona-collector "$flags" "$target/collector"

# The tools are C.
cat >"$scratch/cc" <<END
#!/bin/sh
exec "$bin/python-zig" cc -target $zig "\$@"
END
chmod +x "$scratch/cc"
MONA_CC=$scratch/cc CFLAGS="-O2 -s" LD=${cross}ld OBJCOPY=${cross}objcopy AR=${cross}ar STRIP=${cross}strip \
    sh "$here/pack.sh" "$tree" "$target/library/$rust/release" "$target/collector/$rust/release/mona-collector" "$package" "$out"
