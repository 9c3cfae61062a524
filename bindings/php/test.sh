#!/bin/sh
# Tests the PHP package: generated files, syntax, composer, the unit tests, the conformance scenarios, the examples, and
# the ends of processes with a ledger. Ends with "N passed, N failed, N skipped".
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=../harness/setup.sh
. "$here/../harness/setup.sh"

command -v php >/dev/null 2>&1 || skip_all "php is not found"
php -r 'exit(PHP_VERSION_ID >= 80200 ? 0 : 1);' || skip_all "this php is older than 8.2"
php -r 'exit(extension_loaded("FFI") && ini_get("ffi.enable") !== "" && ini_get("ffi.enable") !== "0" ? 0 : 1);' ||
    skip_all "this php has no FFI"

cd "$here"
harness=$here/../harness

check "generated files" python3 generate.py --check

lint() {
    for file in autoload.php preload.php src/*.php tests/*.php examples/*.php bench/*.php; do
        php -l "$file" >"$MONA_SCRATCH/lint" || { cat "$MONA_SCRATCH/lint"; return 1; }
    done
}
check "syntax" lint

for unit in values circles contexts logs readme; do
    counted "$unit" php "tests/$unit.php"
    if php -r 'exit(extension_loaded("Zend OPcache") ? 0 : 1);'; then
        counted "$unit, compiled" php -d opcache.enable_cli=1 -d opcache.jit_buffer_size=32M -d opcache.jit=tracing \
            "tests/$unit.php"
    fi
done

# ffi.preload wants a library that the system finds; the tests have it in a prefix.
sed "s|libmona.so.0|$MONA_LIBRARY|" mona.ffi.h >"$MONA_SCRATCH/mona.ffi.h"
counted "preloaded declarations" php -d ffi.preload="$MONA_SCRATCH/mona.ffi.h" tests/preloaded.php

# Without a library the sentence says what to do.
missing() {
    MONA_LIBRARY=$MONA_SCRATCH/none php -r 'require "autoload.php"; Mona\Client::init();' 2>&1 |
        grep -q 'MONA_LIBRARY has to name'
}
check "no library" missing

counted "conformance scenarios" python3 "$harness/scenarios.py" --cannot tests/cannot.json -- php tests/player.php

has_fork=$(php -r 'echo extension_loaded("pcntl") && extension_loaded("posix") ? "yes" : "no";')
for example in quickstart batch workers; do
    if [ "$example" = workers ] && [ "$has_fork" = no ]; then
        skip "example workers" "this php has no pcntl"
        continue
    fi
    check "example $example" sh "$harness/example.sh" "$example" php "examples/$example.php"
done
check "example quickstart, no collector" sh "$harness/unreached.sh" php examples/quickstart.php

if [ "$has_fork" = yes ]; then
    for way in return exit close "own client" "shutdown function" destructor "destroyed before" fork "fork, own client" kill SIGTERM \
        "in a fiber"; do
        check "end: $way" python3 "$harness/ledger.py" --expect 200 -- php tests/ends.php "$way"
    done
    for way in exception "fatal error"; do
        check "end: $way" python3 "$harness/ledger.py" --expect 200 --status 255 -- php tests/ends.php "$way"
    done
else
    skip "ends of processes" "this php has no pcntl"
fi
# A server, whose ffi.enable has to be on, or at `preload` with the package preloaded.
served() {
    way=$1
    shift
    check "200 requests, $way" python3 "$harness/ledger.py" --expect 200 -- sh tests/serve.sh "$@"
}
served "FFI on" -d ffi.enable=true
served "FFI on, declarations preloaded" -d ffi.enable=true -d ffi.preload="$MONA_SCRATCH/mona.ffi.h"
if php -r 'exit(extension_loaded("Zend OPcache") ? 0 : 1);'; then
    served "preloaded" -d ffi.enable=preload -d opcache.preload="$here/preload.php" -d opcache.preload_user="$(id -un)"
    served "all preloaded" -d ffi.enable=preload -d opcache.preload="$here/preload.php" \
        -d opcache.preload_user="$(id -un)" -d ffi.preload="$MONA_SCRATCH/mona.ffi.h"
else
    skip "200 requests, preloaded" "opcache is not there"
fi

fpm=$(PATH=$PATH:/usr/sbin command -v php-fpm || PATH=$PATH:/usr/sbin command -v \
    "php-fpm$(php -r 'echo PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION;')" || true)
if [ -n "$fpm" ]; then
    check "200 requests, php-fpm" \
        python3 "$harness/ledger.py" --expect 200 -- sh tests/fpm.sh "$fpm" -d ffi.enable=true
    check "200 requests, php-fpm, preloaded" \
        python3 "$harness/ledger.py" --expect 200 -- sh tests/fpm.sh "$fpm" -d ffi.enable=preload \
        -d opcache.preload="$here/preload.php" -d opcache.preload_user="$(id -un)"
else
    skip "200 requests, php-fpm" "php-fpm is not found"
fi

# Validates the package, installs it into a project without any registry, and runs the quick start of that project.
installed() {
    COMPOSER_HOME=$MONA_SCRATCH/composer
    COMPOSER_ALLOW_SUPERUSER=1
    export COMPOSER_HOME COMPOSER_ALLOW_SUPERUSER
    mkdir -p "$MONA_SCRATCH/project"
    composer validate --strict --no-interaction composer.json || return 1
    cat >"$MONA_SCRATCH/project/composer.json" <<END
{
    "name": "libmona/project",
    "repositories": [
        {"type": "path", "url": "$here", "options": {"symlink": false, "versions": {"libmona/mona": "0.1.0"}}},
        {"packagist": false}
    ],
    "require": {"libmona/mona": "0.1.0"}
}
END
    composer install --working-dir "$MONA_SCRATCH/project" --no-interaction --no-progress 2>&1 || return 1
    sed "s|__DIR__ . '/../autoload.php'|'$MONA_SCRATCH/project/vendor/autoload.php'|" examples/quickstart.php \
        >"$MONA_SCRATCH/project/quickstart.php"
    sh "$harness/example.sh" quickstart php "$MONA_SCRATCH/project/quickstart.php"
}
if command -v composer >/dev/null 2>&1; then
    check "composer" installed
else
    skip "composer" "composer is not found"
fi

finish
