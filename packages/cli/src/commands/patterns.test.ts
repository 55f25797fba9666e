import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFilePatternLibrary } from '@tier0/agents';
import { createTestRepository, startForgeServer } from '@tier0/gitops/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createTestEnvironment } from '../testing/test-environment.ts';
import { patterns } from './patterns.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tier0-patterns-'));
  await mkdir(join(folder, 'runbooks'));
  await writeFile(join(folder, 'runbooks/disk.md'), '# Disk is full\n\nThe volume has no space left.\n');
  await writeFile(join(folder, 'runbooks/binary.md'), new Uint8Array([0, 1, 2]));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...args: readonly string[]) {
  return runIn('out', {}, ...args);
}

async function runIn(out: string, variables: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const environment = { ...createTestEnvironment(), variables };
  const code = await patterns.run([...args, '--out', join(folder, out)], environment);
  return { code, output: environment.output() };
}

test('a folder is read, searched with a citation, shown and counted', async () => {
  const read = await run('ingest', join(folder, 'runbooks'));
  expect(read).toEqual({
    code: 1,
    output: 'runbooks: 1 documents written, 0 removed, 0 files unchanged\n  not read: binary.md: it is binary\n',
  });
  expect((await run('search', 'no space left')).output).toContain('runbooks:disk.md#L1-L3\n');
  expect(JSON.parse((await run('search', 'space', '--output', 'json')).output)[0].citation).toBe('runbooks:disk.md#L1-L3');
  expect((await run('show', 'runbooks:disk.md#L1-L3')).output).toContain('The volume has no space left.');
  expect((await run('show', 'image-tag-typo')).output).toContain('worked 0 of 0 times');
  expect((await run('stats')).output).toContain('1 documents, 1 sections');
  expect((await run('search', 'volume', '--kind', 'policy')).code).toBe(1);
});

