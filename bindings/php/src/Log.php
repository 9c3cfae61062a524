<?php

// SPDX-License-Identifier: Apache-2.0 OR MIT

declare(strict_types=1);

namespace Mona;

/** The log of the library, taken at calls: never by callback, which an interpreter that has ended would not survive. */
final class Log
{
    // As many lines as wait in the library at most.
    private const LINES = 256;

    /**
     * Takes the oldest waiting line: its level, 10 to 40, and its text; null: none is waiting.
     *
     * @return array{int, string}|null
     */
    public static function take(): ?array
    {
        $ffi = Native::ffi();
        $level = $ffi->new('int32_t[1]');
        [$line, $status] = Native::read(
            static fn ($buffer, $capacity, $length) => $ffi->mona_log_take($level, $buffer, $capacity, $length),
        );
        return $status === 0 ? [$level[0], $line] : null;
    }

    /**
     * Gives all waiting lines to a PSR-3 logger, but for those that begin with $except. What that throws ends with the
     * line that it got.
     */
    public static function drain(\Psr\Log\LoggerInterface $logger, ?string $except = null): void
    {
        for ($n = 0; $n < self::LINES; $n++) {
            $taken = self::take();
            if ($taken === null) {
                return;
            }
            if ($except !== null && str_starts_with($taken[1], $except)) {
                continue;
            }
            try {
                $logger->log(self::levelName($taken[0]), $taken[1]);
            } catch (\Throwable) {
                // A logger that fails is no reason to fail here.
            }
        }
    }

    /** The PSR-3 name of a level. */
    public static function levelName(int $level): string
    {
        return match (true) {
            $level >= Declarations::LOG_ERROR => 'error',
            $level >= Declarations::LOG_WARNING => 'warning',
            $level >= Declarations::LOG_INFO => 'info',
            default => 'debug',
        };
    }

    /**
     * Sets the least important line that is logged, from 0, everything, to 50, nothing.
     *
     * @throws MonaException
     */
    public static function setLevel(int $level): void
    {
        $status = abs($level) > 2147483647 ? Status::Argument->value : Native::ffi()->mona_log_set_level($level);
        if ($status !== 0) {
            throw new MonaException(Status::Argument, "level: $level, a whole number from 0 to 50 is expected");
        }
    }
}
