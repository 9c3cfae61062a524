<?php

// SPDX-License-Identifier: Apache-2.0 OR MIT

declare(strict_types=1);

namespace Mona;

use FFI;

/**
 * @internal The library, loaded once for a process or a request.
 *
 * Where it is: the environment variable MONA_LIBRARY, a path, else libmona.so of the interface this package was made
 * for, found as the system finds libraries. With ffi.preload=mona.ffi.h it is loaded once for all requests.
 */
final class Native
{
    /** The scope of the preloaded declarations. */
    public const SCOPE = 'MONA';

    // Most texts are shorter: ids, sentences, records. A longer one is asked for again.
    private const FIRST_BYTES = 4096;

    private static ?FFI $ffi = null;

    /** The functions of libmona. */
    public static function ffi(): FFI
    {
        return self::$ffi ??= self::load();
    }

    private static function load(): FFI
    {
        $ffi = self::preloaded() ?? FFI::cdef(Declarations::C, self::path());
        $abi = $ffi->mona_abi_version();
        if ($abi !== Declarations::ABI_VERSION) {
            throw new \RuntimeException(
                self::path() . " has binary interface $abi, this package is made for " . Declarations::ABI_VERSION,
            );
        }
        return $ffi;
    }

    private static function preloaded(): ?FFI
    {
        // Asked for only where something was preloaded: it throws where nothing was.
        if ((string) ini_get('ffi.preload') === '') {
            return null;
        }
        try {
            return FFI::scope(self::SCOPE);
        } catch (FFI\Exception) {
            return null;
        }
    }

    /** The file of the library. */
    public static function path(): string
    {
        $given = getenv('MONA_LIBRARY');
        if (is_string($given) && $given !== '') {
            return $given;
        }
        return PHP_OS_FAMILY === 'Darwin' ? 'libmona.dylib' : 'libmona.so.' . Declarations::ABI_VERSION;
    }

    /**
     * Reads a text that a call writes into a buffer.
     *
     * @param callable(FFI\CData, int, FFI\CData): int $call  gets buffer, capacity and the length's place
     * @return array{string, int}  the text, and the last status
     */
    public static function read(callable $call): array
    {
        $ffi = self::ffi();
        $length = $ffi->new('size_t[1]');
        for ($capacity = self::FIRST_BYTES; ; $capacity = $length[0] + 1) {
            $buffer = $ffi->new("char[$capacity]");
            $status = $call($buffer, $capacity, $length);
            // What did not fit is asked for again, whatever else the status says.
            if ($length[0] < $capacity) {
                return [FFI::string($buffer, $length[0]), $status];
            }
        }
    }

    /** The sentence about the last call that failed. */
    public static function lastError(): string
    {
        $ffi = self::ffi();
        return self::read(
            static fn ($buffer, $capacity, $length) => $ffi->mona_last_error($buffer, $capacity, $length),
        )[0];
    }

    /** Milliseconds as a call takes them: another number would be cut without a word. */
    public static function milliseconds(int $given): int
    {
        if ($given < 0 || $given > 4294967295) {
            $sentence = "timeout: $given, milliseconds from 0 to 4294967295 are expected";
            throw new MonaException(Status::Argument, $sentence);
        }
        return $given;
    }

    /** Seconds since the Unix epoch. */
    public static function seconds(int|float|\DateTimeInterface|null $given): float
    {
        return match (true) {
            $given === null => 0.0,
            $given instanceof \DateTimeInterface => (float) $given->format('U.u'),
            default => (float) $given,
        };
    }
}
