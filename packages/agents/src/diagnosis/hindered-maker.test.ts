import { type Finding, formatItemId, kubernetesItemId } from '@tier0/core';
import { expect, test } from 'vitest';
import { madeCluster, object, type Part } from '../fixtures/made-cluster.ts';
import { withHinderedMakers } from './hindered-maker.ts';

const id = (kind: string, name: string, namespace = 'ns') => kubernetesItemId({ cluster: 'made', namespace, kind, name });
const flux = (kind: string, name: string, group: string, rest: Part) =>
  object(kind, name, { apiVersion: `${group}.toolkit.fluxcd.io/v1`, ...rest });
const NOT_READY = { conditions: [{ type: 'Ready', status: 'False', reason: 'ArtifactFailed' }] };

async function suspects(objects: readonly Part[], others: readonly Partial<Finding>[]): Promise<readonly string[]> {
  const missing = { code: 'T0-POD-008', severity: 'fault', subject: id('Secret', 'db') };
  const [first] = withHinderedMakers([missing, ...others] as unknown as readonly Finding[], await madeCluster(objects));
  return (first?.suspects ?? []).map(formatItemId);
}

const refusal = (facts: Part): Partial<Finding> => ({
  code: 'T0-LOG-008',
  severity: 'fault',
  subject: id('Role', 'operator'),
  facts: facts as never,
});

test('who may not make objects of that kind there is why one is missing', async () => {
  expect(await suspects([], [refusal({ verb: 'create', resource: 'secrets', namespace: 'ns' })])).toEqual(['Role ns/operator']);
  expect(await suspects([], [refusal({ verb: 'list', resource: 'secrets', namespace: 'ns' })])).toEqual([]);
  expect(await suspects([], [refusal({ verb: 'create', resource: 'configmaps', namespace: 'ns' })])).toEqual([]);
  expect(await suspects([], [refusal({ verb: 'create', resource: 'secrets', namespace: 'other' })])).toEqual([]);
});

test('so is a delivery into that namespace that is held up, with its source and what it waits for', async () => {
  const source = { sourceRef: { kind: 'GitRepository', name: 'fleet' } };
  const infra = flux('Kustomization', 'infra', 'kustomize', { spec: source, status: NOT_READY });
  const apps = flux('Kustomization', 'apps', 'kustomize', { spec: { ...source, dependsOn: [{ name: 'infra' }] }, status: NOT_READY });
  expect(await suspects([infra, apps], [])).toEqual(
    expect.arrayContaining(['GitRepository ns/fleet', 'Kustomization ns/apps', 'Kustomization ns/infra']),
  );
  const elsewhere = flux('Kustomization', 'apps', 'kustomize', { spec: { ...source, targetNamespace: 'other' }, status: NOT_READY });
  expect(await suspects([elsewhere], [])).toEqual([]);
  const ready = flux('Kustomization', 'apps', 'kustomize', { spec: source, status: { conditions: [{ type: 'Ready', status: 'True' }] } });
  expect(await suspects([ready], [])).toEqual([]);
});
