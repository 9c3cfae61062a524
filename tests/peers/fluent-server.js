// The Forward server of @fluent-org/logger as a process of its own.
// The argument is JSON: {"tls": {"key": PEM, "cert": PEM}, "security": {...}}, both left out for plain TCP.
// Writes {"port": N} when it listens, then {"tag": ..., "time": ..., "record": ...} for each entry, a line each, and
// ends when its standard input does. A time is a number, or {"epoch", "nano"} where it came as an EventTime.
'use strict';

const { FluentServer } = require('@fluent-org/logger');

const options = JSON.parse(process.argv[2]);
const say = line => process.stdout.write(JSON.stringify(line) + '\n');

const server = new FluentServer({
  listenOptions: { port: 0, host: '127.0.0.1' },
  tlsOptions: options.tls,
  security: options.security,
});
const shown = time => (typeof time === 'object' ? { epoch: time.epoch, nano: time.nano } : time);
server.on('entry', (tag, time, record) => say({ tag, time: shown(time), record }));
server.listen().then(() => say({ port: server.port }));

// What was said before is still on its way to a pipe.
process.stdin.on('end', () => process.stdout.write('', () => process.exit(0)));
process.stdin.resume();
