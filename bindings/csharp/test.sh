#!/bin/sh
# Tests the package for C# on Mono and on .NET: generated files, unit tests, conformance scenarios, examples, ends of
# processes; the project file, with a .NET SDK where there is one.
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

python3 "$here/tests/readme.py" >"$MONA_SCRATCH/Readme.cs"
check "samples of the README" sh "$here/build.sh" "$built" Readme "$MONA_SCRATCH/Readme.cs"
counted "unit tests" mono --debug "$built/Tests.exe"
counted "conformance scenarios" python3 "$harness/scenarios.py" --cannot "$here/tests/cannot.json" -- mono "$built/Player.exe"
check "example quickstart" sh "$harness/example.sh" quickstart mono "$built/Quickstart.exe"
check "example quickstart, no collector" sh "$harness/unreached.sh" mono "$built/Quickstart.exe"
check "example batch" sh "$harness/example.sh" batch mono "$built/Batch.exe"
check "example workers" sh "$harness/example.sh" workers mono "$built/Workers.exe"
counted "ends of processes" sh "$here/tests/ledgers.sh" mono "$built/Ends.exe"

# What Mono's compiler made runs on .NET as it is.
# shellcheck source=SCRIPTDIR/dotnet.sh
. "$here/dotnet.sh"
if [ -n "$dotnet" ]; then
    dotnet_settings "$built" Tests Player Ends
    counted "unit tests on .NET" "$dotnet" "$built/Tests.exe"
    counted "conformance scenarios on .NET" \
        python3 "$harness/scenarios.py" --cannot "$here/tests/cannot.json" -- "$dotnet" "$built/Player.exe"
    counted "ends of processes on .NET" sh "$here/tests/ledgers.sh" "$dotnet" "$built/Ends.exe"
    # It ends by itself then, with 143, which a ledger takes for the signal.
    check "SIGTERM on .NET" python3 "$harness/ledger.py" --expect 100 --status any -- "$dotnet" "$built/Ends.exe" term
else
    skip "everything on .NET" "no dotnet is found, nor dotnetcore2 on PyPI"
fi
case $dotnet in
*/dotnetcore2/*)
    check "sources as .NET gets them" dotnet_library "$built/dotnet"
    cp "$built/Tests.exe" "$built/Tests.runtimeconfig.json" "$built/dotnet"
    # It finds the library by MONA_LIBRARY alone.
    counted "unit tests of these" env -u LD_LIBRARY_PATH "$dotnet" "$built/dotnet/Tests.exe"
    ;;
esac
if [ -n "$dotnet" ] && [ -n "$("$dotnet" --list-sdks 2>/dev/null)" ]; then
    cp -R "$here" "$MONA_SCRATCH/dotnet"
    check "build and pack with dotnet" dotnet pack --nologo --verbosity quiet --output "$MONA_SCRATCH/packages" "$MONA_SCRATCH/dotnet/src/LibMona.csproj"
else
    skip "build and pack with dotnet" "no .NET SDK is found"
fi
finish
