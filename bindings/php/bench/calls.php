<?php

// What a call costs its caller: seven fields in a context, into the endpoint null:, in turn with an empty foreign call.
// Prints LANGUAGE<TAB>what<TAB>number<TAB>unit.

declare(strict_types=1);

require __DIR__ . '/../autoload.php';

use Mona\Client;
use Mona\Native;
use Mona\Stack;

const ROUNDS = 150;
const CALLS = 3_000;

$client = Client::create(['endpoint' => 'null:']);
$run = $client->open('bench');
$ffi = Native::ffi();

$subjects = [
    'empty foreign call' => static function (int $n) use ($ffi): void {
        for ($i = 0; $i < $n; $i++) {
            $ffi->mona_abi_version();
        }
    },
    'the array of 7 fields' => static function (int $n): void {
        for ($i = 0; $i < $n; $i++) {
            $message = [
                'model' => 'resnet50-v3', 'confidence' => 0.9 + $i % 1024 * 1e-5, 'latency_ms' => 12.5 + $i % 64,
                'label' => 'cat', 'batch' => 32, 'country' => 'IL', 'is_mobile' => true,
            ];
        }
    },
    'json_encode of 7 fields' => static function (int $n): void {
        for ($i = 0; $i < $n; $i++) {
            $json = json_encode([
                'model' => 'resnet50-v3', 'confidence' => 0.9 + $i % 1024 * 1e-5, 'latency_ms' => 12.5 + $i % 64,
                'label' => 'cat', 'batch' => 32, 'country' => 'IL', 'is_mobile' => true,
            ]);
        }
    },
    'handle, 7 fields' => static function (int $n) use ($run): void {
        for ($i = 0; $i < $n; $i++) {
            $run->export([
                'model' => 'resnet50-v3', 'confidence' => 0.9 + $i % 1024 * 1e-5, 'latency_ms' => 12.5 + $i % 64,
                'label' => 'cat', 'batch' => 32, 'country' => 'IL', 'is_mobile' => true,
            ]);
        }
    },
    'handle, 7 fields of few digits' => static function (int $n) use ($run): void {
        for ($i = 0; $i < $n; $i++) {
            $run->export([
                'model' => 'resnet50-v3', 'confidence' => 0.9731, 'latency_ms' => 12.5,
                'label' => 'cat', 'batch' => 32, 'country' => 'IL', 'is_mobile' => $i > 0,
            ]);
        }
    },
    'run of a block, 7 fields' => static function (int $n) use ($client): void {
        $client->context('bench', static function (Stack $run) use ($n): void {
            for ($i = 0; $i < $n; $i++) {
                $run->export([
                    'model' => 'resnet50-v3', 'confidence' => 0.9 + $i % 1024 * 1e-5, 'latency_ms' => 12.5 + $i % 64,
                    'label' => 'cat', 'batch' => 32, 'country' => 'IL', 'is_mobile' => true,
                ]);
            }
        });
    },
    'client, 7 fields' => static function (int $n) use ($client): void {
        $client->context('bench', static function () use ($n, $client): void {
            for ($i = 0; $i < $n; $i++) {
                $client->export([
                    'model' => 'resnet50-v3', 'confidence' => 0.9 + $i % 1024 * 1e-5, 'latency_ms' => 12.5 + $i % 64,
                    'label' => 'cat', 'batch' => 32, 'country' => 'IL', 'is_mobile' => true,
                ]);
            }
        });
    },
    'context without a class' => static function (int $n) use ($client): void {
        for ($i = 0; $i < $n; $i++) {
            $client->context(null, static fn () => null);
        }
    },
];

// PHP has no clock of a thread's own time: the best of many short rounds is the one that nobody disturbed.
$best = array_fill_keys(array_keys($subjects), INF);
for ($round = 0; $round < ROUNDS; $round++) {
    foreach ($subjects as $name => $subject) {
        $before = hrtime(true);
        $subject(CALLS);
        $best[$name] = min($best[$name], (hrtime(true) - $before) / CALLS);
    }
}
foreach ($best as $name => $nanoseconds) {
    printf("php\t%s\t%.0f\tns\n", $name, $nanoseconds);
}
