<?php

// SPDX-License-Identifier: Apache-2.0 OR MIT

declare(strict_types=1);

namespace Mona;

/** A call of libmona that failed: what was given, what was found, what is expected. */
class MonaException extends \RuntimeException
{
    public function __construct(public readonly Status $status, string $sentence = '')
    {
        parent::__construct($sentence === '' ? $status->text() : $sentence, $status->value);
    }

    /** @internal The exception for a status, with the sentence of the library's last error. */
    public static function of(int $status, string $sentence = ''): self
    {
        $known = Status::tryFrom($status) ?? Status::Panic;
        if ($sentence === '') {
            $sentence = Native::lastError();
        }
        return match ($known) {
            Status::Argument, Status::Utf8, Status::Json, Status::Limit => new InvalidEvent($known, $sentence),
            default => new self($known, $sentence),
        };
    }
}
