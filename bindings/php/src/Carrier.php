<?php

// SPDX-License-Identifier: Apache-2.0 OR MIT

declare(strict_types=1);

namespace Mona;

use Fiber;
use WeakMap;

/**
 * The context of each fiber. A new fiber has none; carry() gives a function that of the place where it was made.
 *
 * A fiber that is dropped in the middle of a block takes its context along.
 */
final class Carrier
{
    private static ?Stack $main = null;

    /** @var WeakMap<Fiber, Stack>|null */
    private static ?WeakMap $fibers = null;

    /** The stack of the running fiber, or of the program outside of fibers. */
    public static function current(): Stack
    {
        $fiber = Fiber::getCurrent();
        if ($fiber === null) {
            return self::$main ?? Stack::empty();
        }
        return self::$fibers[$fiber] ?? Stack::empty();
    }

    /** Goes on in a stack: what a move gave becomes the context of the running fiber. */
    public static function goOn(Stack $stack): void
    {
        $fiber = Fiber::getCurrent();
        if ($fiber === null) {
            self::$main = $stack;
            return;
        }
        self::$fibers ??= new WeakMap();
        self::$fibers[$fiber] = $stack;
    }

    /**
     * A function that runs $function in the context of here and now, wherever it is called: for fibers that are to
     * inherit.
     *
     * @template T
     * @param callable(mixed...): T $function
     * @return \Closure(mixed...): T
     */
    public static function carry(callable $function): \Closure
    {
        $carried = self::current();
        return static function (mixed ...$arguments) use ($carried, $function): mixed {
            $before = self::current();
            self::goOn($carried);
            try {
                return $function(...$arguments);
            } finally {
                self::goOn($before);
            }
        };
    }

    /**
     * @internal Runs the function of a block, and leaves the block however that ends.
     *
     * @template T
     * @param callable(Stack): T $function
     * @return T
     */
    public static function run(Move $entered, Stack $from, callable $function): mixed
    {
        $before = self::current();
        self::goOn($entered->stack);
        try {
            return $function($entered->stack);
        } finally {
            $left = self::current()->leave($entered->scope)->stack;
            // A block begun from the stack of another fiber, or while disabled: the running one's own comes back.
            self::goOn($from !== $before || ($left->isEmpty() && $before->isEmpty()) ? $before : $left);
        }
    }
}
