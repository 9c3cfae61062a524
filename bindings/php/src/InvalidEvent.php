<?php

// SPDX-License-Identifier: Apache-2.0 OR MIT

declare(strict_types=1);

namespace Mona;

/** Something was given that cannot be sent; the message names the field. Nothing else is lost. */
final class InvalidEvent extends MonaException
{
}
