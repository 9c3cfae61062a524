#!/bin/sh
# Makes what mutual TLS needs, in the folder tls beside this script or in another one: an authority, a certificate of the
# gateways and one of the agents, which programs that send straight to the gateways may use too. Files that are there stay,
# so that running it again makes only what was removed.
#
#     certificates.sh [FOLDER]
#
# ca.key signs new ones and belongs into no cluster: keep it apart. To renew: remove agent.* and gateway.*, run this, apply
# again. The collectors read files that changed within an hour (reload_interval).
set -eu

fail() {
    echo "certificates.sh: $*" >&2
    exit 1
}
command -v openssl >/dev/null 2>&1 || fail "openssl is not found"

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=${1:-$here/tls}
# The authority for ten years; what it signs for one: a key that was stolen is worth nothing after that.
authority_days=3650
days=365
umask 077
mkdir -p "$folder"
cd "$folder"

if [ ! -e ca.crt ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.crt \
        -days $authority_days -subj "/CN=mona authority" -addext "basicConstraints=critical,CA:TRUE,pathlen:0" \
        -addext "keyUsage=critical,keyCertSign,cRLSign" 2>/dev/null || fail "openssl could not make an authority"
fi

# sign NAME USAGE ALTERNATIVE-NAMES
sign() {
    [ ! -e "$1.crt" ] || return 0
    [ -e ca.key ] || fail "$PWD/ca.key is not there, which is to sign $1.crt"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.csr" \
        -subj "/CN=$1" 2>/dev/null || fail "openssl could not make $1.key"
    printf '%s\n' "basicConstraints=critical,CA:FALSE" "keyUsage=critical,digitalSignature" "extendedKeyUsage=$2" \
        "subjectAltName=$3" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days $days -extfile "$1.ext" -out "$1.crt" \
        2>/dev/null || fail "openssl could not sign $1.crt"
    rm "$1.csr" "$1.ext"
}

sign gateway serverAuth \
    "DNS:mona-gateway,DNS:mona-gateway.mona,DNS:mona-gateway.mona.svc,DNS:mona-gateway.mona.svc.cluster.local"
sign agent clientAuth "DNS:mona-agent"
ls "$folder"
