<?php

// Contexts: blocks, steps, handles, stacks, and whose they are when fibers take turns.

declare(strict_types=1);

require __DIR__ . '/suite.php';

use Mona\Carrier;
use Mona\Client;
use Mona\Log;
use Mona\MonaException;
use Mona\Spool;
use Mona\Stack;
use Mona\Status;

$client = recorder();
$contexts = static fn (): array => array_column(messages($client), 'context');

test('the first default client stays', static function (): void {
    $one = Client::init(['endpoint' => 'memory:', 'user_id' => 'first']);
    $two = Client::init(['endpoint' => 'null:', 'user_id' => 'second']);
    equal($two->describe()['user_id']['value'], 'first');
    unset($one);
    equal(Client::default()->describe()['user_id']['value'], 'first');
});

test('a block gives back what its function gives, and closes', static function () use ($client): void {
    equal($client->context('a', static fn (Stack $run) => $run->id(), 'x'), 'x');
    equal($client->contextId(), '');
});

test('an exception goes on as it was, and the block is closed', static function () use ($client): void {
    $thrown = new LogicException();
    try {
        $client->context('a', static fn () => throw $thrown);
    } catch (LogicException $caught) {
        equal($caught, $thrown);
    }
    equal($client->contextId(), '');
});

test('a context inside an open one joins; a step has an id of its own', function () use ($client, $contexts): void {
    $client->context('a', static function (Stack $run) use ($client): void {
        $client->context('b', static fn (Stack $joined) => equal($joined->id(), 'outer'), 'inner');
        equal($client->contextId(), 'outer');
        $client->sub('s', static function (Stack $step) use ($client, $run): void {
            equal($step->id(), 'outer.step');
            $client->export(['where' => 'step']);
            $run->export(['where' => 'run']);
        }, 'step');
        equal($client->contextId(), 'outer');
    }, 'outer');
    equal($contexts(), ['outer.step', 'outer']);
});

test('ids and classes are text of any kind', static function () use ($client): void {
    equal($client->open('a', "x\0y")->id(), "x\0y");
    $client->context(['class'], static fn (Stack $run) => equal($run->id(), 'é'), 'é');
    equal(strlen($client->context(5, static fn (Stack $run) => $run->id())), 36);
    equal(messages($client), []);
});

test('without a context an export is refused', static function () use ($client): void {
    matches(throws(Status::NoContext, static fn () => $client->export(['a' => 1])), '/no context/');
});

test('200 fibers that take turns: no foreign context', static function () use ($client): void {
    $fibers = [];
    for ($n = 1; $n <= 200; $n++) {
        $task = static function (Stack $run) use ($client, $n): void {
            for ($turn = 0; $turn < 5; $turn++) {
                Fiber::suspend();
                $client->export(['task' => $n]);
                $client->sub('step', static function () use ($client, $n): void {
                    Fiber::suspend();
                    $client->export(['task' => $n]);
                }, 's');
                $run->export(['task' => $n]);
            }
        };
        $fibers[] = new Fiber(static fn () => $client->context('task', $task, "task-$n"));
    }
    foreach ($fibers as $fiber) {
        $fiber->start();
    }
    // Another order each time, the same in each run of the test.
    mt_srand(1);
    while ($fibers !== []) {
        shuffle($fibers);
        foreach ($fibers as $fiber) {
            $fiber->resume();
        }
        $fibers = array_filter($fibers, static fn (Fiber $fiber) => !$fiber->isTerminated());
        equal($client->contextId(), '');
    }
    $all = messages($client);
    $foreign = array_filter($all, static function (array $one): bool {
        $id = 'task-' . $one['message']['task'];
        return $one['context'] !== $id && $one['context'] !== "$id.s";
    });
    equal([count($all), count($foreign)], [3000, 0]);
});

