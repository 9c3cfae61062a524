#!/bin/sh
# Tests the package for Ruby: generated files, unit tests, conformance scenarios, examples, ends of processes, the gem.
#
#     test.sh
#
# The closing line counts.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=SCRIPTDIR/../harness/setup.sh
. "$here/../harness/setup.sh"

command -v ruby >/dev/null 2>&1 || skip_all "ruby is not found"
ruby -e 'exit(RUBY_VERSION >= "3.1")' || skip_all "ruby is older than 3.1"
ruby -e 'require "fiddle"; require "json"' 2>/dev/null || skip_all "ruby has no fiddle or json"

harness=$here/../harness
run="ruby -I$here/lib"

check "generated files are those of interface.json" python3 "$here/generate.py" --check
if ruby -e 'require "minitest"' 2>/dev/null; then
    counted "unit tests" ruby -w "-I$here/lib" "$here/tests/run.rb"
else
    skip "unit tests" "ruby has no minitest"
fi
counted "conformance scenarios" python3 "$harness/scenarios.py" --cannot "$here/tests/cannot.json" -- ruby "$here/tests/player.rb"
for example in quickstart batch workers; do
    # shellcheck disable=SC2086 # a command and its argument
    check "example $example" sh "$harness/example.sh" "$example" $run "$here/examples/$example.rb"
done
# shellcheck disable=SC2086 # the same
check "example quickstart, no collector" sh "$harness/unreached.sh" $run "$here/examples/quickstart.rb"
# shellcheck disable=SC2086 # the same
counted "ends of processes" sh "$here/tests/ledgers.sh" $run
if command -v gem >/dev/null 2>&1; then
    check "gem" sh "$here/tests/gem.sh"
else
    skip "gem" "gem is not found"
fi
finish
