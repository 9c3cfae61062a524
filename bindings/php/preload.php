<?php

// For opcache.preload, so that ffi.enable may stay at `preload`: the classes are compiled when the server starts, and
// their calls of FFI are allowed. With ffi.preload=/path/to/vendor/libmona/mona/mona.ffi.h the declarations are read
// then, too, instead of with each request, which takes some 40 microseconds.
//
//     opcache.preload=/path/to/vendor/libmona/mona/preload.php
//
// SPDX-License-Identifier: Apache-2.0 OR MIT

declare(strict_types=1);

foreach (glob(__DIR__ . '/src/*.php') ?: [] as $file) {
    opcache_compile_file($file);
}
