# A root folder with nothing but the C library, which takes no network and a second; to be read by a suite with `.`.
# shellcheck shell=sh

# bare_root FOLDER DEB...: has the shared objects of those packages of this machine that these ask for, with what dpkg knows
# of them, so that dpkg looks at what they ask for by itself.
bare_root() {
    bare=$1
    shift
    rm -rf "$bare"
    mkdir -p "$bare/usr/lib" "$bare/usr/lib64" "$bare/tmp" "$bare/var/lib/dpkg/info" "$bare/var/lib/dpkg/updates"
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

# in_bare PROGRAM...: with nothing of this machine's but the kernel.
in_bare() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin MONA_ENDPOINT="${MONA_ENDPOINT:-}" \
        LD_LIBRARY_PATH="${IN_BARE_LIBRARY_PATH:-}" chroot "$bare" "$@"
}

files_of_bare() {
    (cd "$bare" && find . -path ./var/lib/dpkg -prune -o -print | LC_ALL=C sort)
}

bare_dpkg() {
    PATH=$PATH:/usr/sbin:/sbin dpkg --root="$bare" "$@"
}
