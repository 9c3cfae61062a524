#!/bin/sh
# Tests the package for C# on Mono: generated files, unit tests, conformance scenarios, examples, ends of processes; the
# project file, with a .NET SDK where there is one.
#
#     test.sh
#
# The closing line counts.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=SCRIPTDIR/../harness/setup.sh
. "$here/../harness/setup.sh"

command -v mono >/dev/null 2>&1 || skip_all "mono is not found"
command -v mcs >/dev/null 2>&1 || skip_all "mcs is not found"

harness=$here/../harness
built=$MONA_SCRATCH/csharp

check "generated files are those of interface.json" python3 "$here/generate.py" --check
check "project file" python3 "$here/tests/project.py"
sh "$here/build.sh" "$built" || fail_all "the library does not compile"
build() {
    sh "$here/build.sh" "$built" "$@" || fail_all "$1 does not compile"
}
build Tests "$here"/tests/Runner.cs "$here"/tests/*Tests.cs
build Player "$here/tests/Json.cs" "$here/tests/Player.cs"
build Ends "$here/tests/Ends.cs"
build Quickstart "$here/examples/Quickstart.cs"
build Batch "$here/examples/Batch.cs"
build Workers "$here/examples/Workers.cs"

counted "unit tests" mono --debug "$built/Tests.exe"
counted "conformance scenarios" python3 "$harness/scenarios.py" --cannot "$here/tests/cannot.json" -- mono "$built/Player.exe"
check "example quickstart" sh "$harness/example.sh" quickstart mono "$built/Quickstart.exe"
check "example batch" sh "$harness/example.sh" batch mono "$built/Batch.exe"
check "example workers" sh "$harness/example.sh" workers mono "$built/Workers.exe"
counted "ends of processes" sh "$here/tests/ledgers.sh" mono "$built/Ends.exe"
if command -v dotnet >/dev/null 2>&1; then
    cp -R "$here" "$MONA_SCRATCH/dotnet"
    check "build and pack with dotnet" dotnet pack --nologo --verbosity quiet --output "$MONA_SCRATCH/packages" "$MONA_SCRATCH/dotnet/src/LibMona.csproj"
else
    skip "build and pack with dotnet" "dotnet is not found"
fi
finish
