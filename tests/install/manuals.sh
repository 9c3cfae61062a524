#!/bin/sh
# The manual pages and the words for shells: that they are those of the header and of the programs, that two formatters read
# them without a word, that every function has a page, and what three shells complete with them.
#
#     manuals.sh PREFIX
set -u

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
    echo "usage: manuals.sh PREFIX" >&2
    exit 2
fi
prefix=$(CDPATH='' cd -- "$1" && pwd)
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
pages=$prefix/share/man

are_those_of_the_programs() {
    python3 -B "$root/man/generate" --check --programs "$prefix/bin"
}

# A page that was written by hand, one that is left over, and a new option are all found.
differences_are_found() {
    mkdir -p "$work/tree/bindings" "$work/tree/docs" "$work/tree/include" "$work/bin"
    cp -R "$root/man" "$root/completions" "$root/OPTIONS.md" "$work/tree/"
    cp "$root/bindings/interface.json" "$work/tree/bindings/"
    cp "$root/include/mona.h" "$work/tree/include/"
    cp "$root/docs/doctor.md" "$work/tree/docs/"
    ln -s "$prefix/bin/mona-spool" "$work/bin/"
    {
        echo "#!/bin/sh"
        echo "echo 'usage: mona-doctor [--new]'"
        echo "echo; echo '  --new  what nobody wrote down'"
    } >"$work/bin/mona-doctor"
    chmod +x "$work/bin/mona-doctor"
    echo '.so man3/mona_client.3' >"$work/tree/man/man3/mona_gone.3"
    sed 's/^Makes a client/Makes a wish/' "$root/man/man3/mona_client.3" >"$work/tree/man/man3/mona_client.3"
    if python3 -B "$work/tree/man/generate" --check --programs "$work/bin" >"$work/said"; then
        return 1
    fi
    cat "$work/said"
    for path in man/man3/mona_gone.3 man/man3/mona_client.3 man/man1/mona-doctor.1 completions/fish/mona-doctor.fish; do
        grep -F "$path: " "$work/said"
    done
    [ "$(grep -c . "$work/said")" -eq 6 ]
}

every_function_has_a_page() {
    grep -v '^#' "$root/tests/abi/symbols.txt" | while read -r function _; do
        [ -f "$pages/man3/$function.3" ] || { echo "$function: no page"; exit 1; }
        page=$(sed -n 's/^\.so //p' "$pages/man3/$function.3")
        page=$pages/${page:-man3/$function.3}
        grep -q "^\.Ss $function()" "$page" || { echo "$function: not in $page"; exit 1; }
        grep -q "^\.Nm $function\b" "$page" || { echo "$function: no name of $page"; exit 1; }
    done
    for word in MONA_EXPORT MONA_F64 mona_log_fn; do
        [ -f "$pages/man3/$word.3" ]
    done
}

# The pages that are no other names, below the folder that it goes to.
written() {
    grep -L '^\.so ' man[137]/*
}

# Lines that a terminal cuts or wraps, without what makes letters bold. Code is not filled by a formatter.
wider_than_a_terminal() {
    sed 's/.\x08//g' | awk 'length > 80'
}

mandoc_reads_them() {
    cd "$pages"
    # Pages that are not installed for all are looked for elsewhere, and an `Os` of ours is no system of BSD.
    for page in $(written); do
        mandoc -T lint "$page"
        mandoc -T ascii "$page" | wider_than_a_terminal | sed "s,^,$page: wider than a terminal: ,"
    done | { grep -v -e 'referenced manual not found' -e 'operating system explicitly specified' || true; } >"$work/said"
    cat "$work/said"
    [ ! -s "$work/said" ]
}

references_lead_somewhere() {
    cd "$pages"
    for page in $(written); do
        sed -n 's/^\.\(It \)\{0,1\}Xr \([^ ]*\) \([137]\).*/\2.\3/p' "$page" | while read -r name; do
            [ -f "$pages/man${name##*.}/$name" ] || { echo "$page: $name is no page"; exit 1; }
        done
    done
}

man_reads_them() {
    cd "$pages"
    for page in $(written); do
        MANWIDTH=80 LC_ALL=C man -l --warnings "$page" >"$work/page" 2>"$work/said"
        cat "$work/said"
        [ ! -s "$work/said" ]
        if wider_than_a_terminal <"$work/page" | grep .; then
            echo "$page: lines that are wider than a terminal"
            return 1
        fi
    done
}

man_finds_a_function() {
    MANPATH=$pages MANWIDTH=80 man mona_client_new | grep -F 'Makes a client.'
    MANPATH=$pages MANWIDTH=80 man mona-doctor | grep -F -e '--timeout'
    MANPATH=$pages MANWIDTH=80 man mona-options | grep -F MONA_ENDPOINT
}

