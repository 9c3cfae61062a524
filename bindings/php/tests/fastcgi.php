<?php

// Asks a FastCGI server for tests/server.php 200 times: php fastcgi.php SOCKET. Fails where one does not answer.

declare(strict_types=1);

const BEGIN = 1;
const END = 3;
const PARAMS = 4;
const STDIN_RECORD = 5;
const OUTPUT = 6;
// Only ends a hang.
const PATIENCE_S = 60;

function record(int $type, string $content): string
{
    return pack('CCnnCC', 1, $type, 1, strlen($content), 0, 0) . $content;
}

function ask(string $socket, string $query): string
{
    $stream = stream_socket_client("unix://$socket", $code, $error, PATIENCE_S);
    stream_set_timeout($stream, PATIENCE_S);
    $parameters = '';
    $variables = ['SCRIPT_FILENAME' => __DIR__ . '/server.php', 'REQUEST_METHOD' => 'GET', 'QUERY_STRING' => $query];
    foreach ($variables as $name => $value) {
        $parameters .= pack('CN', strlen($name), strlen($value) | 1 << 31) . $name . $value;
    }
    fwrite($stream, record(BEGIN, pack('nCx5', 1, 0)) . record(PARAMS, $parameters));
    fwrite($stream, record(PARAMS, '') . record(STDIN_RECORD, ''));
    $answer = '';
    while (($head = stream_get_contents($stream, 8)) !== '' && $head !== false) {
        ['type' => $type, 'length' => $length, 'padding' => $padding] = unpack('Cv/Ctype/nid/nlength/Cpadding', $head);
        $content = $length > 0 ? stream_get_contents($stream, $length) : '';
        $padding > 0 && stream_get_contents($stream, $padding);
        if ($type === OUTPUT) {
            $answer .= $content;
        } elseif ($type === END) {
            break;
        }
    }
    return $answer;
}

for ($n = 0; $n < 200; $n++) {
    $answer = ask($argv[1], "n=$n");
    if (preg_match('/\r\n\r\n\d+$/', $answer) !== 1) {
        fwrite(STDERR, "request $n: $answer\n");
        exit(1);
    }
}
