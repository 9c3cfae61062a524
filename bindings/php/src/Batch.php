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
            $json = '[' . implode(',', $piece) . ']';
            $piece = [];
            $status = $call($json, $accepted);
            $total += $accepted[0];
            if ($status !== 0) {
                $failure ??= MonaException::of($status);
            }
        };
        try {
            foreach ($events as $event) {
                $hasJson = false;
                try {
                    $text = self::event($event, $number++, $failure, $hasJson);
                } catch (MonaException $invalid) {
                    $failure ??= $invalid;
                    continue;
                }
                // JSON that is none would take its whole piece along, so it is one of its own.
                if ($hasJson && $piece !== []) {
                    $flush();
                }
                $piece[] = $text;
                if ($hasJson || count($piece) === self::PIECE) {
                    $flush();
                }
            }
        } finally {
            // Also what came before an exception of the iterable.
            if ($piece !== [] || $number === 0) {
                $flush();
            }
        }
        return new self($total, $failure);
    }

    // An event whose message cannot be said keeps its place: the library refuses it and sends its class.
    private static function event(mixed $event, int $number, ?MonaException &$failure, bool &$hasJson): string
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
                $text = $key === 'message' && $value === [] ? '{}' : Encoder::encode($value, $key, $hasJson);
                $parts[] = "\"$key\":$text";
            } catch (InvalidEvent $invalid) {
                if ($key === 'message') {
                    $failure ??= new InvalidEvent($invalid->status, "event $number: {$invalid->getMessage()}");
                }
                // The name of a class has backslashes.
                $parts[] = "\"$key\":" . ($key === 'message' ? '0' : json_encode(get_debug_type($value), JSON_INVALID_UTF8_SUBSTITUTE));
            }
        }
        return '{' . implode(',', $parts) . '}';
    }
}
