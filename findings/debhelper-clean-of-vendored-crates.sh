#!/bin/sh
# debhelper 13.11.4 (Debian 12) over crates of `cargo vendor` (itoa 1.0.15, hex 0.4.3; seen with cargo 1.95).
#
# `cargo vendor` keeps the manifest that an author wrote as Cargo.toml.orig beside the one it was published with, and lists
# both with their sums. dh_clean, which runs before and after every build of a package and is known for taking away what a build
# made, takes every file of any folder whose name ends in .orig for what `patch` left behind: each crate loses one file, and
# an offline build that worked before stops at the first of them. With `-X.orig` they stay.
#
# Needs Debian 12's apt-get, perl and cargo. Everything is made in a temporary folder. Prints what it saw; fails when that
# changes.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir packages tools tree tree/debian tree/src
(cd packages && apt-get download -qq -o APT::Sandbox::User=root debhelper=13.11.4 libdebhelper-perl=13.11.4)
for package in packages/*.deb; do
    dpkg-deb -x "$package" tools
done
clean() {
    PERL5LIB=$work/tools/usr/share/perl5 perl "$work/tools/usr/bin/dh_clean" "$@"
}

cd tree
cat >Cargo.toml <<'TOML'
[package]
name = "tree"
version = "0.1.0"
edition = "2021"

[dependencies]
itoa = "=1.0.15"
hex = "=0.4.3"
TOML
echo 'fn main() { println!("{}", itoa::Buffer::new().format(7)); }' >src/main.rs
printf 'Source: tree\nMaintainer: Nobody <nobody@example.org>\n\nPackage: tree\nArchitecture: any\nDescription: a tree\n' >debian/control
printf 'tree (0.1.0-1) unstable; urgency=low\n\n  * First.\n\n -- Nobody <nobody@example.org>  Mon, 30 Nov 2026 00:00:00 +0000\n' >debian/changelog
echo 13 >debian/compat
mkdir .cargo
cargo vendor >.cargo/config.toml 2>/dev/null

look() {
    count=$(find vendor -name '*.orig' | wc -l | tr -d ' ')
    if cargo build --offline --quiet >said 2>&1; then
        echo "$1: $count files, builds"
    else
        grep -q 'Cargo.toml.orig' said || cat said
        echo "$1: $count files, does not build"
    fi
    rm -rf target said
}
{
    look "as vendored"
    clean -X.orig
    look "after dh_clean -X.orig"
    clean
    look "after dh_clean"
} >"$work/seen"
cat "$work/seen"
cat >"$work/expected" <<'SEEN'
as vendored: 2 files, builds
after dh_clean -X.orig: 2 files, builds
after dh_clean: 0 files, does not build
SEEN
diff "$work/expected" "$work/seen"
