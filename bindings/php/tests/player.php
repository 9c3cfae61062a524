<?php

// Plays one conformance scenario and prints what it gave as JSON: php player.php SCENARIOS.json ID
// Nothing is judged here. A thread of the scenario is a fiber, each with a context of its own.

declare(strict_types=1);

require __DIR__ . '/../autoload.php';

use Mona\Carrier;
use Mona\Client;
use Mona\Json;
use Mona\MonaException;
use Mona\Move;
use Mona\Native;
use Mona\Status;

ini_set('memory_limit', '512M');

/** Something that has no JSON but a text. */
final class Odd implements Stringable
{
    public function __construct(private string $text)
    {
    }

    public function __toString(): string
    {
        return $this->text;
    }
}

/** The operations of a scenario. */
final class Player
{
    // The rule is 3 s; the rest is for a loaded machine.
    private const RELOAD_S = 6;

    /** @var array<string, int> */
    private array $scopes = [];
    /** @var array<string, Fiber> */
    private array $workers = [];
    // Asking for the default client makes it: not before the first operation, which may do that otherwise.
    private bool $hasBegun = false;

    /** A value of the scenario file as PHP has it. */
    public static function value(mixed $node): mixed
    {
        if (is_array($node)) {
            return array_map(self::value(...), $node);
        }
        if (!$node instanceof stdClass) {
            return $node;
        }
        $fields = get_object_vars($node);
        $name = (string) array_key_first($fields);
        if (count($fields) === 1 && str_starts_with($name, '$')) {
            return self::special($name, $fields[$name]);
        }
        return (object) array_map(self::value(...), $fields);
    }

    private static function special(string $name, mixed $given): mixed
    {
        switch ($name) {
            case '$float':
                return ['NaN' => NAN, 'Infinity' => INF, '-Infinity' => -INF][$given];
            case '$int':
            case '$json_text':
                return new Json($given);
            case '$repeat':
                return str_repeat($given->s, $given->n);
            case '$utf16':
                // Surrogates alone become what UTF-8 forbids.
                return implode('', array_map(static fn (int $unit) => $unit < 128 ? chr($unit)
                    : chr(0xE0 | $unit >> 12) . chr(0x80 | $unit >> 6 & 63) . chr(0x80 | $unit & 63), $given));
            case '$nest':
                $inner = self::value($given->leaf);
                for ($n = 0; $n < $given->depth; $n++) {
                    $inner = $given->kind === 'list' ? [$inner] : ['k' => $inner];
                }
                return $inner;
            case '$map':
                $map = new stdClass();
                foreach ($given as [$key, $value]) {
                    $map->{is_string($key) ? $key : json_encode($key)} = self::value($value);
                }
                return $map;
            case '$nonjson':
                return match ($given) {
                    'set' => static fn () => 1,
                    'bytes' => fopen('php://memory', 'r'),
                    'datetime' => new Odd('2020-01-01 00:00:00'),
                    'object' => new Odd('object'),
                    'complex' => new Odd('1j'),
                    'decimal' => new WeakMap(),
                    'mapping' => (static fn () => yield 1)(),
                };
        }
        return (object) [$name => self::value($given)];
    }

    private static function given(stdClass $op, string $name): mixed
    {
        return isset($op->$name) ? self::value($op->$name) : null;
    }

    // An id as the older client takes it.
    private static function id(stdClass $op, string $name): string
    {
        $id = self::given($op, $name);
        return is_string($id) || is_int($id) || is_float($id) ? (string) $id : '';
    }

    /** @return array<string, int> */
    public function stats(): array
    {
        return $this->hasBegun ? Client::default()->stats() : [];
    }

    private static function isLost(Status $status): bool
    {
        return in_array($status, [Status::Closed, Status::Dropped, Status::Timeout, Status::Io], true);
    }

    // Moves the fiber's context, and throws where an event was lost. Gives whether it went well.
    private static function move(Move $move): bool
    {
        Carrier::goOn($move->stack);
        if (self::isLost($move->status)) {
            throw new MonaException($move->status, $move->detail);
        }
        return $move->status === Status::Ok;
    }

    private function initClient(stdClass $op): void
    {
        Client::init(array_map(self::value(...), get_object_vars($op->params)));
    }

    private function init(stdClass $op): string
    {
        $stack = Carrier::current();
        self::move($stack->open(
            null, self::given($op, 'arc_class'), self::id($op, 'context_id'), self::given($op, 'export_timestamp'),
        ));
        return Carrier::current()->id();
    }

    // The id that a step was given, or the one it got.
    private static function stepId(string $before, bool $good, string $id): string
    {
        $full = Carrier::current()->id();
        return !$good || $full === '' ? '' : ($id !== '' ? $id : substr($full, strlen($before) + 1));
    }

    private function initSubContext(stdClass $op): string
    {
        [$stack, $id] = [Carrier::current(), self::id($op, 'sub_context_id')];
        $before = $stack->id();
        return self::stepId($before, self::move($stack->openSub(self::given($op, 'arc_class'), $id)), $id);
    }

    private function closeSubContext(stdClass $op): string
    {
        $id = self::id($op, 'sub_context_id');
        self::move(Carrier::current()->closeSub($id === '' ? null : $id));
        return Carrier::current()->id();
    }

    private function newContextEnter(stdClass $op): string
    {
        $move = Carrier::current()->enter(
            null, self::given($op, 'arc_class'), self::id($op, 'context_id'), self::given($op, 'export_timestamp'),
        );
        $this->scopes[$op->handle] = $move->scope;
        self::move($move);
        return Carrier::current()->id();
    }

