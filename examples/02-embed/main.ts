// tier0 inside another platform: who owns a workload, what does its failure reach, and what is wrong? No cluster, no API key, no configuration.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createDiagnostician, MATTERS, runRules } from '@tier0/agents';
import { createBackstageSource, createCmdb, createManifestsSource } from '@tier0/cmdb';
import { affectedWorkloads, formatItemId, kubernetesItemId } from '@tier0/core';

const recorded = join(import.meta.dirname, '../../scenarios/written/missing-config-key');
const context = { signal: AbortSignal.timeout(10_000), now: () => Date.parse('2026-03-17T08:40:00Z') };
const cluster = createManifestsSource({ directory: join(recorded, 'cluster'), cluster: 'production' });
const catalog = createBackstageSource({ file: join(recorded, 'repo/catalog/catalog-info.yaml') });
const cmdb = createCmdb({ sources: [cluster, catalog] });
const { failures } = await cmdb.refresh(context);
const reader = cmdb.reader();

const payment = kubernetesItemId({ cluster: 'production', namespace: 'shop', kind: 'Deployment', name: 'payment' });
const config = kubernetesItemId({ cluster: 'production', namespace: 'shop', kind: 'ConfigMap', name: 'payment-config' });
const owner = formatItemId(reader.owner(payment)?.team ?? 'nobody');
const reached = affectedWorkloads(reader.impact(payment)).map(formatItemId);
const { findings } = runRules(MATTERS, reader);
const { rootCauses } = await createDiagnostician().diagnose({ alerts: [], reader }, context);
console.log(`${formatItemId(payment)} is owned by ${owner}; its failure reaches ${reached.join(' and ')}.`);
for (const { code, subject, message } of findings) console.log(`  finding  ${code}  ${formatItemId(subject)}: ${message}`);
for (const { cause, message, confidence } of rootCauses) console.log(`  root cause  ${cause} (${confidence}): ${message}`);

assert.deepEqual(failures, []);
assert.equal(owner, 'group payments');
assert.deepEqual(reached, ['Deployment shop/checkout', 'Deployment shop/storefront']);
assert.deepEqual(
  rootCauses.map(({ cause, subject }) => [cause, subject]),
  [['configmap-key-missing', config]],
);
