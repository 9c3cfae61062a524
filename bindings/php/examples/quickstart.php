<?php

// A run of an algorithm, a step of it, and what they export. MONA_ENDPOINT says where to.

declare(strict_types=1);

// With composer: require 'vendor/autoload.php';
require __DIR__ . '/../autoload.php';

use Mona\Client;
use Mona\Log;
use Mona\Stack;

$mona = Client::init();

$mona->context('image-classifier', function (Stack $run) use ($mona): void {
    $run->export(['country' => 'IL', 'age' => null, 'is_mobile' => true]);
    $mona->sub('resize', function (Stack $step): void {
        $step->export(['width' => 640, 'milliseconds' => 1.5]);
    });
    // Deeper in the program, where nobody handed on the run.
    Client::default()->export(['label' => 'cat', 'confidence' => 0.97, 'boxes' => [[1, 2]]]);
});

// Waits until the collector has it, for two seconds at most. A normal end of the program would flush for a second by
// itself.
$delivered = $mona->close(2000);
// What the library has to say, such as why nothing arrives.
while ([, $line] = Log::take()) {
    fwrite(STDERR, $line . "\n");
}
exit($delivered ? 0 : 1);
