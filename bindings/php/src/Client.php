<?php

// SPDX-License-Identifier: Apache-2.0 OR MIT

declare(strict_types=1);

namespace Mona;

use FFI\CData;
use Psr\Log\LoggerInterface;

/**
 * A client: where events go, with a queue and a sender thread of its own.
 *
 *     $mona = Client::init(['endpoint' => 'tls://collector.example:24224']);
 *     $mona->context('ranker', function (Stack $run): void {
 *         $run->export(['score' => 0.9]);
 *     });
 */
final class Client
{
    // The longest wait of close() and flush() where none is given.
    private const PATIENCE_MS = 5000;

    private static ?self $default = null;

    private function __construct(
        private ?CData $at,
        private readonly bool $borrowed,
        private readonly ?LoggerInterface $logger,
        /** Whether exports that are refused throw; else they answer false, and the log says why. */
        public readonly bool $throws,
    ) {
        Ending::register($this);
    }

    /**
     * Makes a client. OPTIONS.md and Options list what can be set; what is not given comes from the environment and the
     * config file.
     *
     * @param array<string, string|int|float|bool|array<mixed>> $options
     * @param LoggerInterface|null $logger  gets the lines of the library's log, at calls that look for them
     * @throws MonaException
     */
    public static function create(array $options = [], ?LoggerInterface $logger = null, bool $throws = true): self
    {
        return new self(self::make($options), false, $logger, $throws);
    }

    /**
     * Makes the default client, which the process keeps, also over the requests that it serves. Where there is one
     * already that one stays, and the options do not matter.
     *
     * @param array<string, string|int|float|bool|array<mixed>> $options
     * @throws MonaException
     */
    public static function init(array $options = [], ?LoggerInterface $logger = null, bool $throws = true): self
    {
        $ffi = Native::ffi();
        $at = self::make($options);
        if ($ffi->mona_client_set_default($at) !== 0) {
            $sentence = Native::lastError();
            $ffi->mona_client_free($at);
            $at = $ffi->mona_client_default();
            if (self::$default === null && $logger !== null) {
                // That of a request before: what each request does is not worth a line.
                Log::drain($logger, $sentence);
            }
        }
        return self::$default = new self($at, true, $logger, $throws);
    }

    /**
     * The default client, made from the environment where there is none yet.
     *
     * @throws MonaException
     */
    public static function default(): self
    {
        if (self::$default === null) {
            $at = Native::ffi()->mona_client_default();
            if ($at === null) {
                throw MonaException::of(Status::Argument->value);
            }
            self::$default = new self($at, true, null, true);
        }
        return self::$default;
    }

    /** @param array<string, mixed> $options */
    private static function make(array $options): CData
    {
        $ffi = Native::ffi();
        $set = $ffi->mona_options_new();
        try {
            foreach ($options as $name => $value) {
                $text = self::optionText((string) $name, $value);
                $status = $ffi->mona_options_set($set, (string) $name, strlen((string) $name), $text, strlen($text));
                if ($status !== 0) {
                    throw new MonaException(Status::tryFrom($status) ?? Status::Panic, Native::lastError());
                }
            }
            $to = $ffi->new('mona_client_place');
            $status = $ffi->mona_client_new($set, $to);
            if ($status !== 0) {
                throw new MonaException(Status::tryFrom($status) ?? Status::Panic, Native::lastError());
            }
            return $to[0];
        } finally {
            $ffi->mona_options_free($set);
        }
    }

    private static function optionText(string $name, mixed $value): string
    {
        return match (true) {
            is_string($value) => $value,
            is_bool($value) => $value ? 'true' : 'false',
            is_int($value), is_float($value), is_array($value) => (string) json_encode($value),
            default => throw new MonaException(
                Status::Argument,
                "option \"$name\": " . get_debug_type($value) . ', a text, a number or a boolean is expected',
            ),
        };
    }

    public function __destruct()
    {
        if ($this->at !== null && !$this->borrowed) {
            // An open one has a second to deliver what is queued.
            Native::ffi()->mona_client_free($this->at);
        }
        // Destructors of others may still come by when the program ends.
        $this->at = null;
    }

    private function __clone()
    {
    }

    /**
     * @internal The handle.
     *
     * @throws MonaException  where the program ends and the client is gone
     */
    public function at(): CData
    {
        return $this->at ?? throw new MonaException(Status::Closed, 'the client was freed, one that lives is expected');
    }

    /**
     * Runs a function in a context. Inside an open one it joins: class and id are ignored, and its end closes nothing.
     *
     * @template T
     * @param mixed $arcClass  the name shared by runs of the same algorithm, or null
     * @param callable(Stack): T $function
     * @param string $id  to go on with a run that began elsewhere; '': a new one
     * @return T
     */
    public function context(
        mixed $arcClass,
        callable $function,
        string $id = '',
        int|float|\DateTimeInterface|null $timestamp = null,
    ): mixed {
        $from = Carrier::current();
        $entered = $from->enter($this, $arcClass, $id, $timestamp);
        try {
            return Carrier::run($entered, $from, $function);
        } finally {
            $this->pollLog();
        }
    }

    /**
     * Runs a function in a sub-context of the open context.
     *
     * @template T
     * @param callable(Stack): T $function
     * @return T
     */
    public function sub(mixed $arcClass, callable $function, string $id = ''): mixed
    {
        return Carrier::current()->of($this)->sub($arcClass, $function, $id);
    }

