#!/bin/sh
# Renders the documentation to HTML: build.sh [FOLDER], by default site below cargo's target folder. Warnings are errors.
# Sphinx comes from PyPI, as requirements.txt pins it, into an environment below the target folder; the pages load nothing
# from anywhere and need no server.
set -eu

cd "$(dirname -- "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
site=${1:-$target/site}
work=$target/site-work
# shellcheck disable=SC2046 # no requirement has a blank in it
bin=$(sh tests/venv.sh docs $(cat docs/site/requirements.txt))
MONA_DOCS_VERSION=$(sed -n 's/^version *= *"\([^"]*\)".*/\1/p' Cargo.toml | head -n 1)
export MONA_DOCS_VERSION

python3 docs/site/stage.py "$work/pages"
rm -rf "$site"
"$bin/sphinx-build" --quiet --fresh-env --fail-on-warning --keep-going --builder html --doctree-dir "$work/doctrees" \
    "$work/pages" "$site"
echo "$site/index.html"
