#!/bin/sh
# Prints debian/copyright: our own lines, and those of the crates that THIRD-PARTY*.txt names, by licence.
#
#     copyright.sh ROOT
set -eu

root=$1
cat <<'END'
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: libmona
Source: https://www.monalabs.io
Comment: The Rust standard library is part of the packages too: MIT or
 Apache-2.0, copyright the Rust Project contributors. So is SQLite, as
 libsqlite3-sys brings it, in mona-collector: it is in the public domain.

Files: *
Copyright: 2026 the libmona authors
License: Apache-2.0 or MIT
END

# "licence|folder of a crate" of "  name version, licence", until the empty line after the list. Of what a crate offers, MIT
# is taken, then Apache-2.0; AND asks for all.
crates=$(for list in "$root"/THIRD-PARTY*.txt; do
    sed -n 's/^  \([^ ,]*\) \([^ ,]*\), \(.*\)/\1-\2|\3/p; /^-----/q' "$list"
done | awk -F '|' '{
    if ($2 ~ / AND /) { gsub(/\(MIT OR Apache-2.0\)/, "MIT", $2); gsub(/ AND /, " and ", $2) }
    else if ($2 ~ /MIT/) $2 = "MIT"
    else if ($2 ~ /Apache-2.0/) $2 = "Apache-2.0"
    print $2 "|vendor/" $1 "/*"
}' | LC_ALL=C sort -u)

echo "$crates" | awk -F '|' '
    function close_stanza() {
        if (licence == "") return
        print "Copyright: the authors of these crates, whose lines are in THIRD-PARTY.txt"
        print " of libmona0 and THIRD-PARTY-collector.txt of mona-tools"
        print "License: " licence
    }
    $1 != licence { close_stanza(); licence = $1; print "\nFiles:" }
    { print " " $2 }
    END { close_stanza() }'

echo "$crates" | sed 's/|.*//; s/ and /\n/g' | LC_ALL=C sort -u | while read -r licence; do
    case $licence in
    MIT | Apache-2.0) continue ;;
    esac
    printf '\nLicense: %s\n' "$licence"
    echo " The text is in /usr/share/doc/libmona0/THIRD-PARTY.txt or"
    echo " /usr/share/doc/mona-tools/THIRD-PARTY-collector.txt, below the names of the"
    echo " crates that it is of."
done

cat <<'END'

License: Apache-2.0
 The text is in /usr/share/common-licenses/Apache-2.0.

License: MIT
END
sed '1,/^Copyright/d; /./,$!d; s/^$/./; s/^/ /' "$root/LICENSE-MIT"
