<?php

// 100 events in one call, each in a context of its own.

declare(strict_types=1);

require __DIR__ . '/../autoload.php';

use Mona\Client;
use Mona\Log;

$mona = Client::init();

$events = (function (): Generator {
    for ($position = 0; $position < 100; $position++) {
        yield ['message' => ['position' => $position], 'arc_class' => 'ranker'];
    }
})();
$batch = $mona->exportBatch($events);
fwrite(STDERR, "$batch->accepted events were accepted\n");

$delivered = $mona->close(5000);
// What the library has to say, such as why nothing arrives.
while ([, $line] = Log::take()) {
    fwrite(STDERR, $line . "\n");
}
exit($batch->failure === null && $delivered ? 0 : 1);
