<?php

// Asks PHP's built-in server for tests/server.php 200 times: php http.php PORT. Fails where an answer is wrong.

declare(strict_types=1);

// Only ends a hang.
const PATIENCE_S = 60;

$address = "127.0.0.1:$argv[1]";
$end = microtime(true) + PATIENCE_S;
while (!@stream_socket_client("tcp://$address")) {
    if (microtime(true) > $end) {
        fwrite(STDERR, "the server does not listen\n");
        exit(1);
    }
    usleep(20_000);
}
for ($n = 0; $n < 200; $n++) {
    $accepted = (int) file_get_contents("http://$address/?n=$n");
    // Each adds a class and an event to one and the same client.
    if ($accepted !== 2 * $n + 2) {
        fwrite(STDERR, "request $n: $accepted accepted\n");
        exit(1);
    }
}
