#!/bin/sh
# Serves 200 requests with PHP's built-in server, then ends it by SIGINT, as its console does: for the ledger.
# serve.sh [ARGUMENTS OF PHP...]
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
port=$(php -r '$s = stream_socket_server("tcp://127.0.0.1:0"); echo explode(":", stream_socket_get_name($s, false))[1];')
php "$@" -S "127.0.0.1:$port" "$here/server.php" >/dev/null 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
php -r '
    [, $port] = $argv;
    $end = microtime(true) + 60;
    while (!@fsockopen("127.0.0.1", (int) $port)) {
        if (microtime(true) > $end) {
            exit("the server does not listen\n");
        }
        usleep(20000);
    }
    for ($n = 0; $n < 200; $n++) {
        // Each adds a class and an event to one and the same client.
        $accepted = (int) file_get_contents("http://127.0.0.1:$port/?n=$n");
        if ($accepted !== 2 * $n + 2) {
            exit(fwrite(STDERR, "request $n: $accepted accepted\n") && 1);
        }
    }
' "$port"
kill -INT "$server"
wait "$server" || true
