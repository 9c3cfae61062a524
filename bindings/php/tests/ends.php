<?php

// Programs that end in the ways a PHP program can, for the ledger: php ends.php WAY. Each exports 200 events.

declare(strict_types=1);

require __DIR__ . '/../autoload.php';

use Mona\Client;
use Mona\Stack;

// Only ends a hang.
pcntl_alarm(240);

function export(int $times, string $from = 'parent', ?Client $client = null): void
{
    ($client ?? Client::default())->context('ends', static function (Stack $run) use ($times, $from): void {
        for ($n = 0; $n < $times; $n++) {
            $run->export(['from' => $from, 'n' => $n]);
        }
    });
}

function child(callable $function): void
{
    $pid = pcntl_fork();
    if ($pid === 0) {
        $function();
        exit(0);
    }
    pcntl_waitpid($pid, $status);
    if ($status !== 0) {
        exit(1);
    }
}

/** Exports when it is destroyed, as objects are behind all shutdown functions. */
final class Late
{
    public function __construct(private mixed $export)
    {
    }

    public function __destruct()
    {
        ($this->export)();
    }
}

$ways = [
    'return' => static fn () => export(200),
    'exit' => static function (): void {
        export(200);
        exit(0);
    },
    'exception' => static function (): void {
        export(200);
        throw new LogicException('as a program ends that has a mistake');
    },
    'fatal error' => static function (): void {
        export(200);
        ini_set('memory_limit', '8M');
        str_repeat('x', 100_000_000);
    },
    'close' => static function (): void {
        export(200);
        Client::default()->close();
        Client::default()->close();
    },
    'own client' => static function (): void {
        $GLOBALS['client'] = Client::create();
        export(200, 'own', $GLOBALS['client']);
    },
    // Registered behind the package's own, which is to come last.
    'shutdown function' => static function (): void {
        $client = Client::create();
        export(100, 'before', $client);
        register_shutdown_function(static fn () => export(100, 'late', $client));
    },
    'destructor' => static function (): void {
        $client = Client::create();
        $run = $client->open('ends');
        $GLOBALS['late'] = new Late(static function () use ($client, $run): void {
            export(100, 'late', $client);
            for ($n = 0; $n < 100; $n++) {
                $run->export(['n' => $n]);
            }
        });
    },
    // One destructor meets what another one ended.
    'destroyed before' => static function (): void {
        $client = Client::create();
        $run = $client->open('ends');
        $stack = $client->context('ends', static fn (Stack $inner) => $inner);
        export(200, 'before', $client);
        $GLOBALS['late'] = new Late(static function () use ($client, $run, $stack): void {
            $client->__destruct();
            $run->__destruct();
            $stack->__destruct();
            foreach ([
                static fn () => $run->export(['late' => 1]), static fn () => $stack->export(['late' => 1]),
                static fn () => $client->open(), static fn () => $client->flush(1), static fn () => $run->id(),
                static fn () => $run->sub(), static fn () => $stack->enterSub(), static fn () => $client->stats(),
            ] as $call) {
                try {
                    $call();
                } catch (Mona\MonaException) {
                }
            }
        });
    },
    'fork' => static function (): void {
        export(40);
        for ($n = 0; $n < 4; $n++) {
            child(static fn () => export(40, "child $n"));
        }
    },
    // A child that ends frees its copy of the client, and not that of the parent.
    'fork, own client' => static function (): void {
        $GLOBALS['client'] = Client::create();
        export(50, 'parent', $GLOBALS['client']);
        child(static fn () => export(50, 'child', $GLOBALS['client']));
        export(100, 'later', $GLOBALS['client']);
    },
    // A child that is killed flushes by itself before.
    'kill' => static function (): void {
        export(100);
        $pid = pcntl_fork();
        if ($pid === 0) {
            export(100, 'child');
            Client::default()->flush(60_000);
            posix_kill(posix_getpid(), SIGKILL);
        }
        pcntl_waitpid($pid, $status);
    },
    // What the README has for SIGTERM.
    'SIGTERM' => static function (): void {
        pcntl_async_signals(true);
        pcntl_signal(SIGTERM, static fn () => exit(0));
        export(200);
        posix_kill(posix_getpid(), SIGTERM);
        sleep(60);
    },
    'in a fiber' => static function (): void {
        (new Fiber(static fn () => Client::default()->context('ends', static function (Stack $run): void {
            for ($n = 0; $n < 200; $n++) {
                $run->export(['n' => $n]);
            }
            exit(0);
        })))->start();
    },
];
$ways[$argv[1]]();
