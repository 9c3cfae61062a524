<?php

// What a message may hold, and what becomes of what it may not.

declare(strict_types=1);

require __DIR__ . '/suite.php';

use Mona\Encoder;
use Mona\InvalidEvent;
use Mona\Json;
use Mona\Status;

enum Suit: string
{
    case Hearts = 'H';
}

enum Pure
{
    case One;
}

final class Score implements JsonSerializable
{
    public function __construct(private mixed $value)
    {
    }

    public function jsonSerialize(): mixed
    {
        return $this->value;
    }
}

final class Point
{
    public int $x = 1;
    protected int $hidden = 2;
    public ?Point $next = null;
}

final class Sealed
{
    private int $x = 1;
}

$client = recorder(['max_depth' => 5000]);

/** Exports one message and gives it back as JSON text. */
$through = static function (array|object $message) use ($client): string {
    equal($client->open(null, 'r')->export($message), true);
    equal($client->context(null, static fn ($run) => $run->export($message), 'r'), true);
    $client->flush(PATIENCE_MS);
    $texts = [];
    for ($n = 0; $n < 2; $n++) {
        preg_match('/"message":(.*),"export_timestamp":\d+}$/', $client->takeJson(), $found);
        $texts[] = $found[1];
    }
    equal($texts[1], $texts[0], 'by a stack and by a handle');
    return $texts[0];
};
$field = static fn (mixed $value): string => substr($through(['a' => $value]), 5, -1);

test('scalars', static function () use ($field): void {
    equal($field(1), '1');
    equal($field(PHP_INT_MIN), '-9223372036854775808');
    equal($field(PHP_INT_MAX), '9223372036854775807');
    equal($field(1.0), '1.0');
    equal($field(0.1), '0.1');
    equal($field(1e300), '1e300');
    equal($field(true), 'true');
    equal($field(null), 'null');
    equal($field(''), '""');
    equal($field("é\"\\/\n\0x"), '"é\"\\\\/\n\u0000x"');
    equal($field('{}'), '"{}"');
});

test('a floating-point number stays one, and keeps every digit', static function () use ($field): void {
    foreach ([0.9731, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, 123456789012345680.0] as $number) {
        equal((float) $field($number), $number);
    }
});

test('NaN and infinities are null where the wire has none', static function () use ($field): void {
    equal($field(NAN), 'null');
    equal($field([-INF, ['x' => NAN]]), '[null,{"x":null}]');
});

test('arrays and objects', static function () use ($field, $through): void {
    equal($field([1, 2]), '[1,2]');
    equal($field([]), '[]');
    equal($field(new stdClass()), '{}');
    equal($field(['x' => ['y' => ['z']]]), '{"x":{"y":["z"]}}');
    equal($field([1 => 'x', 3 => 'z']), '{"1":"x","3":"z"}');
    equal($field(new Point()), '{"x":1,"next":null}');
    equal($field(Suit::Hearts), '"H"');
    equal($field(new Score(['v' => 1.0])), '{"v":1.0}');
    equal($field(new Score(NAN)), 'null');
    equal($through(new Point()), '{"x":1,"next":null}');
    equal($through(new Score(['a' => 1])), '{"a":1}');
    equal($through([1 => 'x', 'b' => 2]), '{"1":"x","b":2}');
    equal($through(['' => 1]), '{"":1}');
    equal($field(new DateTime('2020-01-01T00:00:00Z')), json_encode(new DateTime('2020-01-01T00:00:00Z')));
});

test('the two ways of encoding give the same', static function (): void {
    $values = [
        1, -1.5, 1.0, 'x', "é/\u{2028}", true, null, [], [[]], ['a' => [1, ['b' => null]]], new Point(), Suit::Hearts,
        new DateTimeImmutable('2020-01-01'), new Score([1, 2]), [5 => 1], ['0' => 'list'], (object) ['' => 1, '0' => 2],
    ];
    foreach ($values as $value) {
        equal(Encoder::encode($value), json_encode($value, Encoder::FLAGS));
    }
});

