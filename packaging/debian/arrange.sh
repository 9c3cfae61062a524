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

# Where Debian's shells look for what packages bring.
move() {
    if [ -d "$usr/share/$1" ]; then
        mkdir -p "$usr/share/$2"
        mv "$usr/share/$1"/* "$usr/share/$2/"
        find "$usr/share" -depth -type d -empty -exec rmdir {} +
    fi
}
move zsh/site-functions zsh/vendor-completions
move fish/completions fish/vendor_completions.d