test('a new fiber is in no context, one that carries is in that of its maker', static function () use ($client): void {
    $client->context('a', static function () use ($client): void {
        (new Fiber(static fn () => equal($client->contextId(), '')))->start();
        $fiber = new Fiber(Carrier::carry(static function (int $n) use ($client): array {
            Fiber::suspend($client->contextId());
            return [$client->contextId(), $n];
        }));
        equal($fiber->start(5), 'outer');
        $client->sub(null, static fn () => $fiber->resume());
        equal($fiber->getReturn(), ['outer', 5]);
        try {
            Carrier::carry(static fn () => throw new LogicException('as it was'))();
        } catch (LogicException $thrown) {
            equal($thrown->getMessage(), 'as it was');
        }
        equal($client->contextId(), 'outer');
    }, 'outer');
});

test('a run is good in other fibers and behind its block', static function () use ($client, $contexts): void {
    $kept = $client->context('a', static function (Stack $run) use ($client): Stack {
        (new Fiber(static function () use ($client, $run): void {
            $run->export(['n' => 1]);
            $run->sub('s', static function (Stack $step) use ($client): void {
                $client->export(['n' => 2]);
                equal($step->id(), 'kept.s');
            }, 's');
            equal($client->contextId(), '');
        }))->start();
        return $run;
    }, 'kept');
    $kept->export(['n' => 3]);
    equal($contexts(), ['kept', 'kept.s', 'kept']);
});

test('fibers that are dropped leave nothing behind', static function () use ($client): void {
    for ($n = 0; $n < 2000; $n++) {
        (new Fiber(static fn () => $client->context('dropped', static fn () => Fiber::suspend())))->start();
    }
    gc_collect_cycles();
    equal($client->contextId(), '');
    messages($client);
});

test('a generator is in the context of whoever asks it', static function () use ($client): void {
    $steps = static function () use ($client): Generator {
        yield $client->contextId();
        yield $client->contextId();
    };
    $generator = $client->context('a', static function () use ($steps): Generator {
        $made = $steps();
        equal($made->current(), 'g');
        return $made;
    }, 'g');
    $generator->next();
    equal($generator->current(), '');
});

test('handles', static function () use ($client, $contexts): void {
    $run = $client->open('a', 'h', new DateTimeImmutable('2020-01-01'));
    $step = $run->sub('s', 's');
    equal([$run->id(), $step->id()], ['h', 'h.s']);
    unset($run);
    $step->export(['a' => 1]);
    equal($contexts(), ['h.s']);
    matches(throws(Status::Utf8, static fn () => $client->open("\xff")), '/UTF-8/');
});

test('stacks: any order of leaves, and numbers that are no scopes', static function () use ($client): void {
    $one = Stack::empty()->enter($client, 'a', 'm');
    $two = $one->stack->enterSub('s', 's');
    equal($two->stack->id(), 'm.s');
    $left = $two->stack->leave($one->scope)->stack;
    equal([$left->id(), $two->stack->id()], ['', 'm.s']);
    equal($left->leave($two->scope)->stack->id(), '');
    foreach ([0, 1, -1, PHP_INT_MAX, PHP_INT_MIN] as $wrong) {
        equal($two->stack->leave($wrong)->stack->id(), 'm.s');
    }
    equal(Stack::empty()->openSub('s')->status, Status::NoContext);
    equal(Stack::empty()->reset()->stack->isEmpty(), true);
    $open = Stack::empty()->open($client, 'a', 'o')->stack;
    equal($open->openSub('x', 'x')->stack->closeSub('x')->stack->id(), 'o');
    equal($open->closeSub()->status, Status::NotFound);
});

test('values cannot be copied or made by hand', static function () use ($client): void {
    foreach ([Stack::empty(), $client, $client->open()] as $object) {
        try {
            $copy = clone $object;
            throw new Exception('copied');
        } catch (Error $refused) {
            matches($refused->getMessage(), '/private .*__clone/');
        }
        try {
            unserialize(serialize($object));
            throw new Exception('serialised');
        } catch (Exception $refused) {
            matches($refused->getMessage(), "/Serialization of 'FFI.*' is not allowed/");
        }
    }
});

