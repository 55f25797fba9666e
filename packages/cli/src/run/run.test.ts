import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createLocalForgeDesk, createMirror } from '@tier0/gitops';
import { startForgeServer } from '@tier0/gitops/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { impact } from '../commands/impact.ts';
import type { Environment } from '../environment.ts';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { runChild } from '../testing/run-child.ts';
import { createTestEnvironment } from '../testing/test-environment.ts';
import { runOnce } from './run-once.ts';
import { parseRunOptions } from './run-options.ts';

interface Addresses {
  readonly kubeconfig: string;
  readonly api: string;
  readonly repository: string;
  readonly prometheus: string;
}

let folder = '';
let world: ChildProcess;
let lines: AsyncIterator<string>;
let at: Addresses;

async function startWorld(scenario: string): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'tier0-run-'));
  const program = join(REPOSITORY_ROOT, 'packages/cli/src/testing/outside-world.ts');
  world = spawn(process.execPath, ['--conditions=tier0-source', program, join(REPOSITORY_ROOT, 'scenarios/written', scenario), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  lines = createInterface({ input: world.stdout! })[Symbol.asyncIterator]();
  at = JSON.parse((await lines.next()).value as string) as Addresses;
  writeFileSync(join(folder, 'kubeconfig'), at.kubeconfig);
}

afterEach(async () => {
  world.kill();
  if (world.exitCode === null && world.signalCode === null) await once(world, 'exit');
  rmSync(folder, { recursive: true, force: true });
});

let variables: Readonly<Record<string, string>> = {};

/** Runs `tier0 run` here, against the world's addresses alone. */
async function run(...args: readonly string[]) {
  let output = '';
  let errors = '';
  const environment: Environment = {
    terminal: {
      write: (text) => {
        output += text;
      },
      colour: false,
      width: 200,
    },
    stderr: (text) => {
      errors += text;
    },
    ask: async () => '',
    signal: new AbortController().signal,
    variables,
  };
  const options = parseRunOptions([
    '--kubeconfig',
    join(folder, 'kubeconfig'),
    '--repository',
    at.repository,
    '--cluster',
    'production',
    '--path',
    'clusters/production',
    '--out',
    join(folder, 'out'),
    ...args,
  ]);
  const exitCode = await runOnce(options, environment);
  return { exitCode, output, errors };
}

async function requests(): Promise<
  readonly { readonly method: string; readonly path: string; readonly kind: string; readonly userAgent: string }[]
> {
  world.stdin!.write('requests\n');
  return JSON.parse((await lines.next()).value as string);
}

const refs = () => execFileSync('git', ['ls-remote', at.repository], { encoding: 'utf8' });

describe('a leak that metrics foretell', () => {
  beforeEach(() => startWorld('memory-pressure'));
  const patterns = join(REPOSITORY_ROOT, 'scenarios/written/memory-pressure/patterns.json');

  test('is proposed as a pull request, once, however often it is run; the cluster is only read', async () => {
    const first = await run('--prometheus', at.prometheus, '--patterns', patterns);
    expect(first.output).toContain('memory-leak');
    expect(first.output).toContain('pull request #1 waits for people');
    expect(first.exitCode).toBe(1);
    const second = await run('--prometheus', at.prometheus, '--patterns', patterns);
    expect(second.exitCode).toBe(1);
    expect(second.output).toContain('pull request #1 waits for people');
    expect(refs().match(/refs\/tier0\/prs\//g)).toHaveLength(1);
    const seen = await requests();
    expect(seen.length).toBeGreaterThan(10);
    expect(seen.filter((request) => request.kind !== 'read')).toEqual([]);
  }, 60_000);

  test('is not proposed again on the day people closed its pull request, and is when its pull request is gone', async () => {
    await run('--prometheus', at.prometheus, '--patterns', patterns);
    const context = { signal: new AbortController().signal, now: () => Date.now() };
    const mirror = createMirror({ url: at.repository, directory: join(folder, 'people.git') });
    await createLocalForgeDesk({ mirror }).closeByHuman(1, 'ines', 'not tonight', context);
    const { output } = await run('--prometheus', at.prometheus, '--patterns', patterns);
    expect(output).toContain('ines closed pull request #1');
    expect(refs().match(/refs\/tier0\/prs\//g)).toHaveLength(1);
    for (const ref of refs().match(/refs\/(?:tier0|heads\/tier0)\/\S+/g) ?? [])
      execFileSync('git', ['-C', join(folder, 'shop.git'), 'update-ref', '-d', ref]);
    expect((await run('--prometheus', at.prometheus, '--patterns', patterns)).output).toContain('pull request #1 waits for people');
    expect(refs()).toContain('refs/tier0/prs/1');
  }, 60_000);

  test('two processes that see the same alert at once open one pull request, in one state folder or in two', async () => {
    const args = (out: string) => [
      ...['run', '--kubeconfig', join(folder, 'kubeconfig'), '--repository', at.repository, '--cluster', 'production'],
      ...['--path', 'clusters/production', '--prometheus', at.prometheus, '--patterns', patterns, '--out', join(folder, out)],
    ];
    const ended = await Promise.all(['one', 'one', 'two'].map((out) => runChild('main.ts', args(out))));
    expect(refs().match(/refs\/tier0\/prs\//g)).toHaveLength(1);
    expect(refs().match(/refs\/heads\/tier0\//g)).toHaveLength(1);
    // Of the two in one folder the second is told who works there; what is proposed is waited for, or was proposed by the other.
    expect(ended.filter(({ stderr }) => stderr.includes('is held by process'))).toHaveLength(1);
    expect(ended.filter(({ stdout }) => stdout.includes('pull request #1 waits for people')).length).toBeGreaterThanOrEqual(1);
  }, 60_000);

  test('is shown and nothing is pushed in a dry run', async () => {
    const before = refs();
    const { output, exitCode } = await run('--prometheus', at.prometheus, '--patterns', patterns, '--dry-run');
    expect(output).toContain('this would be proposed');
    expect(output).toMatch(/^\+ +memory: 768Mi/m);
    expect(exitCode).toBe(1);
    expect(refs()).toBe(before);
  });

  test('is not guessed at without metrics', async () => {
    const { output, errors, exitCode } = await run();
    expect(exitCode).toBe(2);
    expect(output).toContain('could not be looked at');
    expect(errors).toContain('not known');
    expect(errors.match(/could not measure the memory/g)).toHaveLength(1);
  });

  test('a Prometheus that is away is one line, however many pods it would have spoken of', async () => {
    const { errors, exitCode } = await run('--prometheus', 'http://127.0.0.1:9');
    expect(exitCode).toBe(2);
    expect(errors.match(/^not known: could not measure the memory of \d+ containers in .*: Prometheus cannot be reached/gm)).toHaveLength(
      1,
    );
    expect(errors.match(/Prometheus cannot be reached/g)).toHaveLength(1);
  });

  test('a cluster that is away is said, with what to do', async () => {
    writeFileSync(join(folder, 'kubeconfig'), at.kubeconfig.replaceAll(at.api, 'http://127.0.0.1:9'));
    await expect(run('--prometheus', at.prometheus)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      hint: expect.stringContaining('kubectl get pods'),
    });
  });

  test('a branch that does not exist is said before anything is read from the cluster', async () => {
    await expect(run('--branch', 'release')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('no branch "release"'),
    });
    expect(await requests()).toEqual([]);
  });
});

describe('a broken image', () => {
  beforeEach(() => startWorld('bad-image'));

  test('is found by rules alone and proposed; what was seen can be asked afterwards', async () => {
    const { output } = await run();
    expect(output).toContain('image-not-found');
    expect(output).toContain('waits for people');
    const later = createTestEnvironment();
    const store = join(folder, 'out/state/cmdb.db');
    expect(await impact.run(['Deployment/shop/payment', '--store', store], later)).toBe(0);
    expect(later.output()).toContain('Deployment shop/checkout');
  });
});

describe('a forge elsewhere', () => {
  beforeEach(() => startWorld('bad-image'));

  test('gets the pull request, with its reviewers; the token stays out of everything that is printed and stored', async () => {
    const server = await startForgeServer({ dialect: 'github', repository: join(folder, 'shop.git') });
    try {
      variables = { TIER0_FORGE_TOKEN: 'token-tier0' };
      const where = ['--forge', 'github', '--forge-project', server.fullName, '--forge-url', server.apiUrl, '--author', 'tier0'];
      const { output, exitCode } = await run(...where);
      expect(exitCode).toBe(1);
      expect(await server.pulls()).toMatchObject([{ author: 'tier0', title: expect.stringContaining('image') }]);
      expect((await run(...where)).output).toContain('waits for people');
      expect(await server.pulls()).toHaveLength(1);
      expect(output).not.toContain('token-tier0');
      const stored = readdirSync(join(folder, 'out'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      expect(stored.length).toBeGreaterThan(3);
      const telling = stored.filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes('token-tier0'));
      expect(telling.map((entry) => entry.name)).toEqual([]);
    } finally {
      variables = {};
      await server.close();
    }
  }, 60_000);

  test('needs a project, a token and an address, and says which is missing', async () => {
    expect(() => parseRunOptions(['--kubeconfig', 'k', '--repository', 'r', '--forge', 'bitbucket'])).toThrow('no forge "bitbucket"');
    expect(() => parseRunOptions(['--kubeconfig', 'k', '--repository', 'r', '--forge', 'github'])).toThrow('needs --forge-project');
    expect(() => parseRunOptions(['--kubeconfig', 'k', '--repository', 'r', '--forge', 'gitea', '--forge-project', 'a/b'])).toThrow(
      'needs --forge-url',
    );
    await expect(run('--forge', 'github', '--forge-project', 'shop/infra')).rejects.toThrow('needs a token');
  });
});

describe('a healthy cluster', () => {
  beforeEach(() => startWorld('steady'));

  test('is left alone', async () => {
    const { exitCode, output } = await run('--prometheus', at.prometheus);
    // Only its payment pods are measured by the recording: what is not measured is said, and is not health.
    expect(output).toContain('nothing was found');
    expect(exitCode).toBe(2);
    expect(refs()).not.toContain('refs/tier0');
  });
});

test('what is missing on the command line is named', () => {
  expect(() => parseRunOptions([])).toThrow(/--repository URL/);
  expect(() => parseRunOptions(['--kubeconfig', 'x'])).toThrow(/--repository URL/);
  expect(() => parseRunOptions(['--bogus'])).toThrow(/bogus/);
});

test.each(['repository', 'prometheus', 'model'])(
  'credentials in the URL of --%s are refused before anything is shown or stored, and not repeated',
  (option) => {
    const args = ['--kubeconfig', 'x', '--repository', 'r', `--${option}`, 'https://bot:hunter2@git.example/shop.git'];
    expect(() => parseRunOptions(args)).toThrow(/holds credentials/);
    expect(() => parseRunOptions(args)).not.toThrow(/hunter2/);
  },
);
