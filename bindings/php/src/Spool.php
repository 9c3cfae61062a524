<?php

// SPDX-License-Identifier: Apache-2.0 OR MIT

declare(strict_types=1);

namespace Mona;

/** What a spool holds, as tools see it: nothing in the directory changes. */
final class Spool
{
    /**
     * What each instance in the directory holds, the oldest first.
     *
     * @return list<array<string, mixed>>
     */
    public static function list(string $directory): array
    {
        $ffi = Native::ffi();
        return self::read(static fn ($buffer, $capacity, $length) => $ffi->mona_spool_list(
            $directory, strlen($directory), $buffer, $capacity, $length,
        ));
    }

    /**
     * Reads everything and says what is damaged.
     *
     * @return array<string, mixed>
     */
    public static function verify(string $directory): array
    {
        $ffi = Native::ffi();
        return self::read(static fn ($buffer, $capacity, $length) => $ffi->mona_spool_verify(
            $directory, strlen($directory), $buffer, $capacity, $length,
        ));
    }

    /** The lines of the chunk behind a place, the name of an instance for its first one; null: that was the last. */
    public static function chunk(string $directory, string $place): ?string
    {
        $ffi = Native::ffi();
        [$text, $status] = Native::read(static fn ($buffer, $capacity, $length) => $ffi->mona_spool_read(
            $directory, strlen($directory), $place, strlen($place), $buffer, $capacity, $length,
        ));
        if ($status === Status::NotFound->value) {
            return null;
        }
        return $status === 0 ? $text : throw MonaException::of($status);
    }

    /** @return array<mixed> */
    private static function read(callable $call): array
    {
        [$text, $status] = Native::read($call);
        return $status === 0 ? json_decode($text, true, 512, JSON_THROW_ON_ERROR) : throw MonaException::of($status);
    }
}
