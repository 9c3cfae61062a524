<?php

// SPDX-License-Identifier: Apache-2.0 OR MIT

declare(strict_types=1);

namespace Mona;

/** What a move of a stack gave. */
final class Move
{
    public function __construct(
        /** The stack after it; one equal to that before where nothing moved. */
        public readonly Stack $stack,
        /** How it went. */
        public readonly Status $status,
        /** The number for leave(), of an enter. */
        public readonly int $scope = 0,
        /** The sentence about what went wrong. */
        public readonly string $detail = '',
    ) {
    }
}
