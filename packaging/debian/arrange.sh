#!/bin/sh
# Puts what `make install` left where Debian's policy wants it.
#
#     arrange.sh ROOT
set -eu

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
mv "$usr/share/doc/mona" "$usr/share/doc/libmona-dev"