# bash_says PROGRAM LINE: the list that bash shows, and the line that comes of it behind `LINE: `.
bash_says() {
    limited python3 -B "$here/complete.py" "$prefix/share/bash-completion/completions/$1" "$2" >"$work/completed"
    cat "$work/completed"
}

# bash_makes PROGRAM LINE COMPLETED: that bash completes the one line to the other.
bash_makes() {
    bash_says "$1" "$2" | sed 's/ *$//' | grep -x -F "LINE: $3"
}

bash_completes() {
    bash_makes mona-doctor 'mona-doctor --t' 'mona-doctor --timeout'
    bash_makes mona-doctor 'mona-doctor -o queue_b' 'mona-doctor -o queue_bytes='
    bash_says mona-spool 'mona-spool ' | tr -s ' ' | grep -x 'cat ls send verify '
    [ -x "$prefix/bin/mona-collector" ] || return 0
    bash_says mona-collector 'mona-collector --tls-c' | tr -s ' ' | grep -x -e '--tls-cert --tls-client-ca '
    bash_makes mona-collector 'mona-collector export --par' 'mona-collector export --parquet'
    bash_says mona-collector 'mona-collector --tail ' | tr -s ' ' | grep -x 'human json '
    bash_makes mona-collector 'mona-collector --helo fluent-' 'mona-collector --helo fluent-bit'
}

values_in_bash() {
    mkdir -p "$work/values/folder" && : >"$work/values/authority.pem"
    bash_says mona-doctor 'mona-doctor -o compress=' | tr -s ' ' | grep -x 'gzip none '
    bash_makes mona-doctor 'mona-doctor -o compress=g' 'mona-doctor -o compress=gzip'
    bash_makes mona-doctor 'mona-doctor --json -o use_ssl=a' 'mona-doctor --json -o use_ssl=auto'
    bash_makes mona-doctor "mona-doctor -o ca_file=$work/values/a" "mona-doctor -o ca_file=$work/values/authority.pem"
    bash_makes mona-doctor "mona-doctor -o spool_dir=$work/values/" "mona-doctor -o spool_dir=$work/values/folder/"
    bash_makes mona-doctor 'mona-doctor -o endpoint=srv+tl' 'mona-doctor -o endpoint=srv+tls://'
    # Behind a colon, which ends a word of bash.
    bash_makes mona-doctor 'mona-doctor -o endpoint=tls:/' 'mona-doctor -o endpoint=tls://'
    bash_makes mona-doctor 'mona-doctor -o port=' 'mona-doctor -o port='
    bash_makes mona-spool "mona-spool send $work/val" "mona-spool send $work/values/"
    bash_makes mona-spool "mona-spool send --timeout 3 $work un" "mona-spool send --timeout 3 $work unix:///"
    if bash_says mona-spool "mona-spool send $work " | grep -e memory: -e null: -e "$work/values"; then
        return 1
    fi
    bash_makes mona-spool "mona-spool ls $work " "mona-spool ls $work"
    [ -x "$prefix/bin/mona-collector" ] || return 0
    bash_says mona-collector 'mona-collector --like ' | tr -s ' ' | grep -x 'fluent-bit fluentd otel plain victorialogs '
    bash_makes mona-collector 'mona-collector --like=v' 'mona-collector --like=victorialogs'
    # Not an option, which says nothing of what comes next.
    bash_makes mona-collector 'mona-collector --hello ' 'mona-collector --hello'
    bash_makes mona-collector "mona-collector import $work/values/a" "mona-collector import $work/values/authority.pem"
}

# What is offered for an endpoint is what the library takes: its own list of them, and all of these.
schemes_are_those_of_the_library() {
    "$prefix/bin/mona-doctor" -o endpoint=nonsense >"$work/refused" 2>&1 || true
    bash_says mona-doctor 'mona-doctor -o endpoint=' | tr -s ' ' '\n' | grep -x '[a-z+]*:/*' | sort -u >"$work/offered"
    [ "$(grep -c . "$work/offered")" -ge 13 ]
    tr -s ' ,' '\n' <"$work/refused" | grep -o '^[a-z][a-z+]*:/*' | sort -u >"$work/known"
    diff "$work/known" "$work/offered"
}

fish_says() {
    HOME=$work fish --no-config -c "source '$prefix/share/fish/vendor_completions.d/$1.fish'; complete -C '$2'" | cut -f 1
}

