#!/bin/sh
# Packs the sources of libmona and of the crates it is made of: what builds without a network.
#
#     source.sh OUT_DIR
#
# Writes mona-VERSION.tar.xz with the commit that is checked out; changes that are not committed go in too, with a line.
# The library, its C and C++ packages, the tools and the local collector are in it. The tests and the packages of other
# languages are not: those have archives of their own. The same commit gives the same bytes.
set -eu

[ $# -eq 1 ] || { echo "usage: source.sh OUT_DIR" >&2; exit 2; }
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/.." && pwd)
mkdir -p "$1"
out=$(CDPATH='' cd -- "$1" && pwd)

# Systems whose crates are in it. For others cargo has to fetch them.
systems="x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu x86_64-unknown-linux-musl aarch64-unknown-linux-musl
    x86_64-apple-darwin aarch64-apple-darwin"

git -C "$root" rev-parse --git-dir >/dev/null 2>&1 || {
    echo "source.sh: $root: not a checkout of git, which names the files to pack" >&2
    exit 1
}
version=$(sed -n 's/^version *= *"\([^"]*\)".*/\1/p' "$root/Cargo.toml" | head -n 1)
name=mona-$version
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
changed=$(git -C "$root" stash create)
[ -z "$changed" ] || echo "source.sh: with changes that are not committed" >&2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
tree=$work/$name

# Of the tests those scripts that the Makefile's `install` and `demo`, and packages, take.
git -C "$root" archive --format=tar --prefix="$name/" "${changed:-HEAD}" -- . \
    ':(exclude)tests' ':(exclude)scale' ':(exclude)findings' ':(exclude).ci' ':(exclude)bindings' >"$work/tree.tar"
tar -x -f "$work/tree.tar" -C "$work"
git -C "$root" archive --format=tar --prefix="$name/" "${changed:-HEAD}" -- bindings/c bindings/cpp \
    tests/abi tests/install tests/tools.sh tests/venv.sh >"$work/tree.tar"
tar -x -f "$work/tree.tar" -C "$work"

# The lock file keeps every version that it names; crates that only the tests use leave it.
members='["core", "ffi", "collector"]'
sed -i.all "s/^members = .*/members = $members/; s/^default-members = .*/default-members = $members/" "$tree/Cargo.toml"
rm "$tree/Cargo.toml.all"
(cd "$tree" && cargo vendor --quiet --versioned-dirs vendor)
grep -vxF -f "$root/Cargo.lock" "$tree/Cargo.lock" >&2 && {
    echo "source.sh: Cargo.lock has these lines that the repository's has not" >&2
    exit 1
}
mkdir -p "$tree/.cargo"
cat >"$tree/.cargo/config.toml" <<'END'
[source.crates-io]
replace-with = "vendored-sources"

[source.vendored-sources]
directory = "vendor"
END
# shellcheck disable=SC2086 # a list of systems
python3 "$here/vendor.py" "$tree" $systems >&2

# Order, times and owners are those of no machine, and the blocks do not depend on how many threads fill them. A level
# more is a hundredth less, in twice the time.
chmod -R u+rwX,go+rX,go-w "$tree"
sh "$here/archive.sh" "$work" "$name" >"$work/$name.tar"
xz -T2 --block-size=64MiB "${MONA_XZ_LEVEL:--6}" "$work/$name.tar"
mv -f "$work/$name.tar.xz" "$out/$name.tar.xz"
echo "$out/$name.tar.xz"
