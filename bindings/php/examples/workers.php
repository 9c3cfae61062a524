<?php

// Four forked workers, each with a run of its own: three items scored in a step, then the best of them.

declare(strict_types=1);

require __DIR__ . '/../autoload.php';

use Mona\Client;
use Mona\Stack;

const WORKERS = 4;
const ITEMS = [3, 1, 4];

// Made before the fork: each child goes on with a thread and a queue of its own.
$mona = Client::init();

function work(Client $mona, int $n): void
{
    $mona->context('ranker', function (Stack $run) use ($mona): void {
        $best = $mona->sub('scoring', function (Stack $step): float {
            $scores = [];
            foreach (ITEMS as $item) {
                $scores[] = $item / 100;
                $step->export(['item' => $item, 'score' => $item / 100]);
            }
            return max($scores);
        }, id: 'scoring');
        $run->export(['best' => $best]);
    }, id: "request-$n");
}

for ($n = 0; $n < WORKERS; $n++) {
    $pid = pcntl_fork();
    if ($pid === 0) {
        work($mona, $n);
        // Runs the shutdown functions, which flush; a signal's default action would not.
        exit(0);
    }
}

$failed = 0;
for ($n = 0; $n < WORKERS; $n++) {
    pcntl_wait($status);
    $failed += $status === 0 ? 0 : 1;
}
exit($failed === 0 ? 0 : 1);
