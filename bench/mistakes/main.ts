// What the command line answers to small mistakes: the message, what to do, the exit code. Each runs as a person types it, in an empty home.
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readOptions } from '../frame/options.ts';
import { MISTAKES } from './mistakes.ts';

/** Longest answer to a mistake, milliseconds: what takes longer has begun to work on it. */
const PATIENCE_MS = 60_000;
const PROGRAM = resolve('packages/cli/bin/tier0.cjs');

interface Answer {
  readonly mistake: string;
  readonly exitCode: number;
  readonly said: readonly string[];
  readonly ms: number;
}

const only = readOptions(['only']).value('only');
const wanted = MISTAKES.filter((line) => only === undefined || line.includes(only));
const folder = mkdtempSync(join(tmpdir(), 'tier0-mistakes-'));
try {
  const places = prepare(folder);
  const answers: Answer[] = [];
  const rest = [...wanted.entries()];
  const work = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) answers[next[0]] = await answerTo(next[1], places);
  };
  await Promise.all([work(), work()]);
  for (const { mistake, exitCode, said, ms } of answers) {
    process.stdout.write(`${exitCode}  ${mistake}  (${ms} ms)\n${said.map((line) => `     ${line}\n`).join('')}`);
  }
  const weak = answers.filter(({ exitCode, said }) => exitCode !== 2 || said.length < 2);
  process.stdout.write(`\n${answers.length} mistakes; ${answers.length - weak.length} end with 2, a sentence and what to do\n`);
  for (const { mistake, exitCode } of weak) process.stdout.write(`  otherwise: ${exitCode}  ${mistake}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** What the mistakes are made on, by name. */
function prepare(home: string): Readonly<Record<string, string>> {
  const at = (name: string) => join(home, name);
  for (const name of ['home', 'empty', 'fleet', 'here']) mkdirSync(at(name));
  const kubeconfig = (port: number) =>
    `apiVersion: v1\nkind: Config\ncurrent-context: production\nclusters: [{name: c, cluster: {server: "http://127.0.0.1:${port}"}}]\n` +
    'contexts: [{name: production, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {token: t}}]\n';
  writeFileSync(at('kubeconfig'), kubeconfig(9));
  writeFileSync(at('dead'), kubeconfig(9));
  writeFileSync(at('notyaml'), 'clusters: [\n');
  writeFileSync(at('file.yaml'), 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 1}\n');
  execFileSync('cp', ['-r', `${resolve('scenarios/written/bad-image/repo')}/.`, at('fleet')]);
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', at('fleet'), '-c', 'user.name=a', '-c', 'user.email=a@b', ...args]);
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'first');
  return {
    home: at('home'),
    here: at('here'),
    recording: resolve('scenarios/written/bad-image'),
    kubeconfig: at('kubeconfig'),
    dead: at('dead'),
    notyaml: at('notyaml'),
    empty: at('empty'),
    repository: at('fleet'),
    file: at('file.yaml'),
  };
}

function answerTo(mistake: string, places: Readonly<Record<string, string>>): Promise<Answer> {
  const args = mistake.split(' ').map((word) => word.replace(/\{(\w+)\}/g, (_, name: string) => places[name] ?? name));
  const startedAt = performance.now();
  const { here, home } = places;
  const options = { cwd: here, env: { PATH: process.env.PATH, HOME: home }, timeout: PATIENCE_MS };
  return new Promise((done) => {
    const child = execFile(process.execPath, [PROGRAM, ...args], options, (error, stdout, stderr) => {
      const said = `${stdout.slice(0, 600)}${stderr}`.split('\n').filter((line) => line.trim() !== '');
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      done({ mistake, exitCode, said: said.slice(0, 8), ms: Math.round(performance.now() - startedAt) });
    });
    child.stdin?.end();
  });
}
