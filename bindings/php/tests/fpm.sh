#!/bin/sh
# Serves 200 requests with php-fpm, whose three workers end after 20 requests each, and ends it by SIGQUIT, as its
# service does: for the ledger. fpm.sh PHP-FPM [ARGUMENTS OF PHP-FPM...]
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
fpm=$1
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Workers of root: only root may ask for that, and only root has to.
as_root=
[ "$(id -u)" != 0 ] || as_root=-R
cat >"$folder/fpm.conf" <<END
[global]
error_log = $folder/log
daemonize = no
; Workers get the time to end by themselves.
process_control_timeout = 60s
[www]
user = $(id -un)
group = $(id -gn)
listen = $folder/socket
pm = static
pm.max_children = 3
pm.max_requests = 20
clear_env = no
END
# shellcheck disable=SC2086 # nothing where it is empty
"$fpm" $as_root -y "$folder/fpm.conf" "$@" &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
seconds=0
while [ ! -S "$folder/socket" ]; do
    if [ "$seconds" = 60 ] || ! kill -0 "$server"; then
        cat "$folder/log" >&2
        exit 1
    fi
    sleep 1
    seconds=$((seconds + 1))
done
php "$here/fastcgi.php" "$folder/socket" || { cat "$folder/log" >&2; exit 1; }
kill -QUIT "$server"
wait "$server"
