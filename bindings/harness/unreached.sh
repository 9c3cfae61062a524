#!/bin/sh
# Runs an example where no collector listens: it has to fail, and to say why.
#
#     unreached.sh COMMAND...
set -eu

# Nobody listens on port 1.
if said=$(MONA_ENDPOINT=tcp://127.0.0.1:1 "$@" 2>&1); then
    echo "it ended as if everything had been delivered"
    exit 1
fi
case $said in
*"collector tcp://127.0.0.1:1: no connection: "*) ;;
*)
    printf 'it does not say why: %s\n' "$said"
    exit 1
    ;;
esac
