#!/bin/sh
# Installs libmona, as built by `make release`.
#
#     install.sh RELEASE_DIR PREFIX [ABI]
#     install.sh --list PREFIX [ABI]           prints what would be there, a path below PREFIX a line
#
# RELEASE_DIR holds libmona.so (or .dylib) and libmona.a, and mona-collector where that was built. PREFIX may have blanks.
# ABI is the number in the shared object's name; without it the header tells. From the environment:
#
#   DESTDIR           put before PREFIX
#   LIBDIR            where libraries go below PREFIX (lib), such as lib64 or lib/x86_64-linux-gnu
#   MONA_NATIVE_LIBS  what the static library needs from the system, as options of the linker
#   MONA_CC, CC       the compiler, with options if need be, that builds mona-doctor and mona-spool (cc)
#   CFLAGS            further options for it (-O2)
#   LD, OBJCOPY, AR   what makes the static library, for another processor those of its tool chain
#   MONA_TOOLS        yes, no or auto: mona-doctor and mona-spool; auto leaves them out, with a line, where nothing
#                     compiles them
#   MONA_RPATH        yes, or no: the tools find the library only where the system looks, as packages in /usr want it
#   MONA_COLLECTOR    yes, no, auto or the path of the program: mona-collector; auto leaves it out, with a line, where
#                     RELEASE_DIR does not have it
set -eu

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
    echo "usage: install.sh RELEASE_DIR PREFIX [ABI], or install.sh --list PREFIX [ABI]" >&2
    exit 2
fi
release=$1
prefix=$2
libdir=${LIBDIR:-lib}
want_tools=${MONA_TOOLS:-auto}
want_collector=${MONA_COLLECTOR:-auto}
want_rpath=${MONA_RPATH:-yes}
list=
[ "$release" != --list ] || list=yes

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)

refuse() {
    echo "install.sh: $1" >&2
    exit "${2:-2}"
}

case $prefix in
/*) ;;
*) refuse "PREFIX $prefix: a relative path, an absolute one is expected" ;;
esac
case /$libdir/ in
//* | *//* | */./* | */../*) refuse "LIBDIR $libdir: a plain path below PREFIX is expected, like lib64" ;;
esac
case $want_tools in
yes | no | auto) ;;
*) refuse "MONA_TOOLS $want_tools: yes, no or auto is expected" ;;
esac

case $want_rpath in
yes | no) ;;
*) refuse "MONA_RPATH $want_rpath: yes or no is expected" ;;
esac
# What is asked for and cannot be had is said before anything is written.
case $want_collector in
yes | no | auto) program=$release/mona-collector ;;
*/*) program=$want_collector ;;
*) refuse "MONA_COLLECTOR $want_collector: yes, no, auto or a path is expected" ;;
esac
case $list:$want_collector in
yes:* | :no | :auto) ;;
*) [ -f "$program" ] || refuse "$program: no such file, build with \`cargo build --release -p mona-collector\` first" 1 ;;
esac

header=$root/include/mona.h
abi=${3:-$(sed -n 's/^#define MONA_ABI_VERSION *//p' "$header")}

# What was built tells the system that it is for, which need not be this one.
if [ -f "$release/libmona.dylib" ] || { [ -n "$list" ] && [ "$(uname -s)" = Darwin ]; }; then
    built=libmona.dylib
    shared=libmona.$abi.dylib
    soname=@rpath/$shared
    origin=@loader_path
    native='-framework Security -framework CoreFoundation -liconv -lSystem -lc -lm'
else
    built=libmona.so
    shared=libmona.so.$abi
    soname=$shared
    origin=\$ORIGIN
    # Without gcc_s: compilers add the unwinder by themselves, and the right one of two with -static.
    native='-lutil -lrt -lpthread -lm -ldl -lc'
fi
native=${MONA_NATIVE_LIBS:-$native}

