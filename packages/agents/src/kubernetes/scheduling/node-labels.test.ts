import { formatItemId } from '@tier0/core';
import { expect, test } from 'vitest';
import { examineCluster } from '../../diagnosis/examine.ts';
import { madeCluster, minutesAgo, node, type Part, pod, web } from '../../fixtures/made-cluster.ts';
import { findingOf, remediesFor } from '../../remedy/choose.ts';
import { rehearseRemedy } from '../../remedy/rehearse.ts';
import { MATTERS } from '../matters.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const insists = (operator: string, values: readonly string[]) => ({
  affinity: { nodeAffinity: { [REQUIRED]: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'acme.io/pool', operator, values }] }] } } },
});
const TOLD = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
const containers = [{ name: 'app', image: 'registry.example/web:1' }];
const pending = (spec: Part) =>
  pod('new', {
    spec: { nodeName: undefined, containers, ...spec },
    podStatus: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: TOLD, lastTransitionTime: minutesAgo(9) }],
    },
  });
const running = (spec: Part) =>
  pod('old', { spec: { nodeName: 'node-a', containers, ...spec }, podStatus: { conditions: [{ type: 'Ready', status: 'True' }] } });

async function waits(template: Part, labels: Part, pods: readonly Part[]) {
  const reader = await madeCluster([node('node-a', { labels }), ...web({ containers, ...template }), ...pods]);
  const { findings, causes } = await examineCluster(reader, {}, { signal: AbortSignal.timeout(10_000), now: Date.now });
  const finding = findingOf(findings, causes[0]?.rootCause.finding);
  const rootCause = causes[0]?.rootCause;
  const remedies = rootCause && finding ? remediesFor({ reader, rootCause, finding }, MATTERS) : [];
  const passed = remedies.filter((remedy) => finding && rehearseRemedy({ matters: MATTERS, reader, remedy, finding }).passed);
  return { message: rootCause?.message ?? '', offered: remedies.map(({ id }) => id), passed };
}

test('what is asked for and what the nodes have is told, and the label that was taken away is given back first', async () => {
  const rule = insists('In', ['ingest']);
  const { message, passed } = await waits(rule, { 'acme.io/pool': 'ingest-v2' }, [pending(rule), running(rule)]);
  expect(message).toMatch(/it asks for acme\.io\/pool ingest, nodes have ingest-v2; node-a lost acme\.io\/pool=ingest since pods of it/);
  expect(passed.map(({ id, edits }) => `${id} ${formatItemId(edits[0]?.item ?? '')}`)[0]).toBe('restore-node-label Node node-a');
  expect(passed.map(({ title }) => title).join()).not.toMatch(/neighbour/);
});

test('a node selector is told in the same way', async () => {
  const rule = { nodeSelector: { 'acme.io/pool': 'ingest' } };
  const { message, offered } = await waits(rule, {}, [pending(rule), running(rule)]);
  expect(message).toMatch(/it asks for acme\.io\/pool ingest, no node has this label; node-a lost acme\.io\/pool=ingest/);
  expect(offered).toContain('restore-node-label');
});

test('where no pod was placed by the label, nobody took it away', async () => {
  const rule = insists('In', ['ingest', 'spare']);
  const { message, offered } = await waits(rule, { 'acme.io/pool': 'web' }, [pending(rule)]);
  expect(message).toMatch(/it asks for acme\.io\/pool ingest or spare, nodes have web/);
  expect(message).not.toMatch(/lost/);
  expect(offered).not.toContain('restore-node-label');
  expect(offered).toContain('prefer-node-affinity');
  expect((await waits(insists('Exists', []), {}, [pending(insists('Exists', []))])).message).toMatch(
    /asks for acme\.io\/pool Exists, no node has/,
  );
});

test('a pod that waits for a label which a node has by now is placed in a moment', async () => {
  const rule = insists('In', ['ingest']);
  expect((await waits(rule, { 'acme.io/pool': 'ingest' }, [pending(rule)])).message).not.toMatch(/affinity/);
});