test('a batch: each event in a context of its own', static function () use ($client): void {
    $events = static function (): Generator {
        for ($n = 1; $n <= 600; $n++) {
            yield match ($n) {
                300 => ['arc_class' => 'b'],
                301 => ['message' => ['f' => static fn () => 1]],
                302 => 5,
                303 => ['message' => []],
                304 => (object) ['message' => ['n' => 304], 'context_id' => 'b304', 'export_timestamp' => true],
                default => ['message' => ['n' => $n], 'arc_class' => 'b', 'context_id' => "b$n"],
            };
        }
    };
    $batch = $client->exportBatch($events());
    matches($batch->failure->getMessage(), '/no "message"|event 300: field "message\.f": Closure/');
    equal($batch->failure->status, Status::Json);
    equal($batch->accepted, 596);
    $all = messages($client);
    equal([count($all), $all[595]['context'], $all[299]['export_timestamp']], [596, 'b600', 1]);
    $none = $client->exportBatch([]);
    equal([$none->accepted, $none->failure], [0, null]);
});

test('globals go once into each context', static function () use ($client): void {
    $client->setGlobals(['country' => 'IL']);
    $client->context('a', static fn (Stack $run) => $run->export(['a' => 1]), 'g');
    $client->flush(PATIENCE_MS);
    $client->take();
    equal($client->take()['message'], ['MONA_GLOBALS' => ['country' => 'IL']]);
    messages($client);
    $sentence = throws(Status::Json, static fn () => $client->setGlobals(['f' => static fn () => 1]));
    matches($sentence, '/field "f": Closure/');
    throws(Status::Json, static fn () => $client->setGlobals([1]));
    $client->setGlobals([]);
    $client->setGlobals(null);
});

test('the button', static function () use ($client): void {
    $client->setDisabled(true);
    equal($client->isDisabled(), true);
    $client->context('off', static function (Stack $run) use ($client): void {
        equal([$run->id(), $run->export(['a' => 1]), $run->export(['f' => static fn () => 1])], ['', false, false]);
        $client->sub('step', static fn (Stack $step) => equal($step->export(['a' => 1], 5), false));
        $client->setDisabled(false);
        equal($client->export(['a' => 1]), false);
        $client->context('on', static fn (Stack $inner) => equal($inner->export(['a' => 'sent']), true));
        equal($client->export(['a' => 1]), false);
    });
    equal(array_column(messages($client), 'message'), [['a' => 'sent']]);
    $client->setDisabled(true);
    $client->open()->export(['f' => static fn () => 1]);
    $client->setDisabled(false);
    equal(messages($client), []);
});

test('wrong options and arguments are answered', static function () use ($client): void {
    $wrong = [['nonsense' => 1], ['queue_size' => 'many'], ['endpoint' => null], [5 => 'x'], ['user_id' => "\xff"]];
    foreach ($wrong as $options) {
        try {
            Client::create($options);
            throw new Exception(json_encode($options) . ' was taken');
        } catch (MonaException $refused) {
            equal(in_array($refused->status, [Status::Argument, Status::Utf8], true), true);
        }
    }
    foreach ([-1, 4294967296, PHP_INT_MAX, PHP_INT_MIN] as $wrong) {
        matches(throws(Status::Argument, static fn () => $client->flush($wrong)), '/timeout/');
        throws(Status::Argument, static fn () => $client->close($wrong));
        throws(Status::Argument, static fn () => $client->check($wrong));
        throws(Status::Argument, static fn () => Log::setLevel($wrong));
    }
});

test('describe, check, stats, version, statuses', static function () use ($client): void {
    equal($client->describe()['endpoint']['value'], 'memory:');
    equal(is_array($client->check(1000)), true);
    equal(array_keys($client->stats()), Mona\Declarations::COUNTERS);
    matches(Client::version(), '/^\d+\.\d+\.\d+$/');
    foreach (Status::cases() as $status) {
        equal($status->text(), Mona\Native::ffi()->mona_status_text($status->value));
    }
});