if [ -z "$list" ]; then
    for input in "$release/$built" "$release/libmona.a"; do
        [ -f "$input" ] || refuse "$input: no such file, build with \`make release\` first" 1
    done
fi

# The first version in Cargo.toml is the one of the workspace, which all its crates share.
version=$(sed -n 's/^version *= *"\([^"]*\)".*/\1/p' "$root/Cargo.toml" | head -n 1)
abi_since=$(sed -n 's/^abi-since *= *"\([^"]*\)".*/\1/p' "$root/Cargo.toml")

target=${DESTDIR:-}$prefix
doc=share/doc/mona
umask 022

# place MODE SOURCE PATH: a file goes to a path below PREFIX. Each is written beside its place and moved there, so that a
# program that has the old one open keeps it.
place() {
    if [ -n "$list" ]; then
        echo "$3"
        return
    fi
    # What the system says of it stands above. Not even root may write everywhere.
    { mkdir -p "$(dirname "$target/$3")" && rm -f "$target/$3.new" && cp "$2" "$target/$3.new" &&
        chmod "$1" "$target/$3.new" && mv -f "$target/$3.new" "$target/$3"; } || {
        rm -f "$target/$3.new"
        advice="name a folder that you may write to"
        [ "$(id -u)" = 0 ] || advice="$advice, or install as root (\`sudo make install\`)"
        refuse "PREFIX $prefix: $target/$3 cannot be written, and no more is installed: $advice" 1
    }
}

# The way back to PREFIX from LIBDIR/SUBFOLDERS: one step for each folder.
up_from() {
    echo "$libdir/$1" | sed 's|[^/][^/]*|..|g; s|/$||'
}

# The byte that tells 32-bit from 64-bit objects is the same in ELF and, read so, in Mach-O (0xcf ends 64-bit magics).
pointer_bytes() {
    case $(od -An -tx1 -N5 "$release/$built" | tr -d ' \n') in
    7f454c4601 | cefaedfe*) echo 4 ;;
    *) echo 8 ;;
    esac
}

# Text as sed wants it where something is replaced.
literal() {
    printf '%s' "$1" | sed 's/[&|\\]/\\&/g'
}

# CMake wants a list; `-framework X` has to stay one item.
native_cmake=$(echo "$native" | sed 's/-framework /-framework%/g; s/  */;/g; s/%/ /g; s/-l//g')

fill() {
    sed -e "s|@VERSION@|$version|g" -e "s|@ABI@|$abi|g" -e "s|@ABI_SINCE@|$abi_since|g" \
        -e "s|@LIBDIR@|$(literal "$libdir")|g" -e "s|@SHARED_NAME@|$shared|g" -e "s|@SONAME@|$soname|g" \
        -e "s|@NATIVE_LIBS@|$(literal "$native")|g" -e "s|@NATIVE_LIBS_CMAKE@|$(literal "$native_cmake")|g" \
        -e "s|@PREFIX_FROM_PC@|$(up_from pkgconfig)|g" -e "s|@PREFIX_FROM_CMAKE@|$(up_from cmake/mona)|g" \
        -e "s|@POINTER_BYTES@|$(pointer_bytes)|g" "$1"
}