/** A value of any shape, from a sequence that is the same in each run. */
function anything(int $depth): mixed
{
    $text = static fn (): string => implode('', array_map(
        static fn () => ['a', '"', '\\', '/', "\n", "\0", 'é', '😀', "\u{2028}", '{', '}', '7'][mt_rand(0, 11)],
        range(0, mt_rand(0, 6)),
    ));
    switch (mt_rand(0, $depth > 0 ? 9 : 6)) {
        case 0:
            return null;
        case 1:
            return mt_rand(0, 1) === 1;
        case 2:
            return mt_rand(-1000, 1000);
        case 3:
            return random_float();
        case 4:
            return mt_rand(0, 1) === 1 ? PHP_INT_MAX - mt_rand(0, 9) : PHP_INT_MIN + mt_rand(0, 9);
        case 5:
        case 6:
            return $text();
        case 7:
            return array_map(static fn () => anything($depth - 1), array_fill(0, mt_rand(0, 4), null));
        case 8:
            $map = [];
            for ($n = mt_rand(1, 4); $n > 0; $n--) {
                $map[mt_rand(0, 2) === 0 ? mt_rand(-5, 5) : $text()] = anything($depth - 1);
            }
            return $map;
        default:
            $object = new stdClass();
            for ($n = mt_rand(0, 3); $n > 0; $n--) {
                // A name of an object does not begin with NUL in PHP.
                $object->{'k' . $text()} = anything($depth - 1);
            }
            return $object;
    }
}

function random_float(): float
{
    do {
        $float = unpack('e', pack('P', mt_rand() << 33 ^ mt_rand() << 16 ^ mt_rand()))[1];
    } while (!is_finite($float));
    return $float;
}

test('3000 values of any shape: the same both ways, and as they were on the other side', function () use ($client): void {
    mt_srand(5);
    $run = $client->open();
    for ($n = 0; $n < 3000; $n++) {
        $value = anything(4);
        equal(Encoder::encode($value), json_encode($value, Encoder::FLAGS));
        if ($n % 10 === 0) {
            $run->export(['v' => $value]);
            $client->flush(PATIENCE_MS);
            // As arrays: an object of PHP has no names that begin with NUL.
            $got = json_decode($client->takeJson(), true)['message']['v'];
            $wanted = json_decode(json_encode($value, Encoder::FLAGS), true);
            equal(json_encode($got), json_encode($wanted), json_encode($value));
        }
    }
});

test('JSON as text goes as it is', static function () use ($field, $through): void {
    equal($field(new Json('18446744073709551615')), '18446744073709551615');
    equal($field([new Json('[1, {}]')]), '[[1,{}]]');
    equal($through(new Json('{"a": 1.0}')), '{"a":1.0}');
});

test('reserved names are removed; a message without fields is skipped', function () use ($client, $through): void {
    equal($through(['MONA_x' => 1, 'a' => 1]), '{"a":1}');
    $client->context(null, static function ($run): void {
        equal($run->export([]), false);
        equal($run->export(new stdClass()), false);
        equal($run->export(['MONA_x' => 1]), false);
    });
    equal(messages($client), []);
});

test('what cannot be said is refused, by name, and nothing else is lost', function () use ($client): void {
    $wrong = [
        'Closure' => static fn () => 1,
        'Generator' => (static fn () => yield 1)(),
        'resource' => fopen('php://memory', 'r'),
        'WeakMap' => new WeakMap(),
        'Sealed' => new Sealed(),
        'Pure' => Pure::One,
        'Fiber' => new Fiber(static fn () => 1),
        'Mona\\\\Stack' => Mona\Stack::empty(),
    ];
    $run = $client->open(null, 'r');
    foreach ($wrong as $type => $value) {
        $before = $client->stats()['refused'];
        foreach ([$run, $client->context(null, static fn ($stack) => $stack)] as $context) {
            matches(
                throws(Status::Json, static fn () => $context->export(['ok' => 1, 'wrong' => $value])),
                "/^field \"wrong\": $type/",
            );
            matches(
                throws(Status::Json, static fn () => $context->export(['list' => [1, ['deep' => $value]]])),
                "/^field \"list\\[1\\]\\.deep\": $type/",
            );
            throws(Status::Json, static fn () => $context->export(['MONA_x' => $value, 'a' => 1]));
            if (is_object($value)) {
                throws(Status::Json, static fn () => $context->export($value));
            }
        }
        equal($client->stats()['refused'] - $before, is_object($value) ? 8 : 6);
        $run->export(['type' => $type]);
    }
    equal(array_column(array_column(messages($client), 'message'), 'type'), array_keys($wrong));
});

