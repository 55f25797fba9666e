#!/usr/bin/env node
// pnpm conformance [--only server|client] [--revision REV]: judges our MCP server and client with the suite of the protocol's authors.
// Required scenarios and those of the tasks extension, which we claim, decide the exit code; what a revision does not score beside them is
// run for the server and shown. Of the ten of the extension the suite itself skips one (status notifications).
// The suite is installed with the peers of the benches, once. Client scenarios run one after another: each is a process of its own.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const suite = join(root, 'bench/peers/node_modules/@modelcontextprotocol/conformance');
const testing = join(root, 'packages/agents/src/mcp/testing');
const source = ['--conditions=tier0-source', '--disable-warning=ExperimentalWarning'];
const REVISIONS = ['2025-11-25', '2026-07-28'];

const { values } = parseArgs({ options: { only: { type: 'string' }, revision: { type: 'string' } } });
const revisions = values.revision === undefined ? REVISIONS : [values.revision];
if (!existsSync(suite)) installPeers();
const legs = [];
for (const revision of revisions) {
  if (values.only !== 'client') legs.push(...(await judgeServer(revision)));
  if (values.only !== 'server') legs.push(judgeClient(revision));
}
process.stdout.write('\n');
for (const { name, passed, required, failed } of legs) {
  process.stdout.write(`${name}: ${passed} of ${required} scenarios${failed.length > 0 ? `; failed: ${failed.join(', ')}` : ''}\n`);
}
process.exitCode = legs.every(({ failed }) => failed.length === 0) ? 0 : 1;

function installPeers() {
  process.stderr.write('conformance: installing the suite, once.\n');
  spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: join(root, 'bench/peers'),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Names under `server:` or `client:` of a frozen list of requirements. */
function requiredOf(side, revision) {
  const lines = readFileSync(join(suite, 'requirements', `${revision}.yaml`), 'utf8').split('\n');
  const from = lines.indexOf(`${side}:`);
  const names = [];
  for (const line of lines.slice(from + 1)) {
    const name = /^ {2}- ([\w./-]+)$/.exec(line)?.[1];
    if (name) names.push(name);
    else if (/^\S/.test(line) && !line.startsWith('#')) break;
  }
  return names;
}

async function judgeServer(revision) {
  const server = spawn(process.execPath, [...source, join(testing, 'conformance-server.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise((resolve, reject) => {
    server.stdout.once('data', (data) => resolve(String(data).trim()));
    server.once('exit', () => reject(new Error('the server ended before it listened')));
  });
  const { stdout } = runSuite(['server', '--url', url, '--requirements', revision]);
  server.kill('SIGTERM');
  const required = requiredOf('server', revision);
  process.stdout.write(stdout.slice(stdout.indexOf('=== SUMMARY')));
  const legs = [legOf(`server ${revision}`, required, stdout)];
  const tasks = [...new Set([...stdout.matchAll(/^[✓✗] (tasks-[\w-]+):/gm)].map(([, name]) => name))];
  return tasks.length === 0 ? legs : [...legs, legOf(`server ${revision}, tasks extension`, tasks, stdout)];
}

function legOf(name, required, stdout) {
  const failed = required.filter((scenario) => !stdout.includes(`✓ ${scenario}:`));
  return { name, passed: required.length - failed.length, required: required.length, failed };
}

function judgeClient(revision) {
  const command = [process.execPath, ...source, join(testing, 'conformance-client.ts')].join(' ');
  const required = requiredOf('client', revision);
  const failed = [];
  for (const name of required) {
    const { status, stdout } = runSuite([
      'client',
      '--command',
      command,
      '--scenario',
      name,
      '--spec-version',
      revision,
      '--timeout',
      '60000',
    ]);
    process.stdout.write(`${status === 0 ? '✓' : '✗'} client ${revision} ${name}\n`);
    if (status === 0) continue;
    failed.push(name);
    process.stdout.write(
      `${stdout
        .split('\n')
        .filter((line) => /FAILURE|✗|rror/.test(line))
        .slice(0, 6)
        .join('\n')}\n`,
    );
  }
  return { name: `client ${revision}`, passed: required.length - failed.length, required: required.length, failed };
}

function runSuite(args) {
  return spawnSync(process.execPath, [join(suite, 'dist/index.js'), ...args], {
    cwd: join(root, 'bench/peers'),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
}
