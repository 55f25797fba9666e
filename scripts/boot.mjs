#!/usr/bin/env node
// Makes `npm start`, `npm test` and `npm run eval` work in a fresh clone that has only git, Node 20 and npm:
// installs the locked dependencies when they are missing or stale, then runs the task on the Node that came with them.
// No dependencies, no network when everything is in place. All messages go to stderr, so a task's stdout stays pure.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pnpmCommand } from './pnpm-command.mjs';

const OLDEST_NODE = 20;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = ['--conditions=tier0-source', '--disable-warning=ExperimentalWarning'];

/** What each task runs, on the Node of node_modules. */
const TASKS = {
  start: [...source, 'examples/01-memory-pressure/main.ts'],
  eval: [...source, 'packages/cli/src/main.ts', 'eval'],
  test: ['scripts/check.mjs'],
  bench: ['scripts/bench.mjs'],
};

const UNREACHABLE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|META_FETCH_FAIL|network (?:request|timeout)/i;

/** npm waits up to a minute between tries by default; whoever has no network should not wait that long to hear it. */
const RETRY_SOON = { npm_config_fetch_retry_mintimeout: '1000', npm_config_fetch_retry_maxtimeout: '4000' };

/** When progress was last shown, milliseconds since the epoch. */
let shownAt = 0;

await main(process.argv[2] ?? 'start', process.argv.slice(3));

async function main(task, args) {
  const command = TASKS[task];
  if (!command) fail(`There is no task "${task}". Tasks: ${Object.keys(TASKS).join(', ')}.`);
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    fail(`Node ${process.versions.node} is too old: install Node ${OLDEST_NODE} or newer and run the same command again.`);
  }
  if (!isInstalled()) await install();
  if (task === 'eval' && !hasPeers()) await installPeers();
  process.exitCode = await runTask([...command, ...args.filter((argument, index) => !(index === 0 && argument === '--'))]);
}

/** pnpm keeps the lockfile it installed from; the same bytes mean there is nothing to do. */
function isInstalled() {
  const installed = join(root, 'node_modules/.pnpm/lock.yaml');
  if (!existsSync(installed) || !existsSync(nodeBinary()) || !existsSync(join(root, 'packages/cli/node_modules'))) return false;
  return readFileSync(installed, 'utf8') === readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
}

function nodeBinary() {
  return join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

async function install() {
  say('tier0: installing its dependencies, once. This takes about half a minute.');
  const startedAt = Date.now();
  const { code, output } = await runInstaller((line) => showProgress(line, startedAt));
  if (code === 0 && existsSync(nodeBinary())) return say(`tier0: installed in ${seconds(startedAt)} s.`);
  if (UNREACHABLE.test(output)) {
    fail(
      'The npm registry cannot be reached, so the dependencies cannot be installed: connect this machine to the network (or point npm to a registry it can reach) and run the same command again.',
    );
  }
  say(output.split('\n').slice(-25).join('\n'));
  fail(`Installing the dependencies failed (exit code ${code}); the last lines above say why.`);
}

/** Contestants of the comparison that are too heavy for every clone. Without them they are shown as not run; that is no failure. */
function hasPeers() {
  const peers = join(root, 'packages/eval/peers');
  const { dependencies } = JSON.parse(readFileSync(join(peers, 'package.json'), 'utf8'));
  return Object.entries(dependencies).every(([name, version]) => {
    const installed = join(peers, 'node_modules', name, 'package.json');
    return existsSync(installed) && JSON.parse(readFileSync(installed, 'utf8')).version === version;
  });
}

/** Exactly what the lockfile says, and none of its install scripts. */
function installPeers() {
  say('tier0: installing the MCP servers that take part in the comparison, once, without their install scripts.');
  const startedAt = Date.now();
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  return new Promise((resolve) => {
    const child = spawn(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], {
      cwd: join(root, 'packages/eval/peers'),
      stdio: ['ignore', 'ignore', 'ignore'],
      env: { ...RETRY_SOON, ...process.env },
    });
    const done = (ok) => {
      say(
        ok ? `tier0: installed in ${seconds(startedAt)} s.` : 'tier0: they could not be installed (no network?) and are shown as not run.',
      );
      resolve();
    };
    child.on('error', () => done(false));
    child.on('close', (code) => done(code === 0));
  });
}

function runInstaller(onLine) {
  const [command, args] = pnpmCommand();
  return new Promise((resolve) => {
    const child = spawn(command, [...args, 'install', '--frozen-lockfile', '--reporter=append-only'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...RETRY_SOON, ...process.env },
    });
    let output = '';
    const collect = (chunk) => {
      output = (output + chunk).slice(-100_000);
      for (const line of String(chunk).split('\n')) onLine(line);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => resolve({ code: 1, output: `${output}\n${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

function showProgress(line, startedAt) {
  const counts = /Progress: resolved (\d+).*?added (\d+)/.exec(line);
  if (!counts || Date.now() - shownAt < 2000) return;
  shownAt = Date.now();
  say(`tier0: ${counts[2]} of ${counts[1]} packages, ${seconds(startedAt)} s`);
}

/** Runs the task and passes its exit code on. Ctrl-C reaches the task by itself; we only wait for it to clean up. */
function runTask(args) {
  const child = spawn(nodeBinary(), args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${dirname(nodeBinary())}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}` },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
  return new Promise((resolve) => {
    child.on('error', (error) => fail(`Cannot run ${nodeBinary()}: ${error.message}`));
    child.on('close', (code, signal) => resolve(signal ? 128 + (constants.signals[signal] ?? 0) : code));
  });
}

function seconds(since) {
  return Math.round((Date.now() - since) / 1000);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(`tier0: ${text}`);
  process.exit(1);
}