test('text that is not UTF-8 is refused by name', static function () use ($client): void {
    $run = $client->open();
    foreach (["x\xff", "\xed\xa0\x80", "\xc0\x80"] as $text) {
        matches(throws(Status::Utf8, static fn () => $run->export(['label' => $text])), '/^field "label": .*UTF-8/');
        matches(throws(Status::Utf8, static fn () => $run->export(['l' => [['m' => $text]]])), '/^field "l\[0\]\.m"/');
        throws(Status::Utf8, static fn () => $run->export([$text => 1]));
    }
});

test('what is no message is refused', static function () use ($client): void {
    $run = $client->open();
    $stack = $client->context(null, static fn ($inner) => $inner);
    $wrong = [
        [1, 2], [[]], new Json('[1]'), new Json('{'), new Json(''), new Score('text'), new Score([1]), Suit::Hearts,
    ];
    foreach ($wrong as $message) {
        throws(Status::Json, static fn () => $run->export($message));
        throws(Status::Json, static fn () => $stack->export($message));
    }
    foreach (['text', 5, null, true] as $message) {
        try {
            $run->export($message);
            throw new Exception('taken');
        } catch (TypeError) {
        }
    }
    equal(messages($client), []);
});

test('what refers to itself, and depth, end in a refusal', static function () use ($client): void {
    $run = $client->open();
    $cycle = new stdClass();
    $cycle->again = $cycle;
    matches(throws(Status::Limit, static fn () => $run->export(['a' => $cycle])), '/^field "a\.again/');
    $array = ['a' => 1];
    $array['again'] = &$array;
    throws(Status::Limit, static fn () => $run->export($array));
    $deep = 1;
    for ($n = 0; $n < 3000; $n++) {
        $deep = [$deep];
    }
    equal($run->export(['deep' => $deep]), true);
    for ($n = 0; $n < 3000; $n++) {
        $deep = [$deep];
    }
    throws(Status::Limit, static fn () => $run->export(['deep' => $deep]));
    $client->flush(PATIENCE_MS);
    $client->takeJson();
});

test('timestamps', static function () use ($client): void {
    $run = $client->open();
    $run->export(['a' => 1], 1500000000.9);
    $run->export(['a' => 2], new DateTimeImmutable('2020-01-01T00:00:00.5+02:00'));
    $client->context(null, static function ($stack): void {
        $stack->export(['a' => 3], -1.5);
        $stack->export(['a' => 4], new DateTime('2020-01-01T00:00:00Z'));
        $stack->export(['a' => 5], 'soon');
        $stack->export(['a' => 6], NAN);
    });
    $all = messages($client);
    equal(array_slice(array_column($all, 'export_timestamp'), 0, 4), [1500000000, 1577829600, -1, 1577836800]);
    equal($all[4]['message'], ['a' => 5, 'MONA_INVALID_EXPORT_TIMESTAMP' => 'soon']);
    equal($all[5]['message'], ['a' => 6, 'MONA_INVALID_EXPORT_TIMESTAMP' => null]);
});

test('a client that does not throw answers false, and the rest goes on', static function () use ($client): void {
    $quiet = recorder([], throws: false);
    $run = $quiet->open();
    equal($run->export(['f' => static fn () => 1]), false);
    equal($run->export([1]), false);
    $quiet->context('a', static function ($stack): void {
        equal($stack->export(['f' => "\xff"]), false);
        equal($stack->export(['a' => 1]), true);
    });
    equal(count(messages($quiet)), 1);
    equal($quiet->stats()['refused'], 3);
});

test('exceptions of what is exported go on', static function () use ($client): void {
    $run = $client->open();
    $broken = new class implements JsonSerializable {
        public function jsonSerialize(): mixed
        {
            throw new LogicException('as it was');
        }
    };
    try {
        $run->export(['a' => $broken]);
        throw new Exception('taken');
    } catch (LogicException $thrown) {
        equal($thrown->getMessage(), 'as it was');
    }
});

test('precision settings of PHP count, as for json_encode', static function () use ($field): void {
    $before = ini_set('serialize_precision', '3');
    equal($field(0.123456), '0.123');
    ini_set('serialize_precision', $before);
});

$client->close();
finish();
