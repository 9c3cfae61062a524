<?php

// SPDX-License-Identifier: Apache-2.0 OR MIT

declare(strict_types=1);

namespace Mona;

use FFI;
use FFI\CData;

/**
 * The context of a task as a value: what the function of a block gets. A stack never changes, a move gives another one;
 * any fiber may use it, and a forked child.
 */
final class Stack
{
    // Deeper ones are for the encoder; this is json_encode()'s own default.
    private const DEPTH = 512;

    private static ?self $empty = null;
    private static ?CData $place = null;
    private static ?CData $placeAt = null;

    private readonly FFI $ffi;
    private readonly CData $taken;
    private readonly CData $takenAt;

    /** @param bool $isInert  entered while its client was disabled: it does nothing for its whole life */
    private function __construct(
        private ?CData $at,
        private readonly ?Client $client,
        private readonly bool $isInert = false,
    ) {
        $this->ffi = Native::ffi();
        // One for all stacks: it is read right behind the call that writes it, which each does that goes well.
        $this->taken = self::$place ??= $this->ffi->new('int32_t');
        $this->takenAt = self::$placeAt ??= FFI::addr($this->taken);
    }

    public function __destruct()
    {
        if ($this->at !== null) {
            $this->ffi->mona_stack_free($this->at);
            // Destructors of others may still come by when the program ends.
            $this->at = null;
        }
    }

    private function __clone()
    {
    }

    /** The empty stack: no context is open. */
    public static function empty(): self
    {
        return self::$empty ??= new self(null, null);
    }

    /** @internal This stack; where nothing is open, one whose exports throw or not as the client says. */
    public function of(?Client $client): self
    {
        return $this->at !== null || $this->client !== null || $client === null ? $this : new self(null, $client);
    }

    public function isEmpty(): bool
    {
        return $this->at === null;
    }

    /**
     * Sends one event.
     *
     * @param array<mixed>|object $message  its fields
     * @param mixed $timestamp  seconds since the Unix epoch, or a DateTimeInterface; null: now
     * @return bool  true: accepted; false: skipped on purpose (disabled, filtered, sampled out), or refused by a client
     *               that does not throw
     * @throws MonaException  InvalidEvent names the field that cannot be sent
     */
    public function export(array|object $message, mixed $timestamp = null): bool
    {
        if ($timestamp === null && $this->at !== null) {
            $json = \json_encode($message, Encoder::FLAGS, self::DEPTH);
            // `{}` may stand for an object that has no JSON.
            if ($json !== false && $json !== '[]' && !\str_contains($json, '{}')) {
                $status = $this->ffi->mona_stack_export($this->at, $json, \strlen($json), null, $this->takenAt);
                if ($status === 0) {
                    return $this->taken->cdata === 1;
                }
                return $this->refused($status);
            }
        }
        return $this->exportSlowly($message, $timestamp);
    }

    /** @param array<mixed>|object $message */
    private function exportSlowly(array|object $message, mixed $timestamp): bool
    {
        if ($this->isInert) {
            return false;
        }
        $moment = Field::moment($timestamp);
        try {
            $json = Encoder::message($message);
        } catch (InvalidEvent $invalid) {
            // The library refuses it too, counts it and logs it; while disabled nothing is refused.
            $field = Field::refused($invalid);
            $status = $this->ffi->mona_stack_export_fields($this->at, $field->at, 1, $moment?->at, $this->takenAt);
            return $status !== 0 && $this->refused($status, $invalid);
        }
        $status = $this->ffi->mona_stack_export($this->at, $json, strlen($json), $moment?->at, $this->takenAt);
        return $status === 0 ? $this->taken->cdata === 1 : $this->refused($status);
    }

    private function refused(int $status, ?InvalidEvent $invalid = null): bool
    {
        $refusal = $invalid ?? MonaException::of($status);
        $this->client?->pollLog();
        if ($this->client?->throws ?? true) {
            throw $refusal;
        }
        return false;
    }

