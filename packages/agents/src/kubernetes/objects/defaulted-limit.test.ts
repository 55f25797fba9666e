import { formatItemId } from '@tier0/core';
import { expect, test } from 'vitest';
import { examineCluster } from '../../diagnosis/examine.ts';
import {
  crashing,
  event,
  madeCluster,
  minutesAgo,
  node,
  object,
  ownedBy,
  type Part,
  pod,
  UNREADY,
  web,
} from '../../fixtures/made-cluster.ts';
import { findingOf } from '../../remedy/choose.ts';
import { raiseMemory } from '../start/resources.ts';

const range = (limit: Part, atMinutes: number, type = 'Container') =>
  object('LimitRange', 'defaults', { metadata: { creationTimestamp: minutesAgo(atMinutes) }, spec: { limits: [{ type, ...limit }] } });
const NOTE = {
  'kubernetes.io/limit-ranger': 'LimitRanger plugin set: cpu, memory request for container app; memory limit for container app',
};
const killedAt = (memory: string, annotations: Part = NOTE) =>
  pod('p', {
    container: { resources: { limits: { memory } } },
    status: crashing(137, 'OOMKilled'),
    metadata: { annotations, ...ownedBy('ReplicaSet', 'web-1') },
  });
const MEMORY = { default: { memory: '40Mi' } };

async function examined(objects: readonly Part[]) {
  const reader = await madeCluster([node('node-a'), ...objects]);
  const found = await examineCluster(reader, {}, { signal: AbortSignal.timeout(10_000), now: Date.now });
  const [first] = found.causes;
  return { reader, ...found, first };
}

async function said(objects: readonly Part[]): Promise<string> {
  const { first, causes } = await examined(objects);
  expect(causes.length).toBe(1);
  return `${first?.rootCause.cause} ${formatItemId(first?.rootCause.subject ?? '')}: ${first?.rootCause.message}`;
}

const AT_RANGE = /^memory-limit-too-low LimitRange ns\/defaults: .*40Mi, which the template does not name: LimitRange defaults gives it/;
const AT_WEB = /^memory-limit-too-low Deployment ns\/web: /;

test('a container killed at a limit that a young LimitRange gave it is about the LimitRange', async () => {
  expect(await said([...web(), range(MEMORY, 12), killedAt('40Mi')])).toMatch(AT_RANGE);
  // The note of admission may be gone; template and pod tell it as well, in whatever unit.
  expect(await said([...web(), range({ default: { memory: '40960Ki' } }, 12), killedAt('40Mi', {})])).toMatch(AT_RANGE);
  // Changed, not made.
  const changed = range(MEMORY, 9000);
  const managed = { ...(changed.metadata as Part), managedFields: [{ manager: 'kubectl', time: minutesAgo(12) }] };
  expect(await said([...web(), { ...changed, metadata: managed }, killedAt('40Mi')])).toMatch(AT_RANGE);
});

test('what only looks like it stays with the workload', async () => {
  const own = { containers: [{ name: 'app', image: 'registry.example/web:1', resources: { limits: { memory: '40Mi' } } }] };
  const named = await said([...web(own), range(MEMORY, 12), killedAt('40Mi', {})]);
  expect(named).toMatch(AT_WEB);
  expect(named).not.toMatch(/LimitRange/);
  // Older than the workload: it lives with this default, and the memory grew.
  expect(await said([...web(), range(MEMORY, 9000), killedAt('40Mi')])).toMatch(
    /^memory-limit-too-low Deployment .*LimitRange defaults gives it/,
  );
  // Made after the pod: it has its limit from somebody else.
  expect(await said([...web(), range(MEMORY, 5), killedAt('40Mi')])).toMatch(AT_WEB);
  // The note speaks of the request only, and no range gives such a limit.
  const request = { 'kubernetes.io/limit-ranger': 'LimitRanger plugin set: memory request for container app' };
  expect(await said([...web(), range({ default: { memory: '80Mi' } }, 12), killedAt('40Mi', request)])).not.toMatch(/LimitRange/);
  expect(await said([...web(), range(MEMORY, 12, 'Pod'), killedAt('40Mi', {})])).not.toMatch(/LimitRange/);
});

test('a processor share and local storage that a LimitRange gave are told at it too', async () => {
  const starved = pod('p', {
    container: { readinessProbe: { httpGet: { path: '/', port: 80 } }, resources: { limits: { cpu: '10m' } } },
    status: UNREADY,
  });
  const late = event('p', 'Unhealthy', 'Readiness probe failed: Get "http://10.0.0.1:80/": context deadline exceeded');
  expect(await said([...web(), range({ default: { cpu: '10m' } }, 12), starved, late])).toMatch(
    /^cpu-limit-too-low LimitRange ns\/defaults: /,
  );
  const full = pod('p', {
    container: { resources: { limits: { 'ephemeral-storage': '20Mi' } } },
    podStatus: {
      phase: 'Failed',
      reason: 'Evicted',
      message: 'Container app exceeded its local ephemeral storage limit "20Mi". ',
      conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: minutesAgo(1) }],
    },
  });
  expect(await said([...web(), range({ default: { 'ephemeral-storage': '20Mi' } }, 12), full])).toMatch(
    /^ephemeral-storage-exhausted LimitRange ns\/defaults: /,
  );
});

test('the workload is offered a limit of its own', async () => {
  const { reader, findings, first } = await examined([...web(), range(MEMORY, 12), killedAt('40Mi')]);
  const finding = findingOf(findings, first?.rootCause.finding);
  const offered = first && finding ? raiseMemory({ reader, rootCause: first.rootCause, finding }) : [];
  expect(offered.map(({ title }) => title)).toEqual(['Give web/app a memory limit of its own: 80Mi in place of the default of 40Mi']);
  expect(offered[0]?.edits.map(({ item }) => formatItemId(item))).toEqual(['Deployment ns/web']);
});
