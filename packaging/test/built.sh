#!/bin/sh
# Stands for cargo where everything was built before: says what it was asked for in the file that MONA_ASKED names, and
# builds nothing. Packages are then tried as they are shipped, but for what is compiled in them.
#
#     built.sh build ...
#
# Ends with 1 where it is asked for what the library and the collector as they are shipped are not.
set -eu

[ "${1:-}" != --version ] || exit 0
echo "$*" >>"${MONA_ASKED:?}"
[ "${1:-}" = build ] || exit 1
shift
locked='' release='' package=''
while [ $# -gt 0 ]; do
    case $1 in
    --release) release=yes ;;
    --locked) locked=yes ;;
    -p | --package) package=$2 && shift ;;
    --target-dir) shift ;;
    # All of the library's features, by name.
    --no-default-features | --features=http,tls) ;;
    --features) [ "$2" = "http tls" ] || exit 1 && shift ;;
    *) exit 1 ;;
    esac
    shift
done
[ "$release$locked" = yesyes ]
case $package in
mona-ffi | mona-collector) ;;
*) exit 1 ;;
esac
