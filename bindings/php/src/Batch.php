<?php

// SPDX-License-Identifier: Apache-2.0 OR MIT

declare(strict_types=1);

namespace Mona;

use FFI\CData;

/** What became of a batch. */
final class Batch
{
    // A piece costs little more than its events, and an endless iterable holds little memory.
    private const PIECE = 256;

    public function __construct(
        /** How many events were accepted. */
        public readonly int $accepted,
        /** The first failure; null: none. */
        public readonly ?MonaException $failure,
    ) {
    }

    /**
     * @internal Sends events in pieces.
     *
     * @param iterable<mixed> $events
     * @param callable(string, CData): int $call
     */
    public static function send(iterable $events, callable $call): self
    {
        [$total, $failure, $piece, $number] = [0, null, [], 0];
        $accepted = Native::ffi()->new('size_t[1]');
        $flush = static function () use (&$total, &$failure, &$piece, $accepted, $call): void {
            $accepted[0] = 0;
            $status = $call('[' . implode(',', $piece) . ']', $accepted);
            $total += $accepted[0];
            $piece = [];
            if ($status !== 0) {
                $failure ??= MonaException::of($status);
            }
        };
        foreach ($events as $event) {
            try {
                $piece[] = self::event($event, $number++, $failure);
            } catch (MonaException $invalid) {
                $failure ??= $invalid;
            }
            if (count($piece) === self::PIECE) {
                $flush();
            }
        }
        $flush();
        return new self($total, $failure);
    }

    // An event whose message cannot be said keeps its place: the library refuses it and sends its class.
    private static function event(mixed $event, int $number, ?MonaException &$failure): string
    {
        if (!is_array($event) && !is_object($event)) {
            return '0';
        }
        $event = (array) $event;
        $parts = [];
        foreach (['message', 'arc_class', 'context_id', 'export_timestamp'] as $key) {
            $value = $event[$key] ?? null;
            if (!array_key_exists($key, $event) || ($value === null && $key !== 'message')) {
                continue;
            }
            if ($key === 'export_timestamp') {
                $value = Field::seconds($value);
            } elseif ($key === 'context_id' && is_scalar($value)) {
                $value = (string) $value;
            }
            try {
                $parts[] = "\"$key\":" . ($key === 'message' && $value === [] ? '{}' : Encoder::encode($value, $key));
            } catch (InvalidEvent $invalid) {
                if ($key === 'message') {
                    $failure ??= new InvalidEvent($invalid->status, "event $number: {$invalid->getMessage()}");
                }
                $parts[] = "\"$key\":" . ($key === 'message' ? '0' : '"' . get_debug_type($value) . '"');
            }
        }
        return '{' . implode(',', $parts) . '}';
    }
}
