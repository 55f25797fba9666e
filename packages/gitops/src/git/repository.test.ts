import { generateKeyPairSync } from 'node:crypto';
import { describeForge } from '@tier0/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { createLocalForge } from '../forges/local.ts';
import { createLocalForgeDesk } from '../forges/local-desk.ts';
import { verifyCommit } from '../governance/verify-signature.ts';
import { anyContext, createTestRepository, type TestRepository } from '../testing/repository.ts';
import { createMemoryRepository } from './memory.ts';
import type { CommitRequest, Mirror } from './mirror.ts';
import { createSshSigner } from './sign.ts';

const context = anyContext();
const opened: TestRepository[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((repository) => repository.remove()));
});

type Files = Readonly<Record<string, string | Uint8Array | undefined>>;
let seconds = 0;

function request(parents: readonly string[], files: Files, more: Partial<CommitRequest> = {}): CommitRequest {
  seconds += 1;
  const date = new Date(Date.parse('2026-11-22T10:00:00.000Z') + seconds * 1000).toISOString();
  return {
    parents,
    files: new Map(Object.entries(files)),
    message: 'Change\n',
    author: { name: 'ada', email: 'ada@example.com' },
    date,
    ...more,
  };
}

const FIRST: Files = { 'a.txt': 'one\ntwo\n', 'folder/b.txt': 'b\n', 'folder.txt': 'sorts before the folder\n' };

async function withGit(): Promise<Mirror> {
  const repository = await createTestRepository();
  opened.push(repository);
  const mirror = repository.newMirror();
  await mirror.fetch(context);
  return mirror;
}

