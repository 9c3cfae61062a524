#!/bin/sh
# Builds kustomize from Go modules below cargo's target folder, once, and prints its path. 28 MB, half a minute.
#
#     kustomize.sh
set -eu

# The newest that Go 1.26 builds.
version=v5.7.1
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target/scale/kustomize-$version"
folder=$(CDPATH='' cd -- "$target/scale/kustomize-$version" && pwd)
if [ ! -x "$folder/kustomize" ]; then
    command -v go >/dev/null 2>&1 || { echo "kustomize.sh: go is not found, which builds kustomize" >&2 && exit 1; }
    GOBIN=$folder go install sigs.k8s.io/kustomize/kustomize/v5@$version >&2
fi
echo "$folder/kustomize"
