<?php

// For programs without composer: require 'autoload.php'.
// SPDX-License-Identifier: Apache-2.0 OR MIT

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'Mona\\')) {
        $file = __DIR__ . '/src/' . strtr(substr($class, 5), '\\', '/') . '.php';
        if (is_file($file)) {
            require $file;
        }
    }
});
