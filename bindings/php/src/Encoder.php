<?php

// SPDX-License-Identifier: Apache-2.0 OR MIT

declare(strict_types=1);

namespace Mona;

/**
 * @internal Values as JSON where json_encode() does not do: NaN and infinities, JSON that is given as text, objects
 * that have no JSON, and the name of the field that cannot be sent.
 */
final class Encoder
{
    /** 1.0 stays a floating-point number; text stays as it is, which is shorter. */
    public const FLAGS = JSON_PRESERVE_ZERO_FRACTION | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES;

    // The most that the option max_depth takes; what refers to itself ends here.
    private const MAX_DEPTH = 10000;
    private const EXPECTED = 'null, a boolean, a number, a text, an array or an object with JSON is expected';

    /**
     * A value as JSON text.
     *
     * @param string $path  how the message of the exception calls the value
     * @throws InvalidEvent  naming the part that cannot be said
     */
    public static function encode(mixed $value, string $path = ''): string
    {
        $out = '';
        try {
            self::put($out, $value, $path, 1);
        } catch (InvalidEvent $invalid) {
            // Thrown from here, with the trace of the caller: that of the walk is as long as the value is deep.
            throw new InvalidEvent($invalid->status, $invalid->getMessage());
        }
        return $out;
    }

    /**
     * A message as JSON, which is an object also where it has no fields.
     *
     * @param array<mixed>|object $message
     * @throws InvalidEvent
     */
    public static function message(array|object $message): string
    {
        return $message === [] ? '{}' : self::encode($message);
    }

    private static function put(string &$out, mixed $value, string $path, int $depth): void
    {
        if (is_string($value)) {
            $out .= self::text($value, $path);
        } elseif (is_float($value)) {
            $out .= self::number($value);
        } elseif (is_int($value) || is_bool($value) || $value === null) {
            $out .= json_encode($value);
        } elseif (is_array($value)) {
            self::putArray($out, $value, $path, $depth);
        } elseif (is_object($value)) {
            self::putObject($out, $value, $path, $depth);
        } else {
            self::refuse($path, get_debug_type($value));
        }
    }

    private static function number(float $value): string
    {
        return match (true) {
            is_nan($value) => 'NaN',
            is_infinite($value) => $value > 0 ? 'Infinity' : '-Infinity',
            default => (string) json_encode($value, self::FLAGS),
        };
    }

    private static function text(string $value, string $path): string
    {
        $text = json_encode($value, self::FLAGS);
        if ($text === false) {
            throw new InvalidEvent(Status::Utf8, "field \"$path\": a text that is not UTF-8, UTF-8 is expected");
        }
        return $text;
    }

    /** @param array<mixed> $value */
    private static function putArray(string &$out, array $value, string $path, int $depth): void
    {
        self::check($path, $depth);
        if (!array_is_list($value)) {
            self::putFields($out, $value, $path, $depth);
            return;
        }
        $out .= '[';
        foreach ($value as $place => $inner) {
            $out .= $place > 0 ? ',' : '';
            self::put($out, $inner, "{$path}[$place]", $depth + 1);
        }
        $out .= ']';
    }

    private static function putObject(string &$out, object $value, string $path, int $depth): void
    {
        self::check($path, $depth);
        if ($value instanceof Json) {
            $out .= $value->text();
        } elseif ($value instanceof \JsonSerializable) {
            self::put($out, $value->jsonSerialize(), $path, $depth + 1);
        } elseif ($value instanceof \BackedEnum) {
            self::put($out, $value->value, $path, $depth);
        } elseif ($value instanceof \DateTimeInterface || $value instanceof \DateTimeZone) {
            $out .= json_encode($value, self::FLAGS);
        } else {
            $fields = get_object_vars($value);
            // Closures, generators and the like: an empty object would say nothing, and nobody would know.
            if (($fields === [] && !$value instanceof \stdClass) || $value instanceof \UnitEnum) {
                self::refuse($path, get_debug_type($value));
            }
            self::putFields($out, $fields, $path, $depth);
        }
    }

    /** @param array<mixed> $fields */
    private static function putFields(string &$out, array $fields, string $path, int $depth): void
    {
        $sign = '{';
        foreach ($fields as $name => $inner) {
            $below = $path === '' ? (string) $name : "$path.$name";
            $out .= $sign . self::text((string) $name, $below) . ':';
            self::put($out, $inner, $below, $depth + 1);
            $sign = ',';
        }
        $out .= $fields === [] ? '{}' : '}';
    }

    private static function check(string $path, int $depth): void
    {
        if ($depth > self::MAX_DEPTH) {
            $beginning = substr($path, 0, 60);
            $sentence = "field \"{$beginning}…\": more than " . self::MAX_DEPTH . ' levels, fewer are expected';
            throw new InvalidEvent(Status::Limit, $sentence);
        }
    }

    private static function refuse(string $path, string $what): never
    {
        throw new InvalidEvent(Status::Json, "field \"$path\": $what, " . self::EXPECTED);
    }
}
