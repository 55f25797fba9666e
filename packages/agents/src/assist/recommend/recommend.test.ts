import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { createScriptedModel } from '../../models/scripted.ts';
import { createMemoryPatternLibrary } from '../../patterns/memory.ts';
import { readIntent } from './read-intent.ts';
import { recommend, type Wish } from './recommend.ts';
import type { BlueprintObject } from './render.ts';

const context = testContext(Date.parse('2026-11-22T12:00:00Z'));
const fine: Wish['validate'] = async () => [];
const WEB = 'a web service called payment from image r.example.com/payment:1.4.2 on port 8080';

test.each([
  [WEB, { workload: 'web', name: 'payment', namespace: 'default', image: 'r.example.com/payment:1.4.2', port: 8080 }],
  [
    `We need ${WEB} in namespace shop, for team payments, at shop.example.com, health check /ready, with 2 to 6 replicas.`,
    { host: 'shop.example.com', team: 'payments', namespace: 'shop', health: '/ready', replicas: 2, maxReplicas: 6 },
  ],
  ['Run the image ghcr.io/a/mailer:3 as a worker named mailer with 3 replicas', { workload: 'worker', name: 'mailer', replicas: 3 }],
  ['a job called import with image i:1', { workload: 'job', name: 'import' }],
  ['a cron job called tidy with image i:1 every 15 minutes', { workload: 'schedule', schedule: '*/15 * * * *' }],
  ['a backup called keep with image i:1 every night at 3:05', { workload: 'schedule', schedule: '5 3 * * *' }],
  ['a database called ledger with image pg:17 on port 5432 and 10Gi of storage', { workload: 'store', storage: '10Gi' }],
])('%s', (words, expected) => {
  expect(readIntent(words)).toMatchObject({ state: 'read', intent: expected, unread: [] });
});

test.each([
  ['nothing to run', 'hello there', /image/],
  ['no version', 'a web service called a from image r.io/a on port 80', /version/],
  ['latest', 'a web service called a from image r.io/a:latest on port 80', /version/],
  ['no port', 'a web service called a from image r.io/a:1', /port/],
  ['a store that keeps nothing', 'a database called a from image r.io/a:1 on port 1', /storage/],
  ['a job with replicas', 'a job called a from image r.io/a:1 with 3 replicas', /replicas/],
  ['a scale that does not grow', 'a worker called a from image r.io/a:1 with 3 replicas up to 3 replicas', /maxReplicas/],
  ['a port that is none', 'a web service called a from image r.io/a:1 on port 99999', /port/],
])('%s is not clear, and says why', (_, words, problem) => {
  const reading = readIntent(words);
  expect(reading.state).toBe('unclear');
  if (reading.state === 'unclear') expect(reading.problems.join('; ')).toMatch(problem);
});

test('words without effect are said to be without effect', async () => {
  const found = await recommend({ text: `${WEB} without internet access`, validate: fine }, context);
  expect(found).toMatchObject({
    state: 'recommended',
    assumptions: [expect.stringContaining('without internet access'), ...Array(5).fill(expect.anything())],
  });
});

test('what is refused is not shown', async () => {
  const found = await recommend({ text: WEB, validate: async () => ['Deployment/payment: no'] }, context);
  expect(found).toEqual({ state: 'refused', intent: expect.anything(), flaws: ['Deployment/payment: no'] });
});

test('a blueprint of the organisation and its house style replace ours; a fact is a value and never a part of YAML', async () => {
  const job: readonly BlueprintObject[] = [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: '$(name)', namespace: '$(namespace)' },
      data: { image: 'is $(image)', port: '$(port)' },
    },
    { $when: ['storage'], apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: '$(name)' } },
  ];
  const house = { labels: { 'cost-centre': '$(team)', by: 'house' }, defaults: { team: 'ops', namespace: 'batch', replicas: 5 } };
  const found = await recommend({ text: 'a job called import with image i:1', validate: fine, blueprints: { job }, house }, context);
  expect(found).toMatchObject({ state: 'recommended', intent: { team: 'ops', namespace: 'batch' } });
  if (found.state !== 'recommended') return;
  expect(found.objects).toEqual([
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'import', namespace: 'batch', labels: { 'cost-centre': 'ops', by: 'house' } },
      data: { image: 'is i:1' },
    },
  ]);
});

test('sizes of metrics are written, with what they rest on', async () => {
  const size = { memoryRequest: 2 ** 27, memoryLimit: 2 ** 28, cpuRequest: 0.25, days: 5, notes: ['memory grows'] };
  const found = await recommend({ text: WEB, validate: fine, size }, context);
  if (found.state !== 'recommended') throw new Error(found.state);
  expect(found.yaml).toContain('memory: 256Mi');
  expect(found.yaml).toContain('cpu: 250m');
  expect(found.assumptions).toEqual(expect.arrayContaining(['memory grows', 'requests and limits rest on 5 days']));
});

test('what is known about the software is said', async () => {
  const signature = { cause: 'memory-limit-too-low' as const, software: 'paykit', versions: '>=3.2.0 <3.2.9', keywords: [] };
  const leak = { id: 'p-7', title: 'It leaks', signature, remedy: 'raise-limit', parameters: {}, fix: 'take 3.2.9', occurrences: [] };
  const patterns = createMemoryPatternLibrary({ patterns: [leak] });
  const knownOf = async (version: string) => {
    const found = await recommend({ text: `a worker called a from image r.io/paykit:${version}`, validate: fine, patterns }, context);
    return found.state === 'recommended' ? found.known : [];
  };
  expect(await knownOf('3.2.4')).toEqual(['p-7: It leaks (take 3.2.9)']);
  expect(await knownOf('3.2.9')).toEqual([]);
});

test('a model orders what was said; what it adds is not believed', async () => {
  const said = 'please host r.io/shop:7 for the shop thing, it listens at 9000';
  const intent = { workload: 'web', name: 'shop', image: 'r.io/shop:7', port: 9000 };
  const model = (answer: object) => createScriptedModel({ replies: () => JSON.stringify(answer) });
  const read = await recommend({ text: said, validate: fine, model: model(intent), house: { defaults: { namespace: 'web' } } }, context);
  expect(read).toMatchObject({ state: 'recommended', readBy: 'model', intent: { ...intent, namespace: 'web' } });
  for (const wrong of [{ image: 'evil.io/shop:7' }, { host: 'evil.example.com' }, { name: 'other' }]) {
    const found = await recommend({ text: said, validate: fine, model: model({ ...intent, ...wrong }) }, context);
    expect(found).toMatchObject({ state: 'unclear', problems: [expect.stringContaining('not said')] });
  }
});