    /**
     * Sends one event from the running fiber's context.
     *
     * @param array<mixed>|object $message
     * @return bool  as Stack::export()
     * @throws MonaException
     */
    public function export(array|object $message, int|float|\DateTimeInterface|null $timestamp = null): bool
    {
        try {
            return Carrier::current()->export($message, $timestamp);
        } catch (MonaException $refusal) {
            // Thrown where no context is open, or by the client of the one that is.
            $this->pollLog();
            return $this->throws ? throw $refusal : false;
        }
    }

    /** The full id of the running fiber's context; '': none is open. */
    public function contextId(): string
    {
        return Carrier::current()->id();
    }

    /**
     * Opens a context as a handle, a run of its own.
     *
     * @throws MonaException
     */
    public function open(
        ?string $arcClass = null,
        string $id = '',
        int|float|\DateTimeInterface|null $timestamp = null,
    ): Run {
        return Run::open($this, $arcClass, $id, Native::seconds($timestamp));
    }

    /**
     * Sends events, each in a context of its own.
     *
     * @param iterable<array<string, mixed>> $events  each with `message`, and perhaps `arc_class`, `context_id`,
     *                                                `export_timestamp`
     */
    public function exportBatch(iterable $events): Batch
    {
        $at = $this->at();
        $ffi = Native::ffi();
        $batch = Batch::send($events, static fn (string $json, CData $accepted) => $ffi->mona_client_export_batch(
            $at, $json, strlen($json), $accepted,
        ));
        $this->pollLog();
        return $batch;
    }

    /**
     * Sets the fields that are sent once after each new main context; null: none.
     *
     * @param array<mixed>|object|null $fields
     * @throws MonaException
     */
    public function setGlobals(array|object|null $fields): void
    {
        $json = $fields === null ? null : Encoder::message($fields);
        $this->settle(Native::ffi()->mona_client_set_globals($this->at(), $json, strlen($json ?? '')));
    }

    /** Switches the client off, or on again. */
    public function setDisabled(bool $disabled): void
    {
        $this->settle(Native::ffi()->mona_client_set_disabled($this->at(), (int) $disabled));
    }

    /** Whether calls do nothing at the moment, whoever asked for that. */
    public function isDisabled(): bool
    {
        $disabled = Native::ffi()->new('int32_t[1]');
        $this->settle(Native::ffi()->mona_client_is_disabled($this->at(), $disabled));
        return $disabled[0] !== 0;
    }

    /**
     * Waits until everything accepted before is delivered or spooled.
     *
     * @return bool  false: something is still undelivered and goes on being sent
     * @throws MonaException
     */
    public function flush(int $milliseconds = self::PATIENCE_MS): bool
    {
        return $this->settle(
            Native::ffi()->mona_client_flush($this->at(), Native::milliseconds($milliseconds)),
            Status::Timeout,
        );
    }

    /**
     * Flushes, then stops the client for good.
     *
     * @return bool  false: something was dropped
     * @throws MonaException
     */
    public function close(int $milliseconds = self::PATIENCE_MS): bool
    {
        return $this->settle(
            Native::ffi()->mona_client_close($this->at(), Native::milliseconds($milliseconds)),
            Status::Timeout,
        );
    }

    private function settle(int $status, ?Status $false = null): bool
    {
        $failure = $status === 0 || $status === $false?->value ? null : MonaException::of($status);
        $this->pollLog();
        return $failure === null ? $status === 0 : throw $failure;
    }

    /**
     * The counters, by their names.
     *
     * @return array<string, int>
     */
    public function stats(): array
    {
        $ffi = Native::ffi();
        $stats = $ffi->new('mona_stats');
        $stats->size = \FFI::sizeof($stats);
        $this->settle($ffi->mona_client_stats($this->at(), \FFI::addr($stats)));
        $counters = [];
        foreach (Declarations::COUNTERS as $name) {
            $counters[$name] = $stats->$name;
        }
        return $counters;
    }

    /**
     * Every option, its value and where it came from.
     *
     * @return array<string, mixed>
     */
    public function describe(): array
    {
        [$text, $status] = Native::read(fn ($buffer, $capacity, $length) => Native::ffi()->mona_client_describe(
            $this->at(), $buffer, $capacity, $length,
        ));
        $this->settle($status);
        return json_decode($text, true, 512, JSON_THROW_ON_ERROR);
    }

    /**
     * Tries the way to the collector without sending events.
     *
     * @return list<array{step: string, ok: bool, milliseconds: float, error: string|null}>
     */
    public function check(int $milliseconds = self::PATIENCE_MS): array
    {
        $given = Native::milliseconds($milliseconds);
        [$text, $status] = Native::read(fn ($buffer, $capacity, $length) => Native::ffi()->mona_client_check(
            $this->at(), $given, $buffer, $capacity, $length,
        ));
        return $text === '' ? throw MonaException::of($status) : json_decode($text, true, 512, JSON_THROW_ON_ERROR);
    }

    /** The oldest delivered record of a client whose endpoint is memory:, as JSON; null: none is waiting. */
    public function takeJson(): ?string
    {
        [$text, $status] = Native::read(fn ($buffer, $capacity, $length) => Native::ffi()->mona_client_take(
            $this->at(), $buffer, $capacity, $length,
        ));
        return $status === 0 ? $text : null;
    }

    /**
     * The same as an array.
     *
     * @return array<string, mixed>|null
     */
    public function take(): ?array
    {
        $text = $this->takeJson();
        return $text === null ? null : json_decode($text, true, 512, JSON_THROW_ON_ERROR | JSON_BIGINT_AS_STRING);
    }

    /** Gives waiting lines of the library's log to the logger. */
    public function pollLog(): void
    {
        if ($this->logger !== null) {
            Log::drain($this->logger);
        }
    }

    /** The version of the library that is loaded. */
    public static function version(): string
    {
        return Native::ffi()->mona_version();
    }
}
