<?php

// Runs the samples of README.md, one after the other.

declare(strict_types=1);

require __DIR__ . '/suite.php';

use Mona\Client;

// The default client is there: the samples are not to leave the machine.
$client = Client::init(['endpoint' => 'memory:', 'flush_interval_ms' => 1]);

/** A sample by itself, with what the text around it has made before. */
function run_sample(string $sample, Client $mona): void
{
    [$run, $requestId, $logger] = [$mona->open('sample'), 'request-1', null];
    $uses = '';
    foreach (['Carrier', 'Client', 'Stack'] as $class) {
        $uses .= str_contains($sample, "use Mona\\$class;") ? '' : "use Mona\\$class; ";
    }
    ob_start();
    eval($uses . $sample);
    ob_end_clean();
}

preg_match_all('/^```php\n(.*?)^```/ms', file_get_contents(__DIR__ . '/../README.md'), $found);
foreach ($found[1] as $n => $sample) {
    test("sample $n", static fn () => run_sample($sample, $client));
}

test('what they export', static function () use ($client, $found): void {
    equal(count($found[1]) > 5, true);
    $all = messages($client);
    equal($all[0]['message'], ['score' => 0.9, 'label' => 'cat', 'boxes' => [[1, 2]]]);
    equal($all[1]['message'], ['item' => 3, 'score' => 0.03]);
    equal(strtok($all[1]['context'], '.'), 'request-1');
    equal($all[2]['message'], ['best' => 0.04]);
});

finish();