    private function newSubContextEnter(stdClass $op): string
    {
        [$stack, $id] = [Carrier::current(), self::id($op, 'sub_context_id')];
        $before = $stack->id();
        $move = $stack->enterSub(self::given($op, 'arc_class'), $id);
        $this->scopes[$op->handle] = $move->scope;
        return self::stepId($before, self::move($move), $id);
    }

    private function newContextExit(stdClass $op): bool
    {
        self::move(Carrier::current()->leave($this->scopes[$op->handle]));
        return false;
    }

    private function newSubContextExit(stdClass $op): bool
    {
        return $this->newContextExit($op);
    }

    private function getFullContextId(): string
    {
        return Carrier::current()->id();
    }

    private function reset(): void
    {
        self::move(Carrier::current()->reset());
    }

    private function export(stdClass $op): ?bool
    {
        try {
            return Carrier::current()->export(self::value($op->message), self::given($op, 'export_timestamp')) ?: null;
        } catch (TypeError) {
            // No array and no object: PHP itself refuses it.
            return null;
        } catch (MonaException $failure) {
            return self::isLost($failure->status) ? throw $failure : null;
        }
    }

    private function exportBatch(stdClass $op): ?string
    {
        if (Client::default()->isDisabled()) {
            return '';
        }
        $events = array_map(static fn ($event) => array_map(self::value(...), (array) $event), $op->events);
        $stack = Carrier::current();
        $batch = $stack->exportBatch($events);
        // Outside an enter a batch ends what was open.
        if ($batch->accepted > 0 && $stack->reset()->stack->isEmpty()) {
            Carrier::goOn(\Mona\Stack::empty());
        }
        $complete = array_filter($events, static fn (array $event) => array_key_exists('message', $event));
        if ($batch->failure !== null && (count($complete) < count($events) || self::isLost($batch->failure->status))) {
            throw $batch->failure;
        }
        return null;
    }

    private function setGlobalInitMessage(stdClass $op): void
    {
        try {
            // As the older client has it, null is no object; here it means none.
            if ($op->message !== null) {
                Client::default()->setGlobals(self::value($op->message));
            }
        } catch (MonaException | TypeError) {
            // Refused, and in the log.
        }
    }

    private function setDisabled(stdClass $op): void
    {
        Client::default()->setDisabled($op->disabled);
    }

    private function close(): void
    {
        Client::default()->close();
    }

    private function writeConfig(stdClass $op): void
    {
        $path = getenv('MONA_CLIENT_CONFIG_FILE');
        $before = $this->stats()['config_reloads'];
        $target = ($op->rename ?? false) ? "$path.fresh" : $path;
        if ($op->delete ?? false) {
            unlink($path);
        } else {
            file_put_contents($target, $op->content);
            if ($target !== $path) {
                rename($target, $path);
            }
        }
        $end = microtime(true) + self::RELOAD_S;
        while ($this->stats()['config_reloads'] === $before && microtime(true) < $end) {
            usleep(20_000);
        }
    }

    private function threadStart(stdClass $op): void
    {
        $id = Carrier::current()->id();
        $fiber = new Fiber(function () use ($op, $id): void {
            $scope = null;
            if ($op->kind === 'inherit') {
                $move = Carrier::current()->enter(null, null, $id);
                $scope = $move->scope;
                Carrier::goOn($move->stack);
            }
            $seen = null;
            while (($job = Fiber::suspend($seen)) !== null) {
                $seen = $this->outcome($job);
            }
            if ($scope !== null) {
                Carrier::goOn(Carrier::current()->leave($scope)->stack);
            }
        });
        $this->workers[$op->new] = $fiber;
        $fiber->start();
    }

    private function threadJoin(stdClass $op): void
    {
        $this->join($op->target);
    }

    private function join(string $name): void
    {
        $this->workers[$name]->resume(null);
        unset($this->workers[$name]);
    }

    /** @return array<string, mixed> */
    private function outcome(stdClass $op): array
    {
        $method = lcfirst(str_replace('_', '', ucwords($op->op, '_')));
        try {
            return ['ok' => $this->$method($op)];
        } catch (MonaException $failure) {
            return ['err' => $failure->status->name, 'detail' => $failure->getMessage()];
        }
    }

    /**
     * Does one operation on its thread, and tells what it gave and how many events were accepted by it.
     *
     * @return array<string, mixed>
     */
    public function perform(stdClass $op): array
    {
        $before = $this->stats()['accepted'] ?? 0;
        $thread = $op->thread ?? 'main';
        $seen = $thread === 'main' ? $this->outcome($op) : $this->workers[$thread]->resume($op);
        $this->hasBegun = true;
        $seen['emits'] = $this->stats()['accepted'] - $before;
        return $seen;
    }

    public function end(): void
    {
        foreach (array_keys($this->workers) as $name) {
            $this->join($name);
        }
    }
}

// Whole numbers that PHP does not have would become floating-point ones.
$text = preg_replace('/(?<=: )(-?\d{19,})(?=[,}\]])/', '{"$int": "$1"}', file_get_contents($argv[1]));
$scenario = null;
foreach (json_decode($text, false, 20000, JSON_THROW_ON_ERROR)->scenarios as $one) {
    $scenario = $one->id === $argv[2] ? $one : $scenario;
}
$started = time();
$player = new Player();
$results = array_map($player->perform(...), $scenario->ops);
$player->end();
$records = [];
try {
    Client::default()->flush(10_000);
} catch (MonaException) {
    // Closed by the scenario.
}
while (($record = Client::default()->takeJson()) !== null) {
    $records[] = $record;
}
echo json_encode([
    'implementation' => 'php', 'results' => $results, 'records' => $records, 'stats' => $player->stats(),
    'started' => $started, 'ended' => time(),
], JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION), "\n";
