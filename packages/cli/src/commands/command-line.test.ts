import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isColoured } from '../environment.ts';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { removeFolders, temporaryFolder } from '../testing/temporary-folder.ts';
import { createTestEnvironment } from '../testing/test-environment.ts';
import { parseItemName } from '../world/item-name.ts';
import { kubeconfigFrom } from '../world/kubeconfig-from-options.ts';
import { optionsIn } from './completion.ts';
import { nearest } from './did-you-mean.ts';
import { dispatch } from './dispatch.ts';
import { COMMANDS } from './index.ts';

afterAll(removeFolders);

async function type(...args: readonly string[]) {
  const environment = createTestEnvironment();
  const exitCode = await dispatch(args, COMMANDS, environment);
  return { exitCode, output: environment.output() };
}

const recording = join(REPOSITORY_ROOT, 'scenarios/written/bad-image');

describe('a slip of the finger is answered with what was meant', () => {
  test.each([
    ['a command', ['diagnoze'], 'Did you mean "diagnose"?'],
    ['a command of help', ['help', 'propse'], 'Did you mean "propose"?'],
    ['an option', ['diagnose', '--snapshoot', 'x'], 'Did you mean --snapshot?'],
    ['the value of an option', ['diagnose', '-o', 'jsn'], 'Did you mean "json"?'],
    ['a verb', ['config', 'exmaple'], 'Did you mean "example"?'],
    ['a shell', ['completion', 'bsh'], 'Did you mean "bash"?'],
    ['a code', ['explain', 'T0-APISERVICE-00'], 'Did you mean "T0-'],
    ['a scenario', ['play', '--scenario', 'memory-presure'], 'Did you mean "memory-pressure"?'],
    ['a forge', ['run', '--repository', 'r', '--forge', 'githb'], 'Did you mean "github"?'],
    ['an option in place of a command', ['--vesion'], 'Did you mean "--version"?'],
    ['what is done with pull requests', ['pr', 'lst'], 'Did you mean "list"?'],
    ['a state', ['pr', 'list', '--state', 'opn'], 'Did you mean "open"?'],
    ['what is done with an audit', ['audit', 'verfy', 'x'], 'Did you mean "verify"?'],
    ['what is done with policies', ['policy', 'tst', '.'], 'Did you mean "test"?'],
    ['what is done with patterns', ['patterns', 'serch', 'x'], 'Did you mean "search"?'],
    ['what becomes of a ticket', ['tickets', 'fixd', 'T-1'], 'Did you mean "fixed"?'],
    ['a part of the comparison', ['eval', 'toolz'], 'Did you mean "tools"?'],
    ['a scenario of the comparison', ['eval', '--scenario', 'bad-imag'], 'Did you mean "bad-image"?'],
    ['a namespace', ['diagnose', '--snapshot', recording, '-n', 'shopp'], 'Did you mean "shop"?'],
    [
      'a live object',
      ['locate', 'deploy/shop/paymnt', 'spec.replicas', '--repository', '.', '--manifests', recording],
      '"Deployment shop/payment"?',
    ],
    [
      'a field',
      ['locate', 'deploy/shop/payment', 'spec.replcas', '--repository', '.', '--manifests', recording],
      'Did you mean "replicas"?',
    ],
    ['an item', ['owner', 'deploy/shop/chekout', '--snapshot', join(recording, 'cluster')], 'Did you mean "Deployment shop/'],
  ])('%s', async (_, args, hint) => {
    await expect(type(...args)).rejects.toMatchObject({ hint: expect.stringContaining(hint) });
  });

  test('a word that is near nothing gets no guess', () => {
    expect(nearest('xyzzy', ['diagnose', 'record'])).toBeUndefined();
    expect(nearest('no', ['json', 'text'])).toBeUndefined();
  });

  test('words that a command does not use are refused', async () => {
    await expect(type('serve', 'now')).rejects.toMatchObject({ message: expect.stringContaining('"now" is not an option') });
    await expect(type('run', 'production', '--repository', 'r')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

test('what can be said of the words alone is said before anything is read', async () => {
  await expect(type('pr', 'show', 'x')).rejects.toMatchObject({ message: expect.stringContaining('"x" is no number') });
  // A folder of its own: the working folder may hold the incident of somebody who tried the README.
  await expect(type('pr', 'list', '--out', join(await temporaryFolder(), 'out'))).rejects.toMatchObject({
    code: 'NOT_FOUND',
    hint: expect.stringContaining('--repository URL'),
  });
  await expect(type('ask', '--snapshot', recording)).rejects.toMatchObject({ message: 'What is asked?' });
  await expect(type('mcp', '--snapshot', recording, '--port', 'y')).rejects.toMatchObject({ message: expect.stringContaining('not "y"') });
  await expect(type('impact', 'deploy/a/b', 'deploy/a/c', '--snapshot', recording)).rejects.toThrow('One item');
});

test('a file or folder that is named and not there is an error, whatever else could be read', async () => {
  for (const command of ['owner', 'impact', 'changes'])
    await expect(type(command, 'x', '--snapshot', '/no')).rejects.toMatchObject({ message: expect.stringContaining('/no') });
  await expect(type('owner', 'x', '--snapshot', recording, '--catalog', '/no')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(type('diagnose', '--snapshot', recording, '--catalog', '/no')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a recording is answered as of its own moment, by its folder and by the "cluster" in it', async () => {
  for (const folder of [recording, join(recording, 'cluster')])
    expect((await type('impact', 'deploy/shop/payment', '--snapshot', folder)).output).toContain('as of 2026-03-16 10:14:00 UTC');
});

describe('every command', () => {
  test.each(COMMANDS.map(({ name }) => name))('%s is explained the same by "help NAME" and by --help', async (name) => {
    const asked = await type('help', name);
    expect(asked).toEqual(await type(name, '--help'));
    expect(asked.output).toMatch(/^Usage: /);
  });

  test('has one spelling for the form of its answer: -o', async () => {
    for (const { name, load } of COMMANDS) {
      const { usage } = await load();
      // "tier0 edit --json" is the type of a value.
      if (name !== 'edit') expect({ name, others: usage.match(/--(?:json|format|yaml)\b/g) }).toEqual({ name, others: null });
    }
    await expect(type('resume', '-o', 'jsn')).rejects.toMatchObject({ hint: expect.stringContaining('Did you mean "json"?') });
  });

  test('says its version', async () => {
    expect((await type('--version')).output).toMatch(/^tier0 \d+\.\d+\.\d+ /);
  });

  test.each(['bash', 'zsh', 'fish'])('is completed in %s with the options its help shows', async (shell) => {
    const { output } = await type('completion', shell);
    for (const { name } of COMMANDS) expect(output).toContain(name);
    expect(output).toContain('no-fail');
    expect(optionsIn('  -o, --output FORM  text\n  --dry-run')).toEqual(['--output', '--dry-run', '--help']);
  });
});

test('a code is explained', async () => {
  const { output } = await type('explain', 't0-apiservice-002');
  expect(output).toMatch(/^T0-APISERVICE-002 {2}\S.*\n {3}severity/);
});

test.each([
  ['deploy/shop/web', { kind: 'Deployment', namespace: 'shop', name: 'web' }],
  ['deploy/web', { kind: 'Deployment', name: 'web' }],
  ['po web-0', { kind: 'Pod', name: 'web-0' }],
  ['statefulsets/db/main', { kind: 'StatefulSet', namespace: 'db', name: 'main' }],
  ['Deployment shop/web', { kind: 'Deployment', namespace: 'shop', name: 'web' }],
  ['Node/-/node-a', { kind: 'Node', namespace: '-', name: 'node-a' }],
  ['Widget/shop/w', { kind: 'Widget', namespace: 'shop', name: 'w' }],
  ['nothing/shop/w', undefined],
  ['kind:Deployment name:web', undefined],
  ['deploy//web', undefined],
])('%s names %o', (text, name) => {
  expect(parseItemName(text)).toEqual(name);
});

test('an item is found by its short kind, with or without its namespace', async () => {
  const from = ['--snapshot', join(recording, 'cluster')];
  const { output } = await type('impact', 'Deployment', 'shop/payment', ...from);
  expect(output).toContain('Deployment shop/payment');
  const isSame = async (...name: readonly string[]) =>
    expect((await type('impact', ...name, ...from)).output.split('\nas of')[0]).toBe(output.split('\nas of')[0]);
  await isSame('deploy/shop/payment');
  await isSame('deploy/payment', '-n', 'shop');
  await isSame('deploy', 'payment');
  await expect(type('impact', 'deploy/payment', '-n', 'elsewhere', ...from)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

describe('the kubeconfig that kubectl would take', () => {
  const of = (name: string, server: string) =>
    `apiVersion: v1\nkind: Config\ncurrent-context: ${name}\nclusters: [{name: ${name}, cluster: {server: "${server}", certificate-authority: ca.crt}}]\ncontexts: [{name: ${name}, context: {cluster: ${name}, user: me}}]\nusers: [{name: me, user: {token: ${name}-token}}]\n`;

  test('is several files in one, the first word counting, with paths of each from its own folder', async () => {
    const folder = await temporaryFolder();
    mkdirSync(join(folder, 'b'));
    writeFileSync(join(folder, 'a.yaml'), of('one', 'https://one'));
    writeFileSync(join(folder, 'b/b.yaml'), of('second', 'https://second'));
    const KUBECONFIG = [join(folder, 'a.yaml'), join(folder, 'absent'), join(folder, 'b/b.yaml')].join(
      process.platform === 'win32' ? ';' : ':',
    );
    const text = await kubeconfigFrom(undefined, { variables: { KUBECONFIG } }, 'second');
    expect(text).toContain('current-context: one');
    expect(text).toContain(join(folder, 'b/ca.crt'));
    expect(text).toContain('one-token');
    expect(text).not.toContain('second-token');
    await expect(kubeconfigFrom(undefined, { variables: { KUBECONFIG } }, 'secnd')).rejects.toMatchObject({
      message: 'The kubeconfig has no context "secnd".',
      hint: expect.stringContaining('Did you mean "second"'),
    });
  });

  test('is the one in the home folder where nothing is said', async () => {
    const folder = await temporaryFolder();
    await expect(kubeconfigFrom(undefined, { variables: { HOME: folder } })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    mkdirSync(join(folder, '.kube'));
    writeFileSync(join(folder, '.kube/config'), of('home', 'https://home'));
    expect(await kubeconfigFrom(undefined, { variables: { HOME: folder } })).toContain('https://home');
  });

  test.each([
    ['no YAML', 'clusters: [', /line \d+: it is no YAML/],
    ['no kubeconfig', 'hello', /holds no kubeconfig/],
  ])('is named when it is %s', async (_, text, message) => {
    const file = join(await temporaryFolder(), 'config');
    writeFileSync(file, text);
    await expect(kubeconfigFrom(file, { variables: {} })).rejects.toMatchObject({ message: expect.stringMatching(message) });
  });
});

test.each([
  [true, {}, true],
  [false, {}, false],
  [false, { FORCE_COLOR: '1' }, true],
  [false, { FORCE_COLOR: '' }, true],
  [true, { FORCE_COLOR: '0' }, false],
  [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  [true, { TERM: 'dumb' }, false],
])('on a terminal %s with %o: colours %s', (isTerminal, variables, expected) => {
  expect(isColoured(isTerminal, variables)).toBe(expected);
});