test('closed clients', static function (): void {
    $other = recorder();
    $run = $other->open('a');
    equal($other->close(PATIENCE_MS), true);
    equal($other->close(PATIENCE_MS), true);
    throws(Status::Closed, static fn () => $run->export(['a' => 1]));
    equal($other->exportBatch([['message' => ['a' => 1]]])->failure->status, Status::Closed);
    $other->open();
    $other->context('c', static function (Stack $stack): void {
        throws(Status::NoContext, static fn () => $stack->export(['a' => 1]));
    });
    $other->__destruct();
    foreach (['stats', 'flush', 'close', 'describe', 'check', 'take', 'isDisabled', 'open'] as $method) {
        throws(Status::Closed, static fn () => $other->$method());
    }
    throws(Status::Closed, static fn () => $other->context('a', static fn () => 1));
    throws(Status::Closed, static fn () => $run->export(['a' => 1]));
    $run->__destruct();
    throws(Status::Argument, static fn () => $run->export(['a' => 1]));
});

test('a client that is gone has delivered what was queued; its contexts outlive it', static function (): void {
    $path = tempnam(sys_get_temp_dir(), 'mona');
    $other = Client::create(['endpoint' => "file://$path"]);
    $stack = $other->context('a', static fn (Stack $run) => $run);
    for ($n = 0; $n < 100; $n++) {
        $stack->export(['n' => $n]);
    }
    unset($other, $stack);
    gc_collect_cycles();
    equal(substr_count(file_get_contents($path), '"n"'), 100);
    unlink($path);
});

test('what a spool holds', static function (): void {
    $folder = sys_get_temp_dir() . '/mona-' . bin2hex(random_bytes(8));
    mkdir($folder);
    // Nobody listens there.
    $other = Client::create(['endpoint' => 'tcp://127.0.0.1:9', 'spool_dir' => $folder]);
    $run = $other->open(null, 'spooled');
    for ($n = 0; $n < 10; $n++) {
        $run->export(['n' => $n]);
    }
    equal($other->close(10_000), true);
    $instances = Spool::list($folder);
    equal(array_sum(array_column($instances, 'events')), 10);
    equal(Spool::verify($folder)['damaged'], 0);
    $lines = explode("\n", trim(Spool::chunk($folder, $instances[0]['instance'])));
    matches($lines[1], '/"n":0}/');
    equal(Spool::chunk($folder, json_decode($lines[0], true)['place']), null);
    throws(Status::Io, static fn () => Spool::list("$folder/none"));
    $below = new RecursiveDirectoryIterator($folder, FilesystemIterator::SKIP_DOTS);
    foreach (new RecursiveIteratorIterator($below, RecursiveIteratorIterator::CHILD_FIRST) as $file) {
        $file->isDir() ? rmdir((string) $file) : unlink((string) $file);
    }
    rmdir($folder);
});

test('nothing is left of contexts, exports and refusals', static function (): void {
    // Nothing is in the sample, so that the queue holds no memory.
    $other = Client::create(['endpoint' => 'null:', 'sample_rate' => 0]);
    $round = static function () use ($other): void {
        for ($n = 0; $n < 2000; $n++) {
            $other->context('a', static function (Stack $run) use ($other): void {
                $run->export(['a' => 1, 'n' => NAN]);
                $other->sub('b', static fn (Stack $step) => $step->export(['x' => [1]], 5));
                try {
                    $run->export(['f' => static fn () => 1]);
                } catch (MonaException) {
                }
            });
            $other->open('a')->sub('b')->export(['a' => 1]);
        }
    };
    $resident = static function (): int {
        preg_match('/VmRSS:\s+(\d+)/', (string) @file_get_contents('/proc/self/status'), $found);
        return (int) ($found[1] ?? 0);
    };
    $round();
    [$before, $pages] = [memory_get_usage(), $resident()];
    $round();
    $round();
    equal(memory_get_usage() - $before < 10_000, true, 'memory of PHP');
    // A context is some 200 bytes: 8000 of them would show.
    equal($resident() - $pages < 1000, true, 'memory of the process');
});

finish();
