<?php

// SPDX-License-Identifier: Apache-2.0 OR MIT

declare(strict_types=1);

namespace Mona;

use FFI;
use FFI\CData;

/** A context as a handle: a run of its own, or a step of one, whatever the fiber is in. */
final class Run
{
    // As in Stack.
    private const DEPTH = 512;

    private readonly FFI $ffi;

    private function __construct(private ?CData $at, private readonly Client $client)
    {
        $this->ffi = Native::ffi();
    }

    public function __destruct()
    {
        if ($this->at !== null) {
            $this->ffi->mona_context_free($this->at);
            $this->at = null;
        }
    }

    private function __clone()
    {
    }

    /** @internal See Client::open(). */
    public static function open(Client $client, ?string $arcClass, string $id, float $timestamp): self
    {
        $ffi = Native::ffi();
        $to = $ffi->new('mona_context_place');
        $status = $ffi->mona_context_new(
            $client->at(), $arcClass, strlen($arcClass ?? ''), $id, strlen($id), $timestamp, $to,
        );
        return self::made($status, $to, $client);
    }

    /**
     * Opens a step of this run.
     *
     * @throws MonaException
     */
    public function sub(?string $arcClass = null, string $id = ''): self
    {
        $to = $this->ffi->new('mona_context_place');
        $status = $this->ffi->mona_context_new_sub(
            $this->at, $arcClass, strlen($arcClass ?? ''), $id, strlen($id), $to,
        );
        return self::made($status, $to, $this->client);
    }

    private static function made(int $status, CData $to, Client $client): self
    {
        if ($status !== 0) {
            throw MonaException::of($status);
        }
        return new self($to[0], $client);
    }

    /** The full id; '' while disabled. */
    public function id(): string
    {
        return Native::read(
            fn ($buffer, $capacity, $length) => $this->ffi->mona_context_id($this->at, $buffer, $capacity, $length),
        )[0];
    }

    /**
     * Sends one event.
     *
     * @param array<mixed>|object $message  its fields
     * @return bool  true: accepted, or skipped on purpose; false: refused by a client that does not throw
     * @throws MonaException  InvalidEvent names the field that cannot be sent
     */
    public function export(array|object $message, int|float|\DateTimeInterface|null $timestamp = null): bool
    {
        $json = \json_encode($message, Encoder::FLAGS, self::DEPTH);
        $invalid = null;
        // `{}` may stand for an object that has no JSON.
        if ($json === false || $json === '[]' || \str_contains($json, '{}')) {
            try {
                $json = Encoder::message($message);
            } catch (InvalidEvent $invalid) {
            }
        }
        $seconds = $timestamp === null ? 0.0 : Native::seconds($timestamp);
        if ($invalid === null) {
            $status = $this->ffi->mona_context_export($this->at, $json, \strlen($json), $seconds);
        } else {
            // The library refuses it too, counts it and logs it; while disabled nothing is refused.
            $field = Field::refused($invalid);
            $status = $this->ffi->mona_context_export_fields($this->at, $field->at, 1, $seconds);
        }
        if ($status === 0) {
            return true;
        }
        $refusal = $invalid ?? MonaException::of($status);
        $this->client->pollLog();
        if ($this->client->throws) {
            throw $refusal;
        }
        return false;
    }
}
