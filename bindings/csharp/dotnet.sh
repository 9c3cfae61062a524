# shellcheck shell=sh
# Finds a .NET runtime: `dotnet`, empty where there is none. To be sourced behind harness/setup.sh.
#
# On a machine without one it is a package of PyPI, .NET Core 3.1: what runs on it runs on the later ones.

# shellcheck disable=SC2034,SC2154 # used by, and given by, those who source it
dotnet=$(command -v dotnet) || dotnet=
if [ -z "$dotnet" ] && [ "$(uname -sm)" = "Linux x86_64" ]; then
    bin=$(CARGO_TARGET_DIR=$target sh "$root/tests/venv.sh" dotnet dotnetcore2==3.1.23 2>/dev/null) &&
        dotnet=$(find "${bin%/bin}" -path '*/dotnetcore2/bin/dotnet' | head -n 1) && chmod +x "$dotnet"
fi

# Says how a program that Mono's compiler made is to run: dotnet_settings FOLDER PROGRAM...
dotnet_settings() {
    folder=$1
    shift
    for program in "$@"; do
        # Without the data of languages and countries, which that package leaves to the system.
        cat >"$folder/$program.runtimeconfig.json" <<END
{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"}, "rollForward": "Major",
 "configProperties": {"System.Globalization.Invariant": true}}}
END
    done
}

# Compiles the sources as .NET gets them, against the assemblies of that package: dotnet_library FOLDER
dotnet_library() {
    framework=$(find "${dotnet%/dotnet}/shared/Microsoft.NETCore.App" -mindepth 1 -maxdepth 1 | head -n 1)
    set -- "$1" "$framework"/System.Private.CoreLib.dll "$framework"/System.Runtime*.dll "$framework"/System.Collections*.dll \
        "$framework"/System.Linq*.dll "$framework"/System.Threading*.dll "$framework"/System.Text.RegularExpressions.dll \
        "$framework"/Microsoft.Win32.Primitives.dll
    mkdir -p "$1"
    out=$1/LibMona.dll
    shift
    references=
    for assembly in "$@"; do
        references="$references -r:$assembly"
    done
    # shellcheck disable=SC2086 # one for each assembly
    mcs -langversion:7 -unsafe -optimize -warnaserror -nowarn:0649 -nostdlib -noconfig -define:NET5_0_OR_GREATER \
        $references -target:library -out:"$out" "$here"/src/*.cs "$here"/src/Generated/*.cs
}
