#!/bin/sh
# The samples of docs/install.md: scripts run, projects of CMake build, the list of files is that of what is installed.
#
#     samples.sh PREFIX
#
# PREFIX is an installed libmona. `make` and `sudo` of the scripts are stand-ins: they install below a temporary folder, and
# take what was built (CARGO_TARGET_DIR, target) for what cargo would build.
set -u

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
    echo "usage: samples.sh PREFIX" >&2
    exit 2
fi
prefix=$(CDPATH='' cd -- "$1" && pwd)
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
page=$root/docs/install.md
pc=$(find "$prefix" -path '*/pkgconfig/mona.pc' | head -n 1)
PKG_CONFIG_PATH=${pc%/mona.pc}
LD_LIBRARY_PATH=${pc%/pkgconfig/mona.pc}
export PKG_CONFIG_PATH LD_LIBRARY_PATH

# Each block behind ```KIND goes to a file of its own, KIND.1 and so on.
awk -v to="$work" '
    /^```/ && inside { inside = 0; next }
    /^```./ { kind = substr($0, 4); inside = 1; file = to "/" kind "." ++count[kind]; printf "" > file; next }
    inside { print > file }' "$page"

mkdir -p "$work/bin" "$work/target/release" "$work/here"
cp -p "$cargo_target/release/libmona.a" "$cargo_target/release"/libmona.[sd]* "$work/target/release/"
[ ! -f "$cargo_target/release/mona-collector" ] ||
    ln -s "$cargo_target/release/mona-collector" "$work/target/release/"
cat >"$work/bin/make" <<EOS
#!/bin/sh
[ -n "\${DESTDIR:-}" ] || export DESTDIR="$work/stage"
exec "$(command -v make)" --no-print-directory -C "$root" CARGO="$work/bin/cargo" CARGO_TARGET_DIR="$work/target" "\$@"
EOS
# It has built already.
printf '#!/bin/sh\n' >"$work/bin/cargo"
# shellcheck disable=SC2016 # for the script
printf '#!/bin/sh\nexec "$@"\n' >"$work/bin/sudo"
chmod +x "$work/bin"/*
# It looks like the sources, but for what was built.
for part in "$root"/*; do
    [ "$part" = "$root/target" ] || ln -s "$part" "$work/here/"
done
ln -s "$work/target" "$work/here/target"
cp "$root/bindings/c/examples/hello.c" "$work/here/app.c"
cp "$root/bindings/cpp/examples/quick_start.cpp" "$work/here/app.cpp"
ln -s "$root" "$work/here/libmona"

scripts_run() {
    cd "$work/here"
    for script in "$work"/sh.*; do
        echo "== $(head -n 1 "$script")"
        PATH=$work/bin:$PATH sh -eu "$script"
    done
    [ "$(find "$work" -maxdepth 1 -name 'sh.*' | wc -l)" -ge 6 ]
    # What they made is there, and what they removed is not.
    ls "$work/stage/usr/local/bin/mona-doctor" "$work/stage/usr/local/share/man/man3/mona_client_new.3"
    ls "$work/here/package/usr/lib/x86_64-linux-gnu/libmona.so.$abi"
    ls "$work/stage/opt/mona/lib/libmona.a"
    for program in app app-with-the-archive app-without-anything; do
        MONA_ENDPOINT=stdout: limited "./$program" | grep hello-classifier
    done
}

projects_build() {
    built=0
    for sample in "$work"/cmake.*; do
        grep -q '^project(' "$sample" || continue
        built=$((built + 1))
        project=$work/here/project$built
        mkdir "$project"
        cp "$sample" "$project/CMakeLists.txt"
        cp "$work/here/app.c" "$work/here/app.cpp" "$project/"
        ln -s "$root" "$project/libmona"
        cmake -S "$project" -B "$project/build" -DCMAKE_PREFIX_PATH="$prefix" -DMONA_CARGO_TARGET_DIR="$cargo_target" \
            -DFETCHCONTENT_SOURCE_DIR_LIBMONA="$root"
        cmake --build "$project/build"
        MONA_ENDPOINT=stdout: limited "$project/build/app" >"$work/records"
        grep '"confidence":0.97' "$work/records"
    done
    [ "$built" -eq 4 ]
}

# Each path has a line in the list, and each line a path.
list_is_true() {
    sed -n '/^bin\//,$p' "$work/text.1" >"$work/patterns"
    [ "$(grep -c . "$work/patterns")" -ge 16 ]
    sh "$root/bindings/c/install/install.sh" --list /usr >"$work/paths"
    while IFS= read -r pattern; do
        found=no
        while IFS= read -r path; do
            # shellcheck disable=SC2254 # it is a pattern
            case $path in
            $pattern) found=yes && break ;;
            esac
        done <"$work/paths"
        [ "$found" = yes ] || { echo "$pattern: nothing is installed there"; return 1; }
    done <"$work/patterns"
    while IFS= read -r path; do
        found=no
        while IFS= read -r pattern; do
            # shellcheck disable=SC2254 # it is a pattern
            case $path in
            $pattern) found=yes && break ;;
            esac
        done <"$work/patterns"
        [ "$found" = yes ] || { echo "$path: in no line of the list"; return 1; }
    done <"$work/paths"
}

# Every variable that a script reads is in a table, and every one of a table is read.
variables_are_told() {
    # shellcheck disable=SC2016 # the page's own signs
    for variable in $(sed -n 's/^| \(`[^|]*`\) |.*/\1/p' "$page" | tr -d '`,' | sed 's/=.*//'); do
        grep -qw "$variable" "$root/Makefile" "$root/CMakeLists.txt" "$root/bindings/c/install"/*.sh \
            "$root/bindings/c/tools/build.sh" || { echo "$variable: nothing reads it"; return 1; }
    done
    {
        sed -n 's/^ *\(set\|option\)(\(MONA_[A-Z_]*\) .*\(CACHE\|"\).*/\2/p' "$root/CMakeLists.txt"
        sed -n 's/^find_program(\(MONA_[A-Z_]*\) .*/\1/p' "$root/CMakeLists.txt"
        sed -n 's/^#   \([A-Z_][A-Z_]*\)[, ] .*/\1/p; s/^#   \([A-Z_][A-Z_]*\), .*/\1/p' "$root/bindings/c/install/install.sh"
    } | sort -u >"$work/read"
    [ "$(grep -c . "$work/read")" -ge 12 ]
    while IFS= read -r variable; do
        grep -q "^| .*\`$variable\`.*|" "$page" || { echo "$variable: in no table of docs/install.md"; return 1; }
    done <"$work/read"
}

check "the list of files in docs/install.md is what is installed" list_is_true
check "its variables are those that are read" variables_are_told
needs "its scripts" make pkg-config && check "its scripts run" scripts_run
needs "its projects of CMake" cmake "$cxx" cargo && check "its projects of CMake build, and their programs run" projects_build
summary