/** What every repository that a writer works on must do. */
describe.each([
  ['a mirror by git', withGit],
  ['a repository in memory', async () => createMemoryRepository({ url: 'memory' })],
])('%s', (_name, make) => {
  test('names the commit that gave a path its content, through merges, and gives the object as it was signed', async () => {
    const on = await make();
    const signer = createSshSigner({ privateKey: generateKeyPairSync('ed25519').privateKey });
    const first = await on.commitFiles(request([], FIRST), context);
    const changed = await on.commitFiles(request([first], { 'a.txt': '2' }, { signer }), context);
    const side = await on.commitFiles(request([first], { 'folder.txt': 's' }), context);
    const merge = await on.commitFiles(request([side, changed], { 'a.txt': '2' }), context);
    expect(await on.lastChange(merge, 'a.txt', context)).toBe(changed);
    expect(await on.lastChange(merge, 'folder.txt', context)).toBe(side);
    expect(await on.lastChange(merge, 'folder/b.txt', context)).toBe(first);
    expect(await on.lastChange(merge, 'none', context)).toBeUndefined();
    const allowed = [{ principal: 'ada', publicKey: signer.publicKey }];
    expect(verifyCommit(await on.readCommitObject(changed, context), allowed)).toEqual({ status: 'good', principal: 'ada' });
    expect(verifyCommit(await on.readCommitObject(merge, context), allowed)).toMatchObject({ status: 'unsigned' });
  });

  test('reads back what was committed, and touches nothing else', async () => {
    const on = await make();
    const first = await on.commitFiles(request([], FIRST), context);
    const second = await on.commitFiles(request([first], { 'a.txt': 'one\n2\n', 'folder/b.txt': undefined, 'new/ä c.txt': 'c' }), context);
    expect((await on.listFiles(second, context)).map((file) => file.path)).toEqual(['a.txt', 'folder.txt', 'new/ä c.txt']);
    expect((await on.findFiles(second, ['a.txt', 'folder', 'new', 'none'], context)).map((file) => file.path)).toEqual(['a.txt']);
    expect((await on.listFiles(first, context, 'folder')).map((file) => file.path)).toEqual(['folder/b.txt']);
    expect(Buffer.from((await on.readFile(first, 'folder/b.txt', context)) ?? []).toString()).toBe('b\n');
    expect(await on.readFile(second, 'folder/b.txt', context)).toBeUndefined();
    expect(await on.changedPaths(first, second, context)).toEqual(['a.txt', 'folder/b.txt', 'new/ä c.txt']);
    expect(await on.diff(first, second, context)).toContain(' one\n-two\n+2\n');
    expect(await on.readCommit(second, context)).toMatchObject({ parents: [first], authorName: 'ada', message: 'Change' });
  });

  test('moves all refs or none, each only from where it is expected', async () => {
    const on = await make();
    const [a, b] = [await on.commitFiles(request([], FIRST), context), await on.commitFiles(request([], { x: 'x' }), context)];
    const push = (ref: string, commit: string | undefined, expected: string | undefined) => ({
      ref: `refs/heads/${ref}`,
      commit,
      expected,
    });
    expect(await on.push([push('m', a, undefined), push('n', a, undefined)], context)).toEqual({ status: 'pushed' });
    expect((await on.push([push('m', b, a), push('n', b, b)], context)).status).toBe('rejected');
    expect((await on.push([push('m', b, undefined)], context)).status).toBe('rejected');
    await on.fetch(context);
    expect([await on.resolve('m', context), await on.resolve('n', context)]).toEqual([a, a]);
    expect(await on.push([push('n', undefined, a)], context)).toEqual({ status: 'pushed' });
    await on.fetch(context);
    expect(await on.resolve('n', context)).toBeUndefined();
    expect(await on.resolve(a, context)).toBe(a);
  });

  test('knows what contains what', async () => {
    const on = await make();
    const root = await on.commitFiles(request([], FIRST), context);
    const left = await on.commitFiles(request([root], { l: '1' }), context);
    const right = await on.commitFiles(request([root], { r: '1' }), context);
    const merge = await on.commitFiles(request([left, right], { r: '1' }), context);
    const stranger = await on.commitFiles(request([], { s: '1' }), context);
    expect(await on.mergeBase(left, right, context)).toBe(root);
    expect(await on.mergeBase(merge, right, context)).toBe(right);
    expect(await on.mergeBase(left, stranger, context)).toBeUndefined();
    expect([await on.isAncestor(right, merge, context), await on.isAncestor(merge, right, context)]).toEqual([true, false]);
    expect((await on.commitsBetween(left, merge, 10, context)).map((commit) => commit.parents)).toEqual([[left, right], [root]]);
    expect(await on.commitsBetween(left, merge, 1, context)).toHaveLength(1);
  });

  test.each(['../x', '.git/config', 'a//b', ''])('refuses the path %j', async (path) => {
    const on = await make();
    await expect(on.commitFiles(request([], { [path]: 'x' }), context)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('refuses refs that are none', async () => {
    const on = await make();
    const push = on.push([{ ref: 'refs/heads/../../x', commit: 'a'.repeat(40), expected: undefined }], context);
    await expect(push).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

test('commits in memory have the ids that git gives them', async () => {
  const git = await withGit();
  const memory = createMemoryRepository({ url: 'memory' });
  const signer = createSshSigner({ privateKey: generateKeyPairSync('ed25519').privateKey });
  let tip: string | undefined;
  const steps: readonly (readonly [Files, Partial<CommitRequest>])[] = [
    [FIRST, {}],
    [{ 'folder/deep/er.txt': 'x', 'folder-2': 'y', folder0: 'z' }, { message: 'Ünïcode, and no line end' }],
    [{ 'folder/b.txt': undefined, 'folder/deep/er.txt': undefined, none: undefined }, {}],
    [{ 'a.txt': new Uint8Array([0, 255, 10]) }, { author: { name: 'A <b>', email: 'x@y' }, signer }],
    [{ 'a.txt/now/a/folder': '1' }, {}],
    [Object.fromEntries(['a.txt/now/a/folder', 'folder.txt', 'folder-2', 'folder0'].map((path) => [path, undefined])), {}],
  ];
  for (const [files, more] of steps) {
    const wanted = request(tip ? [tip] : [], files, more);
    const [byGit, inMemory] = [await git.commitFiles(wanted, context), await memory.commitFiles(wanted, context)];
    expect(inMemory).toBe(byGit);
    expect(await memory.readCommit(inMemory, context)).toEqual(await git.readCommit(byGit, context));
    tip = inMemory;
  }
});

describeForge('local, in memory', async () => {
  const mirror = createMemoryRepository({ url: 'memory' });
  const options = { mirror };
  const desk = createLocalForgeDesk(options);
  const main = await mirror.commitFiles(request([], FIRST), context);
  await mirror.push([{ ref: 'refs/heads/main', commit: main, expected: undefined }], context);
  let pushes = 0;
  return {
    forge: createLocalForge(options),
    baseBranch: 'main',
    async push(branch) {
      const tip = await mirror.resolve(branch, context);
      const author = { name: 'tier0', email: 'tier0@example.com' };
      const commit = await mirror.commitFiles(request([tip ?? main], { [`${branch}.txt`]: `${++pushes}\n` }, { author }), context);
      await mirror.push([{ ref: `refs/heads/${branch}`, commit, expected: tip }], context);
      return commit;
    },
    review: async (number, review) => void (await desk.submitReview({ number, ...review }, context)),
    closeAsPerson: async (number, by) => void (await desk.closeByHuman(number, by, 'no', context)),
  };
});
