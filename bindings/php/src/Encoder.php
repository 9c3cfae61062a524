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

    // The most that the option max_depth takes; what makes itself anew ends here.
    private const MAX_DEPTH = 10000;
    // As much of the path as a sentence about too many levels shows.
    private const SHOWN = 60;
    private const EXPECTED = 'null, a boolean, a number, a text, an array or an object with JSON is expected';

    private string $out = '';
    private bool $hasJson = false;

    /** @var list<string> the steps to the value at hand; a text for each level would take megabytes where it is deep */
    private array $path;

    /** @var array<int|string, true> the objects and the references to arrays that the value at hand is in */
    private array $above = [];

    private function __construct(string $path)
    {
        $this->path = [$path];
    }

    /**
     * A value as JSON text.
     *
     * @param string $path  how the message of the exception calls the value
     * @param bool $hasJson  becomes true where a Json is in it, whose text nobody has looked at
     * @throws InvalidEvent  naming the part that cannot be said
     */
    public static function encode(mixed $value, string $path = '', bool &$hasJson = false): string
    {
        $encoder = new self($path);
        try {
            $encoder->put($value, 1);
        } catch (InvalidEvent $invalid) {
            // Thrown from here, with the trace of the caller: that of the walk is as long as the value is deep.
            throw new InvalidEvent($invalid->status, $invalid->getMessage());
        }
        $hasJson = $hasJson || $encoder->hasJson;
        return $encoder->out;
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

    private function put(mixed $value, int $depth): void
    {
        if (is_string($value)) {
            $this->out .= $this->text($value);
        } elseif (is_float($value)) {
            $this->out .= self::number($value);
        } elseif (is_int($value) || is_bool($value) || $value === null) {
            $this->out .= json_encode($value);
        } elseif (is_array($value)) {
            $this->check($depth);
            $this->putArray($value, $depth);
        } elseif (is_object($value)) {
            $this->check($depth);
            $this->putObject($value, $depth);
        } else {
            $this->refuse(get_debug_type($value));
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

    private function text(string $value): string
    {
        $text = json_encode($value, self::FLAGS);
        if ($text === false) {
            throw new InvalidEvent(Status::Utf8, "field \"{$this->path()}\": a text that is not UTF-8, UTF-8 is expected");
        }
        return $text;
    }

    /** @param array<mixed> $value */
    private function putArray(array $value, int $depth): void
    {
        if (!array_is_list($value)) {
            $this->putFields($value, $depth);
            return;
        }
        $this->out .= '[';
        foreach ($value as $place => $inner) {
            $this->out .= $place > 0 ? ',' : '';
            $this->putItem($value, $place, true, $depth);
        }
        $this->out .= ']';
    }

    private function putObject(object $value, int $depth): void
    {
        if ($value instanceof Json) {
            $this->hasJson = true;
            $this->out .= $value->text();
        } elseif ($value instanceof \BackedEnum) {
            $this->put($value->value, $depth);
        } elseif ($value instanceof \DateTimeInterface || $value instanceof \DateTimeZone) {
            $this->out .= json_encode($value, self::FLAGS);
        } else {
            $id = spl_object_id($value);
            $this->enter($id);
            $given = $value instanceof \JsonSerializable ? $value->jsonSerialize() : $value;
            // As json_encode(): what answers itself is a plain object.
            $given === $value ? $this->putProperties($value, $depth) : $this->put($given, $depth + 1);
            unset($this->above[$id]);
        }
    }

    private function putProperties(object $value, int $depth): void
    {
        $fields = match (true) {
            // They have their items for JSON, not their properties.
            $value instanceof \ArrayObject, $value instanceof \ArrayIterator => $value->getArrayCopy(),
            default => get_object_vars($value),
        };
        // Closures, generators and the like: an empty object would say nothing, and nobody would know.
        $says = $fields !== [] || $value instanceof \stdClass || $value instanceof \ArrayObject;
        if (!$says || $value instanceof \UnitEnum) {
            $this->refuse(get_debug_type($value));
        }
        $this->putFields($fields, $depth);
    }

    /** @param array<mixed> $fields */
    private function putFields(array $fields, int $depth): void
    {
        $sign = '{';
        foreach ($fields as $name => $inner) {
            $this->out .= $sign . $this->name((string) $name) . ':';
            $this->putItem($fields, $name, false, $depth);
            $sign = ',';
        }
        $this->out .= $fields === [] ? '{}' : '}';
    }

    private function name(string $name): string
    {
        $text = json_encode($name, self::FLAGS);
        if ($text === false) {
            $this->path[] = $this->step($name, false);
            $this->text($name);
        }
        return (string) $text;
    }

    private function step(int|string $at, bool $isPlace): string
    {
        return match (true) {
            $isPlace => "[$at]",
            $this->path === [''] => (string) $at,
            default => ".$at",
        };
    }

    /** @param array<mixed> $within */
    private function putItem(array $within, int|string $at, bool $isPlace, int $depth): void
    {
        $inner = $within[$at];
        if (is_scalar($inner) || $inner === null) {
            $text = is_float($inner) ? self::number($inner) : json_encode($inner, self::FLAGS);
            if ($text !== false) {
                $this->out .= $text;
                return;
            }
        }
        $this->path[] = $this->step($at, $isPlace);
        // Without references arrays hold no circle.
        $id = is_array($inner) ? \ReflectionReference::fromArrayElement($within, $at)?->getId() : null;
        if ($id !== null) {
            $this->enter($id);
        }
        $this->put($inner, $depth + 1);
        if ($id !== null) {
            unset($this->above[$id]);
        }
        array_pop($this->path);
    }

    // What holds itself would be written again and again until the memory ends.
    private function enter(int|string $id): void
    {
        if (isset($this->above[$id])) {
            throw new InvalidEvent(Status::Limit, "field \"{$this->path()}\": it holds itself, an end is expected");
        }
        $this->above[$id] = true;
    }

    private function check(int $depth): void
    {
        if ($depth > self::MAX_DEPTH) {
            $sentence = "field \"{$this->path()}\": more than " . self::MAX_DEPTH . ' levels, fewer are expected';
            throw new InvalidEvent(Status::Limit, $sentence);
        }
    }

    private function path(): string
    {
        $path = implode('', $this->path);
        return count($this->path) > self::SHOWN ? substr($path, 0, self::SHOWN) . '…' : $path;
    }

    private function refuse(string $what): never
    {
        throw new InvalidEvent(Status::Json, "field \"{$this->path()}\": $what, " . self::EXPECTED);
    }
}
