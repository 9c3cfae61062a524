<?php

// SPDX-License-Identifier: Apache-2.0 OR MIT

declare(strict_types=1);

namespace Mona;

/**
 * One JSON value as text, sent as it is: for whole numbers from 2^63 to 2^64-1, which PHP does not have, and for JSON
 * that was made elsewhere.
 */
final class Json
{
    public function __construct(#[\SensitiveParameter] private readonly string $text)
    {
    }

    public function text(): string
    {
        return $this->text;
    }
}
