#!/usr/bin/env node
// The command's door, in plain old JavaScript: whatever Node opens it, it says what is wrong or gets through.
//
// Waxwing needs Node 24 or later. Where this one is older, the `node` package's binary (a development dependency of the
// repository, or installed beside the command) takes over in a process of its own. Then the sources run when they are
// here, the compiled files when the package was installed.

import { spawn } from 'child_process';
import { existsSync } from 'fs';
import * as nodeModule from 'module';
import { dirname, join } from 'path';
import { fileURLToPath } from 'url';
import { setFlagsFromString } from 'v8';

const NODE_MAJOR_MIN = 24;

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) {
  // V8 lets a heap grow far beyond what lives in it before it looks: a server with a million deliveries pending stays
  // under 300 MB this way, for some 10 % more of its CPU (measured in bench/README.md).
  ['--max-semi-space-size=8', '--semi-space-growth-factor=1', '--initial-old-space-size=32', '--heap-growing-percent=60'].forEach(
    function (flag) {
      setFlagsFromString(flag);
    },
  );
  nodeModule.enableCompileCache(); // a command starts in 0.10 s in place of 0.23 s the second time
  const source = new URL('../src/main.ts', import.meta.url);
  const compiled = new URL('../dist/main.js', import.meta.url);
  import(existsSync(fileURLToPath(source)) ? source.href : compiled.href).catch(fail);
} else {
  const newer = newerNode();
  if (newer === null || process.env.WAXWING_NODE_TRIED === '1') {
    fail(
      'Waxwing needs Node ' +
        NODE_MAJOR_MIN +
        ' or later; this is Node ' +
        process.versions.node +
        '.\nUpdate it (https://nodejs.org), or add a newer one to this project only: npm install node@26',
    );
  } else runWith(newer);
}

function newerNode() {
  try {
    const folder = dirname(nodeModule.createRequire(import.meta.url).resolve('node/package.json'));
    const binary = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(binary) ? binary : null;
  } catch (_) {
    return null;
  }
}

function runWith(binary) {
  const args = [fileURLToPath(import.meta.url)].concat(process.argv.slice(2));
  const env = Object.assign({}, process.env, { WAXWING_NODE_TRIED: '1' });
  const child = spawn(binary, args, { stdio: 'inherit', env: env });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
  signals.forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal);
    });
  });
  child.on('error', fail);
  child.on('exit', function (code, signal) {
    if (signal === null) process.exit(code);
    signals.forEach(function (name) {
      process.removeAllListeners(name);
    });
    process.kill(process.pid, signal);
  });
}

function fail(error) {
  console.error(error instanceof Error ? error.stack : error);
  process.exit(1);
}
