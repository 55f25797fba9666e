#!/usr/bin/env node
// The first line that runs. Written for every Node there is, so that an old one is told what is wanted instead of failing on what it cannot read.
'use strict';

var existsSync = require('node:fs').existsSync;
var join = require('node:path').join;

var wanted = require('../package.json').engines.node.replace('>=', '').split('.').map(Number);
var have = process.versions.node.split('.').map(Number);
var source = join(__dirname, '../src/main.ts');
// A clone brings its own Node, and runs its sources on it whatever Node is installed.
var ownNode = join(__dirname, '../../../node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');

if (existsSync(source) && existsSync(ownNode)) {
  runSources();
} else if (have[0] > wanted[0] || (have[0] === wanted[0] && have[1] >= wanted[1])) {
  import('../dist/main.js');
} else {
  process.stderr.write(
    'tier0 needs Node ' +
      wanted.join('.') +
      ' or newer; this is Node ' +
      process.versions.node +
      '.\n  Install a newer Node and run the same command again.\n',
  );
  process.exitCode = 2;
}

function runSources() {
  var args = ['--conditions=tier0-source', '--disable-warning=ExperimentalWarning', source].concat(process.argv.slice(2));
  var child = require('node:child_process').spawn(ownNode, args, { stdio: 'inherit' });
  // Ctrl-C reaches the command by itself; here is only waited for it to clean up.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {
    child.kill('SIGTERM');
  });
  child.on('close', (code, signal) => {
    process.exitCode = signal ? 128 + require('node:os').constants.signals[signal] : code;
  });
}
