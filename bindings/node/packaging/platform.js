'use strict';
// Prints the package.json of a platform's package:
//
//     platform.js PACKAGE.JSON [x86_64|aarch64]
//
// For this machine, or for that architecture of Linux with glibc. npm installs it only where os, cpu and libc are those
// of the machine.

const fs = require('node:fs');

const [file, architecture] = process.argv.slice(2);
const main = JSON.parse(fs.readFileSync(file, 'utf8'));

function here() {
  process.report.excludeNetwork = true;
  const isGnu = Boolean(process.report.getReport().header.glibcVersionRuntime);
  return { os: process.platform, cpu: process.arch, libc: isGnu ? 'glibc' : 'musl' };
}

const CPU = { x86_64: 'x64', aarch64: 'arm64' };
const { os, cpu, libc } = architecture ? { os: 'linux', cpu: CPU[architecture], libc: 'glibc' } : here();
const name = `${main.name}-${os}-${cpu}${os === 'linux' ? { glibc: '-gnu', musl: '-musl' }[libc] : ''}`;
if (!(name in main.optionalDependencies)) throw new Error(`${name} is no platform of ${main.name}`);

const platform = {
  name,
  version: main.version,
  description: `libmona for ${os} ${cpu}, a part of ${main.name}`,
  license: main.license,
  engines: main.engines,
  main: 'mona.node',
  files: ['mona.node', 'libmona.*'],
  os: [os],
  cpu: [cpu],
  ...(os === 'linux' && { libc: [libc] }),
};
console.log(JSON.stringify(platform, null, 2));
