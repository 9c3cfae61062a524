<?php

// Run with ffi.preload: the scope is there, and an export goes through it.

declare(strict_types=1);

require __DIR__ . '/suite.php';

test('the declarations were preloaded', static function (): void {
    $scope = FFI::scope(Mona\Native::SCOPE);
    equal($scope->mona_abi_version(), Mona\Declarations::ABI_VERSION);
});

test('a client goes through them', static function (): void {
    $client = recorder();
    equal($client->context('a', static fn ($run) => $run->export(['a' => 1])), true);
    equal(count(messages($client)), 1);
});

finish();
