#!/bin/sh
# Serves 200 requests with PHP's built-in server, then ends it by SIGINT, as its console does: for the ledger.
# serve.sh [ARGUMENTS OF PHP...]
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
port=$(php -r "echo parse_url(stream_socket_get_name(stream_socket_server('tcp://127.0.0.1:0'), false), PHP_URL_PORT);")
php "$@" -S "127.0.0.1:$port" "$here/server.php" >/dev/null 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
php "$here/http.php" "$port"
kill -INT "$server"
wait "$server" || true
