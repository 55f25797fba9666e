import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { isTier0Error } from '@tier0/core';
import { startRedirectingServer } from '@tier0/core/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GitHttpServer, startGitHttpServer } from '../testing/git-http-server.ts';
import { anyContext, createTestRepository, type TestRepository } from '../testing/repository.ts';
import { runGit } from './git.ts';
import { createMirror, type Mirror } from './mirror.ts';
import { repositoryAddress } from './names.ts';

const context = anyContext();
let repository: TestRepository;
let server: GitHttpServer;

beforeAll(async () => {
  repository = await createTestRepository({ 'a.txt': 'one\n', 'folder/b.txt': 'two\n' });
  server = await startGitHttpServer(repository.directory);
});
afterAll(async () => {
  await server.close();
  await repository.remove();
});

function request(parent: string, files: Record<string, string | undefined>) {
  const author = { name: 'tier0', email: 'tier0@example.com' };
  return { parents: [parent], files: new Map(Object.entries(files)), message: 'Change', author, date: '2026-11-22T10:00:00.000Z' };
}

describe.each(['by path', 'over HTTP'])('a mirror %s', (way) => {
  let mirror: Mirror;
  beforeAll(async () => {
    mirror = repository.newMirror(way === 'by path' ? repository.url : `${server.url}/remote.git`);
    await mirror.fetch(context);
  });

  test('the same commit gets the same id twice, and touches only its files', async () => {
    const main = (await mirror.resolve('main', context)) as string;
    const first = await mirror.commitFiles(request(main, { 'a.txt': 'changed\n' }), context);
    const second = await mirror.commitFiles(request(main, { 'a.txt': 'changed\n' }), context);
    expect(second).toBe(first);
    expect([...(await mirror.listRefs('refs/tier0-scratch/', context))]).toEqual([]);
    expect(await mirror.changedPaths(main, first, context)).toEqual(['a.txt']);
    expect(await mirror.diff(main, first, context)).toContain('-one\n+changed\n');
  });

  test('files are added and removed without a work tree', async () => {
    const main = (await mirror.resolve('main', context)) as string;
    const commit = await mirror.commitFiles(request(main, { 'folder/b.txt': undefined, 'new folder/c.txt': 'three' }), context);
    expect((await mirror.listFiles(commit, context)).map((file) => file.path)).toEqual(['a.txt', 'new folder/c.txt']);
    expect(await mirror.readFile(commit, 'folder/b.txt', context)).toBeUndefined();
  });

  test('a push from a stale expectation changes nothing, for none of its refs', async () => {
    const name = way.replaceAll(' ', '-');
    const tip = await repository.commit(`stale-${name}`, { 'a.txt': `${way}\n` });
    const main = (await mirror.resolve('main', context)) as string;
    const mine = await mirror.commitFiles(request(main, { 'a.txt': 'mine\n' }), context);
    const result = await mirror.push(
      [
        { ref: `refs/heads/stale-${name}`, commit: mine, expected: main },
        { ref: `refs/heads/new-${name}`, commit: mine, expected: undefined },
      ],
      context,
    );
    expect(result.status).toBe('rejected');
    await mirror.fetch(context);
    expect(await mirror.resolve(`stale-${name}`, context)).toBe(tip);
    expect(await mirror.resolve(`new-${name}`, context)).toBeUndefined();
  });

  test('a ref is made, moved and removed', async () => {
    const ref = `refs/tier0/test/${way.replaceAll(' ', '-')}`;
    const main = (await mirror.resolve('main', context)) as string;
    expect(await mirror.push([{ ref, commit: main, expected: undefined }], context)).toEqual({ status: 'pushed' });
    expect(await mirror.resolve(ref, context)).toBe(main);
    expect(await mirror.push([{ ref, commit: undefined, expected: main }], context)).toEqual({ status: 'pushed' });
    await mirror.fetch(context);
    expect(await mirror.resolve(ref, context)).toBeUndefined();
  });
});

test('a repository that cannot be reached is said to be unavailable', async () => {
  const mirror = createMirror({ url: 'http://127.0.0.1:1/none.git', directory: join(repository.directory, 'unreachable') });
  const error = await mirror.fetch(context).catch((caught) => caught);
  expect(isTier0Error(error) && error.code).toBe('UNAVAILABLE');
  const missing = createMirror({ url: join(repository.directory, 'nowhere.git'), directory: join(repository.directory, 'missing') });
  await expect(missing.fetch(context)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(/^There is no Git repository at this address.*\(git fetch ended with exit code 128: .*nowhere\.git/s),
  });
});

test('a relative path means the same for who names it and for git, which runs in another folder', async () => {
  const mirror = createMirror({ url: relative(process.cwd(), repository.url), directory: join(repository.directory, 'relative') });
  expect(mirror.url).toBe(repository.url);
  await mirror.fetch(context);
  expect(await mirror.resolve('main', context)).toMatch(/^[0-9a-f]{40}$/);
});

test.each([
  ['https://example.com/a/b.git', 'https://example.com/a/b.git'],
  ['file:///srv/b.git', 'file:///srv/b.git'],
  ['git@example.com:a/b.git', 'git@example.com:a/b.git'],
  ['/srv/../b.git', '/b.git'],
  ['a/b:c.git', join(process.cwd(), 'a/b:c.git')],
  ['.', process.cwd()],
])('%s is kept at %s', (url, address) => {
  expect(repositoryAddress(url)).toBe(address);
});