    /**
     * Enters a main context; inside another enter it joins.
     *
     * @param mixed $arcClass  the name shared by runs of the same algorithm, or null
     */
    public function enter(?Client $client, mixed $arcClass = null, string $id = '', mixed $timestamp = null): Move
    {
        [$name, $moment] = [Field::mark($arcClass), Field::moment($timestamp)];
        [$to, $scope] = [$this->place(), $this->ffi->new('uint64_t[1]')];
        $status = $this->ffi->mona_stack_enter(
            $client?->at(), $this->at, $name?->at, $id, strlen($id), $moment?->at, $scope, $to,
        );
        return $this->moved($status, $to, $client, $scope[0]);
    }

    /** Enters a sub-context of the open one. */
    public function enterSub(mixed $arcClass = null, string $id = ''): Move
    {
        if ($this->isInert) {
            return new Move($this, Status::Ok);
        }
        $name = Field::mark($arcClass);
        [$to, $scope] = [$this->place(), $this->ffi->new('uint64_t[1]')];
        $status = $this->ffi->mona_stack_enter_sub($this->at, $name?->at, $id, strlen($id), $scope, $to);
        return $this->moved($status, $to, null, $scope[0]);
    }

    /** Closes what an enter opened, and everything inside it. */
    public function leave(int $scope): Move
    {
        $to = $this->place();
        return $this->moved($this->ffi->mona_stack_leave($this->at, $scope, $to), $to);
    }

    /** Opens a main context without a leave. */
    public function open(?Client $client, mixed $arcClass = null, string $id = '', mixed $timestamp = null): Move
    {
        [$name, $moment, $to] = [Field::mark($arcClass), Field::moment($timestamp), $this->place()];
        $status = $this->ffi->mona_stack_open(
            $client?->at(), $this->at, $name?->at, $id, strlen($id), $moment?->at, $to,
        );
        return $this->moved($status, $to, $client);
    }

    /** Opens a sub-context without a leave. */
    public function openSub(mixed $arcClass = null, string $id = ''): Move
    {
        [$name, $to] = [Field::mark($arcClass), $this->place()];
        return $this->moved($this->ffi->mona_stack_open_sub($this->at, $name?->at, $id, strlen($id), $to), $to);
    }

    /** Closes a sub-context that was opened without an enter: the one of this id; null: the last. */
    public function closeSub(?string $id = null): Move
    {
        $to = $this->place();
        return $this->moved($this->ffi->mona_stack_close_sub($this->at, $id, strlen($id ?? ''), $to), $to);
    }

    /** Forgets the open context. */
    public function reset(): Move
    {
        $to = $this->place();
        return $this->moved($this->ffi->mona_stack_reset($this->at, $to), $to);
    }

    /** The full id of the open context; '': none is open. */
    public function id(): string
    {
        return Native::read(
            fn ($buffer, $capacity, $length) => $this->ffi->mona_stack_id($this->at, $buffer, $capacity, $length),
        )[0];
    }

    /**
     * Runs a function in a sub-context of this stack.
     *
     * @template T
     * @param callable(Stack): T $function
     * @return T
     */
    public function sub(mixed $arcClass, callable $function, string $id = ''): mixed
    {
        return Carrier::run($this->enterSub($arcClass, $id), $this, $function);
    }

    /**
     * Sends a batch; inside an enter its events join.
     *
     * @param iterable<array<string, mixed>> $events
     */
    public function exportBatch(iterable $events, ?Client $client = null): Batch
    {
        return Batch::send($events, fn (string $json, CData $accepted) => $this->ffi->mona_stack_export_batch(
            $client?->at(), $this->at, $json, strlen($json), $accepted,
        ));
    }

    private function place(): CData
    {
        return $this->ffi->new('mona_stack_place');
    }

    private function moved(int $status, CData $to, ?Client $client = null, int $scope = 0): Move
    {
        $detail = $status === 0 ? '' : Native::lastError();
        $after = match (true) {
            $to[0] !== null => new self($to[0], $this->client ?? $client),
            // The empty stack would ask the default client.
            $client !== null && $status === 0 => new self(null, $client, true),
            // Whether its exports throw is the client's to say.
            $status !== 0 => self::empty()->of($client ?? $this->client),
            default => self::empty(),
        };
        return new Move($after, Status::tryFrom($status) ?? Status::Panic, $scope, $detail);
    }
}
