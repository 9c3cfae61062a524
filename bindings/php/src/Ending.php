<?php

// SPDX-License-Identifier: Apache-2.0 OR MIT

declare(strict_types=1);

namespace Mona;

use WeakReference;

/**
 * @internal The end of a script: what is queued is delivered, and the log is read to its end.
 *
 * Only where the process ends with the script. Where it serves more requests the sender thread goes on between them,
 * and a request does not wait.
 */
final class Ending
{
    // Where the process ends with the script.
    private const ENDS = ['cli', 'phpdbg', 'embed'];
    // As long as the library itself waits at exit where exit_flush_ms is not set.
    private const PATIENCE_MS = 1000;

    /** @var list<WeakReference<Client>> */
    private static array $clients = [];
    private static bool $isRegistered = false;

    public static function register(Client $client): void
    {
        self::$clients = array_values(array_filter(self::$clients, static fn ($one) => $one->get() !== null));
        self::$clients[] = WeakReference::create($client);
        if (!self::$isRegistered) {
            self::$isRegistered = true;
            // Functions that are registered by one that runs come behind all others: those may still export.
            register_shutdown_function(static function (): void {
                register_shutdown_function(self::end(...));
            });
        }
    }

    private static function end(): void
    {
        foreach (self::$clients as $one) {
            $client = $one->get();
            try {
                if (in_array(PHP_SAPI, self::ENDS, true)) {
                    $client?->flush(self::PATIENCE_MS);
                }
                $client?->pollLog();
            } catch (MonaException) {
                // Closed before.
            }
        }
    }
}
