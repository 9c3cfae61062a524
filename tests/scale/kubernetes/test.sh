#!/bin/sh
# Whether the manifests of scale/kubernetes are what a cluster takes and fit each other and the configurations. The schemas
# come in a package of PyPI; nothing asks the net after that. With KUSTOMIZE=/path/to/kustomize also what it makes of them.
#
#     test.sh
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
tree=$(CDPATH='' cd -- "$here/../../.." && pwd)
cd "$tree" || exit 1
# It has the schemas of 1.25 to 1.37.
if ! programs=$(sh tests/venv.sh kubernetes kubernetes-validate==1.37.0); then
    # `make scale` skips nothing, and asks with kustomize.
    [ -z "${KUSTOMIZE:-}" ] || { echo "FAILED: kubernetes-validate cannot be had from PyPI"; exit 1; }
    echo "skipped: the manifests (kubernetes-validate cannot be had from PyPI)"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
PYTHONDONTWRITEBYTECODE=1 exec "$programs/python" "$here/manifests.py"