if [ -z "$list" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM
fi

place_filled() {
    [ -n "$list" ] || fill "$1" >"$work/filled"
    place 644 "${work:-}/filled" "$2"
}

library() {
    place 755 "$release/$built" "$libdir/$shared"
    if [ -n "$list" ]; then
        echo "$libdir/$built"
    else
        ln -sf "$shared" "$target/$libdir/$built"
        sh "$here/localise.sh" "$release/libmona.a" "$work/libmona.a"
    fi
    place 644 "${work:-}/libmona.a" "$libdir/libmona.a"
    place 644 "$header" include/mona.h
    place 644 "$root/bindings/cpp/mona.hpp" include/mona.hpp
    for part in "$root"/bindings/cpp/mona/*.hpp; do
        place 644 "$part" "include/mona/$(basename "$part")"
    done
    place_filled "$root/bindings/c/mona.pc.in" "$libdir/pkgconfig/mona.pc"
    place_filled "$root/bindings/cpp/mona-cpp.pc.in" "$libdir/pkgconfig/mona-cpp.pc"
    for part in mona-config mona-config-version; do
        place_filled "$root/bindings/c/cmake/$part.cmake.in" "$libdir/cmake/mona/$part.cmake"
    done
}

# The tool is compiled against what was just installed, and finds the library from where it is itself, so that the whole
# prefix can be moved.
build_tool() {
    set -- "$1" "$target/$libdir" "$work/$1"
    [ "$want_rpath" = no ] || set -- "$@" "$origin/../$libdir"
    CC=${MONA_CC:-${CC:-cc}} sh "$root/bindings/c/tools/build.sh" "$@"
}

tool() {
    [ "$want_tools" != no ] || return 0
    if [ -n "$list" ] || build_tool "$1"; then
        place 755 "${work:-}/$1" "bin/$1"
    elif [ "$want_tools" = yes ]; then
        refuse "$1: ${MONA_CC:-${CC:-cc}} cannot build it, set MONA_CC to a compiler for this library" 1
    else
        echo "install.sh: $1 is left out: ${MONA_CC:-${CC:-cc}} cannot build it, set MONA_CC to a compiler for this" \
            "library" >&2
    fi
}

collector() {
    [ "$want_collector" != no ] || return 0
    if [ -n "$list" ] || [ -f "$program" ]; then
        place 755 "$program" bin/mona-collector
    else
        echo "install.sh: mona-collector is left out: $program is not there, build with" \
            "\`cargo build --release -p mona-collector\`" >&2
    fi
}

# Pages, with those of functions that only name the page of their noun; words for three shells.
manuals() {
    for page in "$root"/man/man[137]/*.[137]; do
        section=${page##*.}
        place 644 "$page" "share/man/man$section/$(basename "$page")"
    done
    for words in "$root"/completions/bash/*; do
        place 644 "$words" "share/bash-completion/completions/$(basename "$words")"
    done
    for words in "$root"/completions/zsh/*; do
        place 644 "$words" "share/zsh/site-functions/$(basename "$words")"
    done
    for words in "$root"/completions/fish/*; do
        place 644 "$words" "share/fish/vendor_completions.d/$(basename "$words")"
    done
}

# What there is to read, laid out as in the sources: the pages refer to each other.
documents() {
    pages=$(cd "$root" && ls README.md OPTIONS.md CHANGELOG.md SECURITY.md &&
        find docs -type f \( -name '*.md' -o -name '*.png' -o -name '*.svg' \) | LC_ALL=C sort)
    [ -n "$list" ] || (cd "$root" && echo "$pages" && ls -d LICENSE* THIRD-PARTY* ./*.cdx.json) | sed 's|^\./||' >"$work/installed"
    echo "$pages" | while IFS= read -r page; do
        from=$root/$page
        case $list$page in
        *.md)
            from=${work:-}/page
            [ -n "$list" ] || awk -v page="$page" -v installed="$work/installed" -f "$here/page.awk" "$root/$page" >"$from"
            ;;
        esac
        place 644 "$from" "$doc/$page"
    done
    licences=0
    for licence in "$root"/LICENSE* "$root"/NOTICE* "$root"/THIRD-PARTY*; do
        if [ -f "$licence" ]; then
            place 644 "$licence" "$doc/$(basename "$licence")"
            licences=$((licences + 1))
        fi
    done
    # What the library and the collector are made of, for tools that look for known faults in it.
    for bill in "$root"/*.cdx.json; do
        place 644 "$bill" "$doc/$(basename "$bill")"
    done
    [ "$licences" -gt 0 ] || echo "install.sh: $root: no LICENSE file there" >&2
}

library
tool mona-doctor
tool mona-spool
collector
manuals
documents
[ -n "$list" ] || echo "libmona $version (ABI $abi) is in $target"
