<?php

// A small test runner: test(), equal(), matches(), throws(), and a closing line that counts.

declare(strict_types=1);

require __DIR__ . '/../autoload.php';

use Mona\Client;
use Mona\MonaException;
use Mona\Status;

error_reporting(E_ALL);
set_error_handler(static function (int $level, string $message, string $file, int $line): never {
    throw new ErrorException($message, 0, $level, $file, $line);
});

// Only ends a hang.
const PATIENCE_MS = 60_000;

$passed = 0;
$failed = 0;

function test(string $name, callable $function): void
{
    global $passed, $failed;
    try {
        $function();
        $passed++;
    } catch (Throwable $complaint) {
        $failed++;
        echo "FAILED: $name\n  ", get_class($complaint), ': ', $complaint->getMessage(), "\n  ";
        echo implode("\n  ", array_slice(explode("\n", $complaint->getTraceAsString()), 0, 8)), "\n";
    }
}

function equal(mixed $got, mixed $wanted, string $what = 'value'): void
{
    if ($got !== $wanted) {
        throw new Exception("$what: got " . json_encode($got) . ', wanted ' . json_encode($wanted));
    }
}

function matches(string $got, string $pattern): void
{
    if (preg_match($pattern, $got) !== 1) {
        throw new Exception("got '$got', wanted a match of $pattern");
    }
}

/** Fails unless the call throws with this status; gives the message. */
function throws(Status $wanted, callable $call): string
{
    try {
        $call();
    } catch (MonaException $thrown) {
        equal($thrown->status, $wanted);
        equal($thrown->getCode(), $wanted->value);
        return $thrown->getMessage();
    }
    throw new Exception("nothing was thrown, wanted $wanted->name");
}

/** A client that keeps what is sent, with more options. */
function recorder(array $options = [], mixed ...$more): Client
{
    return Client::create($options + ['endpoint' => 'memory:', 'user_id' => 'u', 'flush_interval_ms' => 1], ...$more);
}

/** The records that a client has delivered, those of its own left out. */
function messages(Client $client): array
{
    $client->flush(PATIENCE_MS);
    $all = [];
    while (($record = $client->take()) !== null) {
        if (!isset($record['message']['MONA_ARC_CLASS']) && !isset($record['message']['MONA_GLOBALS'])) {
            $all[] = $record;
        }
    }
    return $all;
}

function finish(): never
{
    global $passed, $failed;
    echo "$passed passed, $failed failed, 0 skipped\n";
    exit($failed === 0 ? 0 : 1);
}
