import { afterEach, expect, test } from 'vitest';
import { anyContext, createTestRepository, type TestRepository } from '../testing/repository.ts';
import { createLocalForge } from './local.ts';

const context = anyContext();
let repository: TestRepository;
afterEach(() => repository.remove());

async function store(ref: string, content: string): Promise<void> {
  const { mirror } = repository;
  const author = { name: 'x', email: 'x@y.z' };
  const commit = await mirror.commitFiles(
    { parents: [], files: new Map([['pull-request.json', content]]), message: 'x', author, date: '2026-01-01T00:00:00Z' },
    context,
  );
  await mirror.push([{ ref, commit, expected: undefined }], context);
}

test.each([
  ['refs/tier0/prs/1', '{"number": "one"'],
  ['refs/tier0/prs/7', '[]'],
  ['refs/tier0/prs/seven', '{}'],
  ['refs/tier0/prs/9007199254740991', '{}'],
  ['refs/tier0/prs/-3', '{}'],
])('a damaged pull request at %s does not stop the others, and its number is not given again', async (ref, content) => {
  repository = await createTestRepository({ 'a.yaml': 'a: 1\n' });
  await store(ref, content);
  await repository.commit('tier0/x', { 'a.yaml': 'a: 2\n' });
  const forge = createLocalForge({ mirror: repository.newMirror(), members: {} });
  expect(await forge.find({}, context)).toEqual([]);
  const draft = { key: 'a'.repeat(64), title: 't', body: 'b', author: 'tier0', sourceBranch: 'tier0/x', targetBranch: 'main', labels: [] };
  const opened = await forge.create(draft as never, context);
  expect(opened.outcome).toBe('created');
  expect((await forge.find({}, context)).map(({ number }) => `refs/tier0/prs/${number}`)).not.toContain(ref);
});
