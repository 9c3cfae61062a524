'use strict';
// The module: the default client's methods as functions, and the classes.

const native = require('./lib/native.js');
const { Client, Context, MonaError, init, defaultClient } = require('./lib/client.js');
const { raiseErrors } = require('./lib/error.js');
const { onLog, drain } = require('./lib/log.js');
const { float } = require('./lib/float.js');
const { STATUS, LOG } = require('./lib/constants.js');

const exported = { Client, Context, MonaError, STATUS, LOG, float, init, raiseErrors, onLog };

for (const name of Object.getOwnPropertyNames(Client.prototype)) {
  const { value } = Object.getOwnPropertyDescriptor(Client.prototype, name);
  if (name !== 'constructor' && typeof value === 'function') exported[name] = value.bind(defaultClient);
}
exported.current = () => defaultClient.current;
exported.logLevel = (level) => {
  if (!Number.isInteger(level) || level < 0 || level > 50)
    throw new RangeError(`log level: ${level}, 0 to 50 is expected`);
  native.logLevel(level);
};
exported.version = native.version();

process.on('exit', () => {
  native.ending();
  drain();
});

module.exports = exported;
