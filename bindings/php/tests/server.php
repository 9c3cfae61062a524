<?php

// One request of PHP's built-in server: /?n=5 exports an event and says how many clients the process has had.

declare(strict_types=1);

require __DIR__ . '/../autoload.php';

$mona = Mona\Client::init(['user_id' => 'server']);
$n = (int) ($_GET['n'] ?? 0);
$mona->context('request', static fn (Mona\Stack $run) => $run->export(['n' => $n]), id: "request-$n");
echo $mona->stats()['accepted'];
