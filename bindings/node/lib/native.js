'use strict';
// Finds and loads the addon: the package of this platform, which npm installed as an optional dependency.

const { version } = require('../package.json');

function libc() {
  if (process.platform !== 'linux') return '';
  // The report would look up every network interface.
  const before = process.report.excludeNetwork;
  process.report.excludeNetwork = true;
  const { glibcVersionRuntime } = process.report.getReport().header;
  process.report.excludeNetwork = before;
  return glibcVersionRuntime ? '-gnu' : '-musl';
}

function load() {
  const name = `@monalabs/mona-${process.platform}-${process.arch}${libc()}`;
  try {
    return require(name);
  } catch (cause) {
    // It is there, but the loader of the system does not take it: an older glibc, a file that is cut short.
    if (cause.code !== 'MODULE_NOT_FOUND') {
      throw new Error(`libmona of ${name} cannot be loaded: ${cause.message}`, { cause });
    }
    throw new Error(
      `libmona for ${process.platform} ${process.arch} cannot be loaded: the package ${name}@${version} is expected ` +
        'beside @monalabs/mona; npm leaves it out with --omit=optional, and by a lockfile of another platform',
      { cause },
    );
  }
}

const native = load();
if (native.abi !== native.abiExpected) {
  throw new Error(`libmona has the binary interface ${native.abi}, ${native.abiExpected} is expected`);
}

module.exports = native;