test('what is asked wrongly is said with what to do', async () => {
  await expect(run('search')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(run('search', 'x', '--kind', 'poem')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(run('show', 'nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(run('forget')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(run('ingest', join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

/** The documented embedding call of Ollama, strict about what is sent; texts get directions by their words. */
async function startOllama(): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const { model, input, ...more } = JSON.parse(text) as { model: string; input: string[] };
      const sound = request.url === '/api/embed' && model === 'm' && Object.keys(more).length === 0;
      asked.push(...input);
      const embeddings = input.map((one) => [/volume|disk/i.test(one) ? 1 : 0, /space|room/i.test(one) ? 1 : 0, 0.1]);
      response.writeHead(sound ? 200 : 400, { 'content-type': 'application/json' }).end(JSON.stringify({ model, embeddings }));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test('an embedding model finds what shares no word, its vectors are kept, and what is missing is said', async () => {
  const { url, asked } = await startOllama();
  const embedder = ['--embedder', 'ollama:m', '--embedder-url', url];
  await runIn('embedded', {}, 'ingest', join(folder, 'runbooks'), ...embedder);
  expect((await runIn('embedded', {}, 'search', 'no room', ...embedder)).output).toContain('runbooks:disk.md#L1-L3\n');
  expect((await runIn('embedded', {}, 'search', 'room')).code).toBe(1);
  const before = asked.length;
  await runIn('embedded', {}, 'search', 'room', ...embedder);
  expect(asked.slice(before).some((text) => text.includes('The volume has no space left'))).toBe(false);
  await expect(run('search', 'x', '--vectors', 'flat')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(run('search', 'x', '--embedder', 'ollama')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(run('search', 'x', '--embedder', 'olama:m')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(run('search', 'x', ...embedder, '--vectors', 'qdrant')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

test('what was learned goes to another organisation signed and without names, and earns its record there', async () => {
  const pattern = {
    id: 'image-not-found-1',
    title: 'image-not-found: take the basket image back',
    signature: { cause: 'image-not-found' as const, keywords: [], shape: { codes: ['T0-POD-001'], path: ['Deployment'], templates: [] } },
    remedy: 'image-tag-typo',
    parameters: {},
    fix: 'basket: the image cannot be pulled',
    occurrences: [{ incident: 'INC-1', at: '2026-11-20T00:00:00.000Z', succeeded: true }],
  };
  const file = join(folder, 'sender/state/patterns.json');
  await createFilePatternLibrary({ file, seed: [] }).add?.(pattern, { signal: new AbortController().signal, now: Date.now });
  const [bundle, names] = [join(folder, 'shared.json'), join(folder, 'names')];
  await writeFile(names, 'basket\n\nops.example\n');
  await expect(runIn('sender', {}, 'export', bundle)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect((await runIn('sender', {}, 'export', bundle, '--names', names)).output).toContain('1 patterns written');
  expect(await readFile(bundle, 'utf8')).not.toMatch(/basket|INC-1/);
  const trusted = join(folder, 'sender/bundle.pub');
  await expect(runIn('receiver', {}, 'import', bundle)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect((await runIn('receiver', {}, 'import', bundle, '--trust', trusted)).output).toContain('worked 1 of 1 times there, not yet here');
  expect((await runIn('receiver', {}, 'import', bundle, '--trust', trusted)).output).toContain('known already');
  await writeFile(bundle, (await readFile(bundle, 'utf8')).replace('T0-POD-001', 'T0-POD-002'));
  await expect(runIn('receiver', {}, 'import', bundle, '--trust', trusted)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
});

test('a merged pull request is asked of the forge: what was wrong, what it changed, whether it was taken back', async () => {
  const manifest = (limit: string) =>
    `kind: Deployment\nmetadata: { name: basket }\nspec: { template: { spec: { containers: [{ name: app, resources: { limits: { memory: ${limit} } } }] } } }\n`;
  const repository = await createTestRepository({ 'a.yaml': manifest('128Mi') });
  const server = await startForgeServer({ dialect: 'github', repository: repository.url });
  onTestFinished(async () => {
    await server.close();
    await repository.remove();
  });
  const forge = ['--forge', 'github', '--forge-project', server.fullName, '--forge-url', server.apiUrl, '--repository', repository.url];
  const token = { TIER0_FORGE_TOKEN: 'token-tier0' };
  const { hostedForge } = await import('../world/forge-from-options.ts');
  const client = hostedForge({ kind: 'github', project: server.fullName, url: server.apiUrl }, token.TIER0_FORGE_TOKEN);
  const context = { signal: new AbortController().signal, now: Date.now };
  const open = async (branch: string, limit: string, words: { readonly title: string; readonly body: string }) => {
    await repository.commit(branch, { 'a.yaml': manifest(limit) }, 'tier0');
    const draft = { key: createHash('sha256').update(branch).digest('hex'), author: 'tier0', sourceBranch: branch, targetBranch: 'main' };
    return (await client.create({ ...draft, ...words, labels: [], reviewers: [] }, context)).pullRequest.number;
  };
  const merge = async (number: number) => {
    const { headCommit } = await client.read(number, context);
    await client.status(headCommit, { context: 'tier0/gate', state: 'success', description: 'checked' }, context);
    await server.review(number, { reviewer: 'ada', state: 'approved', body: '' });
    await server.merge(number, 'ada');
  };
  const words = { title: 'More memory for the basket', body: 'It was killed at noon.\n\nCause: memory-limit-too-low' };
  const number = await open('more-memory', '256Mi', words);
  await expect(runIn('learner', token, 'learn', `${number}`, ...forge)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await merge(number);
  const learned = await runIn('learner', token, 'learn', `${number}`, ...forge, '--output', 'json');
  expect(JSON.parse(learned.output)).toMatchObject({
    wrong: expect.stringContaining('It was killed at noon.'),
    outcome: 'nobody said whether the symptom went (--resolved yes|no)',
    fields: [{ path: 'spec.template.spec.containers.*.resources.limits.memory', before: '128Mi', after: '256Mi' }],
    pattern: { title: words.title, signature: { cause: 'memory-limit-too-low' }, occurrences: [] },
  });
  await merge(await open('back', '128Mi', { title: `Revert "${words.title}"`, body: `Reverts ${server.fullName}#${number}` }));
  const again = await runIn('second-learner', token, 'learn', `${number}`, ...forge, '--output', 'json');
  expect(JSON.parse(again.output)).toMatchObject({
    outcome: 'a later pull request took it back',
    pattern: { occurrences: [{ succeeded: false }] },
  });
  await expect(runIn('learner', {}, 'learn', '1', ...forge)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

test('shadow mode shows what would have been approved beside what people did', async () => {
  expect((await run('shadow')).code).toBe(1);
  await mkdir(join(folder, 'duty/state'), { recursive: true });
  const at = '2026-11-20T00:00:00.000Z';
  const decision = {
    type: 'decision',
    at,
    team: 'shop',
    kind: 'image-tag-typo',
    failureBound: 0.009,
    level: 'propose',
    explanation: 'shop has seen 600 changes.',
  };
  const lines = [
    { ...decision, incident: 'inc-1', wouldAutoApprove: true },
    { type: 'outcome', incident: 'inc-1', at, decision: 'approved', succeeded: true },
    { ...decision, incident: 'inc-2', wouldAutoApprove: true },
    { type: 'outcome', incident: 'inc-2', at, decision: 'rejected' },
    { ...decision, incident: 'inc-3', wouldAutoApprove: false },
  ];
  await writeFile(join(folder, 'duty/state/shadow.jsonl'), `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"type":"half`);
  const { output } = await runIn('duty', {}, 'shadow');
  expect(output).toContain('inc-1  shop, image-tag-typo  yes  approved  symptom went\n');
  expect(output).toContain('inc-2  shop, image-tag-typo  yes  rejected  -\n');
  expect(output).toContain('inc-3  shop, image-tag-typo  no  open  -\n');
  expect(output).toContain(
    '2 would have been approved automatically; people approved 1 of them as they were, 1 went wrong or were not wanted.',
  );
});
