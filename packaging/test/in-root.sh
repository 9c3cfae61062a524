# What runs in root folders, and one with nothing but the C library; to be read by a suite with `.`.
# shellcheck shell=sh

can_make_mounts() {
    [ "$(id -u)" = 0 ] && unshare --mount --pid --fork true 2>/dev/null
}

# in_root FOLDER COMMAND...: with mounts and processes of its own, so that nothing stays behind. /proc is needed: by it the
# loader finds what lies beside a program. MONA_ENDPOINT is passed on, and IN_ROOT_LIBRARY_PATH as LD_LIBRARY_PATH.
in_root() {
    in_folder=$1
    shift
    mkdir -p "$in_folder/proc" "$in_folder/dev"
    # shellcheck disable=SC2016 # the shell inside expands it
    unshare --mount --pid --fork sh -c 'folder=$1 endpoint=$2 library_path=$3; shift 3
        mount -t proc proc "$folder/proc" && mount -t tmpfs tmpfs "$folder/dev" &&
            mknod -m 666 "$folder/dev/null" c 1 3 && mknod -m 666 "$folder/dev/urandom" c 1 9 &&
            exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C ${endpoint:+"MONA_ENDPOINT=$endpoint"} \
                ${library_path:+"LD_LIBRARY_PATH=$library_path"} chroot "$folder" "$@"' - "$in_folder" "${MONA_ENDPOINT:-}" \
        "${IN_ROOT_LIBRARY_PATH:-}" "$@"
}

# bare_root FOLDER DEB...: takes no network and a second; has the shared objects of those packages of this machine that these
# ask for, with what dpkg knows of them, so that dpkg looks at what they ask for by itself.
bare_root() {
    bare=$1
    shift
    rm -rf "$bare"
    mkdir -p "$bare/usr/lib" "$bare/usr/lib64" "$bare/tmp" "$bare/proc" "$bare/dev" \
        "$bare/var/lib/dpkg/info" "$bare/var/lib/dpkg/updates"
    for folder in bin lib lib64; do
        ln -s "usr/$folder" "$bare/$folder"
    done
    for deb in "$@"; do
        dpkg-deb --field "$deb" Depends
    done | tr ',' '\n' | sed 's/^ *//; s/[ (:].*//' | LC_ALL=C sort -u >"$bare/asked"
    while read -r dependency; do
        case $dependency in
        libmona0) continue ;;
        esac
        dpkg-query --status "$dependency" >>"$bare/var/lib/dpkg/status"
        echo >>"$bare/var/lib/dpkg/status"
        # Architectures that a package may be installed for beside each other are in its list's name.
        for list in "/var/lib/dpkg/info/$dependency.list" "/var/lib/dpkg/info/$dependency:$(dpkg --print-architecture).list"; do
            [ ! -f "$list" ] || cp "$list" "$bare/var/lib/dpkg/info/"
        done
        dpkg-query --listfiles "$dependency" | grep -E '\.so(\.[0-9]+)*$' | while read -r file; do
            mkdir -p "$bare${file%/*}"
            cp -L "$file" "$bare$file"
        done
    done <"$bare/asked"
    cat "$bare/asked"
    rm "$bare/asked"
}

files_of_bare() {
    (cd "$bare" && find . -path ./var/lib/dpkg -prune -o -print | LC_ALL=C sort)
}

bare_dpkg() {
    PATH=$PATH:/usr/sbin:/sbin dpkg --root="$bare" "$@"
}