describe('what git says is told in plain words', () => {
  test.each([
    ['fatal: unable to access http://x/: Could not resolve host: x', 'UNAVAILABLE', /^The host name/],
    ["fatal: unable to access 'https://x/': SSL certificate problem: self-signed certificate", 'UNAVAILABLE', /^The certificate/],
    ["fatal: detected dubious ownership in repository at '/srv/b.git'", 'PERMISSION_DENIED', /^The repository belongs to another user/],
    ["fatal: could not read Username for 'https://x': terminal prompts disabled", 'PERMISSION_DENIED', /does not let this account in/],
    ['error: file write error: No space left on device', 'UNAVAILABLE', /^There is no room left/],
    ['error: object file objects/ab/cd is empty', 'INTERNAL', /^The mirror is damaged/],
    ['fatal: something nobody has seen', 'INTERNAL', /^Git did not do what it was asked to/],
  ])('%s', async (said, code, meaning) => {
    const folder = await mkdtemp(join(repository.directory, 'git-'));
    await writeFile(join(folder, 'git'), `#!/bin/sh\ncat "$0.said" >&2\nexit 128\n`, { mode: 0o755 });
    await writeFile(join(folder, 'git.said'), said);
    const call = { args: ['fetch', 'x'], directory: folder, environment: { PATH: `${folder}:${process.env.PATH}` } };
    const error = await runGit(call).catch((caught) => caught);
    expect(error).toMatchObject({ code, message: expect.stringMatching(meaning) });
    expect(error.message).toContain(`(git fetch ended with exit code 128: ${said})`);
  });
});

test('a remote that points elsewhere is not followed: the authorization stays here', async () => {
  for (const status of [301, 302, 307, 308]) {
    const server = await startRedirectingServer(status);
    const directory = join(repository.directory, `redirected-${status}`);
    const mirror = createMirror({ url: `${server.url}/shop.git`, directory, authorization: 'Bearer secret' });
    const error = await mirror.fetch(context).catch((caught) => caught);
    expect(error).toMatchObject({ message: expect.not.stringContaining('secret') });
    expect([server.asked() > 0, server.stray]).toEqual([true, []]);
    await server.close();
  }
});

test('a URL with credentials is refused without repeating them', () => {
  expect(() => createMirror({ url: 'https://bot:hunter2@example.com/x.git', directory: 'x' })).toThrowError(/holds credentials/);
});

test.skipIf(process.platform !== 'linux')('a token is in no command line while git uses it, and in no error after', async () => {
  const commands: string[] = [];
  const seen: (string | undefined)[] = [];
  const spying = createServer(async (request, response) => {
    seen.push(request.headers.authorization);
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name)))
      commands.push(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
    response.writeHead(403).end('no');
  });
  await new Promise<void>((resolve) => spying.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(spying.address() as AddressInfo).port}/x.git`;
  const mirror = createMirror({ url, directory: join(repository.directory, 'spied'), authorization: 'Basic c2VjcmV0LXRva2Vu' });
  const error = await mirror.fetch(context).catch((caught) => caught);
  spying.close();
  expect(seen).toContain('Basic c2VjcmV0LXRva2Vu');
  expect(commands.some((command) => command.includes(url))).toBe(true);
  expect(commands.filter((command) => command.includes('c2VjcmV0'))).toEqual([]);
  expect(error).toMatchObject({ code: 'PERMISSION_DENIED', message: expect.not.stringContaining('c2VjcmV0') });
});

test('a branch name cannot become an option or another ref', async () => {
  const push = repository.mirror.push([{ ref: 'refs/heads/../../x', commit: 'a'.repeat(40), expected: undefined }], context);
  await expect(push).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

test('settings of the user have no influence', async () => {
  const answer = await runGit({ args: ['config', '--list', '--show-scope'], directory: repository.directory, answers: [0, 1] });
  expect(answer.stdout.toString('utf8')).not.toMatch(/^(global|system)/m);
});

test.each(['../x', '.git/config', 'a//b', ''])('%j is not a path that a commit can hold', async (path) => {
  const main = (await repository.mirror.resolve('main', context)) as string;
  await expect(repository.mirror.commitFiles(request(main, { [path]: 'x' }), context)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

test('odd but legal names survive', async () => {
  const main = (await repository.mirror.resolve('main', context)) as string;
  const odd = 'ä "quoted" \\ name.yaml';
  const commit = await repository.mirror.commitFiles(request(main, { [odd]: 'x' }), context);
  expect(Buffer.from((await repository.mirror.readFile(commit, odd, context)) ?? []).toString()).toBe('x');
});

test('an aborted call stops', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(repository.newMirror().fetch({ ...context, signal })).rejects.toThrow('enough');
});

describe('a lock that a killed git left in a mirror', () => {
  const lockOn = async (ageMs: number) => {
    const directory = await mkdtemp(join(tmpdir(), 'tier0-mirror-'));
    const mirror = createMirror({ url: repository.url, directory });
    await mirror.resolve('main', context);
    await mkdir(join(directory, 'refs/heads'), { recursive: true });
    const lock = join(directory, 'refs/heads/main.lock');
    await writeFile(lock, '');
    await utimes(lock, new Date(), new Date(Date.now() - ageMs));
    return { directory, mirror, lock };
  };

  test('is taken away, and the fetch goes on', async () => {
    const { directory, mirror } = await lockOn(60_000);
    await mirror.fetch(context);
    expect(await mirror.resolve('main', context)).toMatch(/^[0-9a-f]{40}$/);
    await rm(directory, { recursive: true });
  });

  test('is waited for while it may belong to somebody who is alive', async () => {
    const { directory, mirror, lock } = await lockOn(0);
    const fetched = mirror.fetch(context);
    const first = await Promise.race([fetched.then(() => 'fetched'), new Promise((resolve) => setTimeout(resolve, 600, 'waiting'))]);
    expect(first).toBe('waiting');
    await rm(lock);
    await fetched;
    await rm(directory, { recursive: true });
  });
});
