<?php

// Values that hold themselves or are large, and batches of which one event is bad.

declare(strict_types=1);

namespace Mona\Tests;

require __DIR__ . '/suite.php';

use Mona\Encoder;
use Mona\Json;
use Mona\Status;

// As PHP comes, a request has 128 MB; ten thousand calls inside each other take 30.
const ENOUGH_BYTES = 64_000_000;

final class Secret
{
    private int $hidden = 1;
}

final class Itself implements \JsonSerializable
{
    public int $x = 1;

    public function jsonSerialize(): mixed
    {
        return $this;
    }
}

final class Endless implements \JsonSerializable
{
    public function jsonSerialize(): mixed
    {
        return ['a long name of a field' => new self()];
    }
}

$client = \recorder();

/** The bytes that a refused export took at most. */
function bytes_of(callable $call): int
{
    memory_reset_peak_usage();
    $before = memory_get_usage();
    \throws(Status::Limit, $call);
    return memory_get_peak_usage() - $before;
}

\test('what holds itself is refused before the memory ends', static function () use ($client): void {
    $run = $client->open();
    $object = new \stdClass();
    $object->payload = str_repeat('x', 100_000);
    $object->again = $object;
    $array = ['payload' => str_repeat('x', 100_000), 'score' => NAN];
    $array[str_repeat('k', 100)] = &$array;
    $list = [1, NAN];
    $list[] = &$list;
    foreach ([['o' => $object], ['n' => NAN, 'o' => $object], $array, ['l' => $list]] as $value) {
        $bytes = bytes_of(static fn () => $run->export($value));
        \equal($bytes < ENOUGH_BYTES, true, "$bytes bytes");
    }
    // PHP's own json_encode() has no end there but that of the stack.
    $bytes = bytes_of(static fn () => Encoder::encode(new Endless()));
    \equal($bytes < ENOUGH_BYTES, true, "$bytes bytes");
    $message = \throws(Status::Limit, static fn () => $run->export(['a' => ['b' => [1, $object]]]));
    \equal($message, 'field "a.b[1].again": it holds itself, an end is expected');
});

\test('what stands twice beside itself is sent', static function () use ($client): void {
    $shared = ['x' => 1];
    $object = (object) ['y' => NAN];
    $client->open()->export(['a' => &$shared, 'b' => &$shared, 'c' => [$object, $object]]);
    $client->flush(PATIENCE_MS);
    \equal($client->take()['message'], [
        'a' => ['x' => 1], 'b' => ['x' => 1], 'c' => [['y' => null], ['y' => null]],
    ]);
});

\test('objects as json_encode() has them, whatever stands beside them', static function (): void {
    foreach ([new Itself(), new \ArrayObject(['a' => 1]), new \ArrayIterator([1, 2]), new \ArrayObject()] as $value) {
        $wanted = json_decode(json_encode($value));
        \equal(json_encode(json_decode(Encoder::encode($value))), json_encode($wanted));
    }
});

\test('an event that is bad takes none along', static function () use ($client): void {
    $good = static fn (int $n): array => ['message' => ['n' => $n]];
    foreach ([
        ['message' => ['bad' => new Json('[1,')]],
        ['message' => ['bad' => new Json("\"\xff\"")]],
        ['message' => ['bad' => new Json('1}},{"message":{"n":9}')]],
        ['message' => ['bad' => 1], 'arc_class' => new Secret()],
        ['message' => ['bad' => "\xff"], 'arc_class' => "\xff", 'context_id' => "\xff"],
    ] as $bad) {
        $client->exportBatch([$good(1), $bad, $good(2)]);
        $numbers = array_column(array_column(\messages($client), 'message'), 'n');
        \equal(array_values(array_diff($numbers, [9])), [1, 2]);
    }
});

\test('events before an exception of the iterable are sent', static function () use ($client): void {
    $events = static function (): \Generator {
        yield ['message' => ['n' => 1]];
        throw new \DomainException('mine');
    };
    try {
        $client->exportBatch($events());
        \equal('no exception', 'an exception');
    } catch (\DomainException) {
    }
    \equal(array_column(array_column(\messages($client), 'message'), 'n'), [1]);
});

\finish();
