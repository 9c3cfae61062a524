<?php

// A burst of 200 000 events to a collector, with the options of the environment: how long each call took its caller.

declare(strict_types=1);

require __DIR__ . '/../autoload.php';

const EVENTS = 200_000;

$client = Mona\Client::init();
$run = $client->open('burst');
$before = hrtime(true);
for ($i = 0; $i < EVENTS; $i++) {
    $run->export([
        'model' => 'resnet50-v3', 'confidence' => 0.9 + $i % 1024 * 1e-5, 'latency_ms' => 12.5 + $i % 64,
        'label' => 'cat', 'batch' => 32, 'country' => 'IL', 'is_mobile' => true,
    ]);
}
fprintf(STDERR, "took %d\n", (hrtime(true) - $before) / EVENTS);
// Longer than any machine needs.
$client->close(60_000);