fish_completes() {
    fish_says mona-doctor 'mona-doctor --t' | grep -x -e --timeout
    fish_says mona-doctor 'mona-doctor -o queue_b' | grep -x queue_bytes=
    fish_says mona-spool 'mona-spool v' | grep -x verify
    [ -x "$prefix/bin/mona-collector" ] || return 0
    fish_says mona-collector 'mona-collector --tls-c' | sort | tr '\n' ' ' | grep -x -e '--tls-cert --tls-client-ca '
    fish_says mona-collector 'mona-collector export --par' | grep -x -e --parquet
    fish_says mona-collector 'mona-collector --helo fluent-' | grep -x fluent-bit
}

values_in_fish() {
    mkdir -p "$work/values/folder" && : >"$work/values/authority.pem"
    fish_says mona-doctor 'mona-doctor -o compress=' | tr '\n' ' ' | grep -x 'compress=gzip compress=none '
    fish_says mona-doctor "mona-doctor -o ca_file=$work/values/a" | grep -x "ca_file=$work/values/authority.pem"
    fish_says mona-doctor "mona-doctor -o spool_dir=$work/values/" | grep -x "spool_dir=$work/values/folder/"
    fish_says mona-doctor 'mona-doctor -o endpoint=tl' | grep -x 'endpoint=tls://'
    fish_says mona-spool "mona-spool ls $work/val" | grep -x "$work/values/"
    fish_says mona-spool "mona-spool send --timeout 3 $work un" | grep -x 'unix:///'
    if fish_says mona-spool "mona-spool send $work " | grep -e memory: -e null: -e values; then
        return 1
    fi
    [ -x "$prefix/bin/mona-collector" ] || return 0
    fish_says mona-collector 'mona-collector --like ' | sort | tr '\n' ' ' |
        grep -x 'fluent-bit fluentd otel plain victorialogs '
    fish_says mona-collector 'mona-collector --tail j' | grep -x json
    fish_says mona-collector "mona-collector import $work/values/a" | grep -x "$work/values/authority.pem"
}

# In a terminal of its own: a completion of zsh only runs where somebody types.
zsh_says() {
    HOME=$work limited zsh -f "$here/complete.zsh" "$prefix/share/zsh/site-functions" "$work" "$1" | tr -d '\r'
}

zsh_completes() {
    zsh_says 'mona-doctor --t' | grep -F -e '--timeout'
    zsh_says 'mona-doctor -o queue_b' | grep -F 'queue_bytes='
    zsh_says 'mona-spool v' | grep -F verify
    [ -x "$prefix/bin/mona-collector" ] || return 0
    zsh_says 'mona-collector --tls-c' | grep -F -e '--tls-cert'
    zsh_says 'mona-collector export --par' | grep -F -e '--parquet'
    zsh_says 'mona-collector --helo fluent-' | grep -F 'fluent-bit'
}

values_in_zsh() {
    mkdir -p "$work/values/folder" && : >"$work/values/authority.pem"
    zsh_says 'mona-doctor -o compress=' | grep -x 'gzip  none'
    zsh_says "mona-doctor -o ca_file=$work/values/a" | grep -F authority.pem
    zsh_says "mona-doctor -o spool_dir=$work/values/" | grep -F folder/
    zsh_says 'mona-doctor -o endpoint=srv+tl' | grep -F 'endpoint=srv+tls://'
    zsh_says "mona-spool send $work un" | grep -F unix:///
    [ -x "$prefix/bin/mona-collector" ] || return 0
    zsh_says 'mona-collector --like ' | tr -s ' ' | grep -x 'fluent-bit fluentd otel plain victorialogs'
}

needs "pages and words of the programs" python3 && {
    check "pages and words are those of the header and of the programs" are_those_of_the_programs
    check "what differs from them is found" differences_are_found
}
check "every function has a page, and a name that leads there" every_function_has_a_page
check "pages refer to pages" references_lead_somewhere
needs "mandoc" mandoc && check "mandoc has nothing to say" mandoc_reads_them
needs "man" man && check "man has nothing to say, and 80 columns are enough" man_reads_them
needs "man finds pages" man && check "man finds a function, a program and the options" man_finds_a_function
needs "bash completes" bash && needs "bash completes" python3 && {
    check "bash completes options, their values, subcommands" bash_completes
    check "bash completes values of options, and arguments" values_in_bash
    check "bash offers the schemes that the library takes" schemes_are_those_of_the_library
}
needs "fish completes" fish && {
    check "fish completes options, their values, subcommands" fish_completes
    check "fish completes values of options, and arguments" values_in_fish
}
needs "zsh completes" zsh && {
    check "zsh completes options and subcommands" zsh_completes
    check "zsh completes values of options, and arguments" values_in_zsh
}
summary
