#!/bin/sh
# Puts what `make install` left where Debian's policy wants it.
#
#     arrange.sh ROOT
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
usr=$1/usr
# The system's folder of libraries is looked at anyway.
for tool in mona-doctor mona-spool; do
    chrpath --delete "$usr/bin/$tool" >/dev/null
done

# Where Debian's zsh looks for what packages bring.
mkdir -p "$usr/share/zsh/vendor-completions"
mv "$usr/share/zsh/site-functions"/* "$usr/share/zsh/vendor-completions/"
rmdir "$usr/share/zsh/site-functions"

# The licences are in each package's copyright. What others ask to be named goes with what contains their code.
rm "$usr/share/doc/mona"/LICENSE-*
for package in libmona0 mona-tools; do
    mkdir -p "$usr/share/doc/$package"
done
mv "$usr/share/doc/mona/THIRD-PARTY.txt" "$usr/share/doc/mona/libmona.cdx.json" "$usr/share/doc/libmona0/"
mv "$usr/share/doc/mona"/THIRD-PARTY-collector.txt "$usr/share/doc/mona"/mona-collector.cdx.json "$usr/share/doc/mona-tools/"

# All pages go to those who write programs. Operators have the ones that the tools name, where links to others become text.
set -- docs/doctor.md docs/names.md docs/spool.md docs/tls.md
printf '%s\n' "$@" >"$usr/pages"
for page; do
    awk -v page="$page" -v installed="$usr/pages" -v of="libmona-dev" -f "$here/../../bindings/c/install/page.awk" \
        "$usr/share/doc/mona/$page" >"$usr/share/doc/mona-tools/${page#docs/}"
done
rm "$usr/pages"
mv "$usr/share/doc/mona" "$usr/share/doc/libmona-dev"
