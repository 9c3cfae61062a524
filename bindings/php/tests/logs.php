<?php

// The log: taken, or given to a PSR-3 logger at calls.

declare(strict_types=1);

namespace Psr\Log {
    // Debian has psr/log here; where it has not, its one method that is called is enough.
    if (is_file('/usr/share/php/Psr/Log/autoload.php')) {
        require '/usr/share/php/Psr/Log/autoload.php';
    }
    if (!interface_exists(LoggerInterface::class)) {
        interface LoggerInterface
        {
        }
    }
    if (!class_exists(AbstractLogger::class)) {
        abstract class AbstractLogger implements LoggerInterface
        {
        }
    }
}

namespace {
    require __DIR__ . '/suite.php';

    use Mona\Carrier;
    use Mona\Client;
    use Mona\Log;
    use Mona\Status;

    final class Lines extends Psr\Log\AbstractLogger
    {
        public array $lines = [];
        public bool $fails = false;

        public function log($level, $message, array $context = []): void
        {
            $this->lines[] = [$level, (string) $message];
            if ($this->fails) {
                throw new LogicException('not of this library');
            }
        }
    }

    function drain(): void
    {
        while (Log::take() !== null) {
        }
    }

    test('a refusal is a line that names the field and not the value', static function (): void {
        $client = recorder();
        drain();
        $wrong = ['secret' => fopen('php://memory', 'r')];
        $in_block = static fn () => $client->context('a', static fn ($run) => $run->export($wrong));
        // The same is said once a minute, so this is another client's.
        $by_handle = static fn () => recorder()->open('a')->export($wrong);
        foreach ([$in_block, $by_handle] as $export) {
            throws(Status::Json, $export);
            [$level, $line] = Log::take();
            equal($level, 30);
            matches($line, '/secret/');
            equal(Log::take(), null);
        }
    });

    test('a PSR-3 logger gets the lines, and what it throws ends with it', static function (): void {
        drain();
        $logger = new Lines();
        $client = recorder([], $logger, false);
        $client->context('a', static function ($run) use ($client, $logger): void {
            $logger->fails = true;
            $run->export(["\xff" => 1]);
            $client->setDisabled(true);
            $client->setDisabled(false);
        });
        equal($logger->lines[0][0], 'warning');
        matches($logger->lines[0][1], '/refused/');
        equal(count($logger->lines) >= 2, true);
    });

    test('a client that does not throw does not where no context is open', static function (): void {
        $logger = new Lines();
        $client = recorder([], $logger, false);
        $export = static fn ($run) => $run->export(['a' => 1]);
        equal($client->export(['a' => 1]), false);
        matches($logger->lines[0][1], '/refused/');
        equal($client->sub('step', $export), false);
        equal($client->context('a', $export, "\xff"), false);
        equal($client->context('a', static fn () => $client->export(['a' => NAN]), "\xff"), false);
        $client->close();
        equal($client->context('a', $export), false);
        equal($client->context('a', static fn ($run) => $run->sub('b', $export)), false);
        equal(Carrier::current()->isEmpty(), true);
        throws(Status::NoContext, static fn () => recorder()->export(['a' => 1]));
        throws(Status::NoContext, static fn () => recorder()->context('a', $export, "\xff"));
    });

    test('each request may ask for the default client without a line about it', static function (): void {
        Client::init(['endpoint' => 'null:']);
        drain();
        $logger = new Lines();
        // As at the beginning of the next request of a server.
        (new ReflectionProperty(Client::class, 'default'))->setValue(null, null);
        recorder([], null, false)->open('c')->export([1]);
        Client::init(['endpoint' => 'null:'], $logger);
        equal(count($logger->lines), 1);
        // The options of a second one do not matter, which is worth a line.
        $client = Client::init(['endpoint' => 'memory:'], $logger);
        $client->pollLog();
        equal(count($logger->lines), 2);
        matches($logger->lines[1][1], '/default client: one is set/');
    });

    test('levels', static function (): void {
        equal(array_map(Log::levelName(...), [10, 20, 30, 40]), ['debug', 'info', 'warning', 'error']);
        foreach ([-1, 51, PHP_INT_MAX] as $wrong) {
            throws(Status::Argument, static fn () => Log::setLevel($wrong));
        }
        Log::setLevel(50);
        drain();
        recorder([], null, false)->open('b')->export([1]);
        equal(Log::take(), null);
        Log::setLevel(30);
    });

    test('a text longer than the first buffer comes whole', static function (): void {
        $id = str_repeat('x', 20000);
        equal(recorder()->open(null, $id)->id(), $id);
    });

    finish();
}
