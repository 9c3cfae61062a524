'use strict';
// Prints the package.json of this platform's package:
//
//     platform.js PACKAGE.JSON
//
// npm installs it only where os, cpu and libc are those of the machine.

const fs = require('node:fs');

const main = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
process.report.excludeNetwork = true;
const isGnu = Boolean(process.report.getReport().header.glibcVersionRuntime);
const libc = process.platform !== 'linux' ? undefined : isGnu ? 'glibc' : 'musl';
const suffix = { glibc: '-gnu', musl: '-musl' }[libc] ?? '';

const platform = {
  name: `${main.name}-${process.platform}-${process.arch}${suffix}`,
  version: main.version,
  description: `libmona for ${process.platform} ${process.arch}, a part of ${main.name}`,
  license: main.license,
  engines: main.engines,
  main: 'mona.node',
  files: ['mona.node', 'libmona.*'],
  os: [process.platform],
  cpu: [process.arch],
  ...(libc && { libc: [libc] }),
};
console.log(JSON.stringify(platform, null, 2));
