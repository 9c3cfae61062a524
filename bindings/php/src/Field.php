<?php

// SPDX-License-Identifier: Apache-2.0 OR MIT

declare(strict_types=1);

namespace Mona;

use FFI\CData;

/** @internal One mona_field, with the texts it points to. */
final class Field
{
    /** Its address, for a call. */
    public readonly CData $at;

    private function __construct(
        public readonly CData $field,
        private readonly CData $key,
        private readonly CData $text,
    ) {
        $this->at = \FFI::addr($field);
    }

    /** A class or a timestamp of any kind. What JSON cannot say goes as its text. Null: nothing is given. */
    public static function mark(mixed $given): ?self
    {
        if ($given === null) {
            return null;
        }
        try {
            $text = Encoder::encode($given);
        } catch (InvalidEvent) {
            $text = (string) json_encode(
                $given instanceof \Stringable || is_string($given) ? (string) $given : get_debug_type($given),
                Encoder::FLAGS | JSON_INVALID_UTF8_SUBSTITUTE,
            );
        }
        return self::json('', $text);
    }

    /** A timestamp. */
    public static function moment(mixed $given): ?self
    {
        return self::mark(self::seconds($given));
    }

    /** A timestamp as a value: any number counts, and true is 1, as for the older client. */
    public static function seconds(mixed $given): mixed
    {
        return match (true) {
            $given === true => 1,
            $given instanceof \DateTimeInterface => Native::seconds($given),
            default => $given,
        };
    }

    /** The field by which the library refuses, counts and logs by its name what an exception is about. */
    public static function refused(InvalidEvent $invalid): self
    {
        preg_match('/^field "([^".[]*)/', $invalid->getMessage(), $found);
        $name = $found[1] ?? '';
        return self::json(preg_match('//u', $name) === 1 ? $name : '?', '?');
    }

    /** A field whose value is JSON text, as it is given. */
    public static function json(string $key, string $text): self
    {
        $ffi = Native::ffi();
        $made = new self($ffi->new('mona_field'), self::bytes($key), self::bytes($text));
        $made->field->key = $ffi->cast('char *', \FFI::addr($made->key));
        $made->field->key_len = strlen($key);
        $made->field->kind = Declarations::FIELD_JSON;
        $made->field->value->text->ptr = $ffi->cast('char *', \FFI::addr($made->text));
        $made->field->value->text->len = strlen($text);
        return $made;
    }

    private static function bytes(string $text): CData
    {
        $bytes = Native::ffi()->new('char[' . max(strlen($text), 1) . ']');
        \FFI::memcpy($bytes, $text, strlen($text));
        return $bytes;
    }
}
