import { expect, test } from 'vitest';
import type { KubernetesObject } from './kubernetes-object.ts';
import { withoutSecretValues } from './secret-metadata.ts';

const written = (manager: string, fieldsV1: object) => ({
  manager,
  operation: 'Update',
  apiVersion: 'v1',
  time: '2026-03-20T08:00:00Z',
  fieldsV1,
});

test('of a Secret the keys are kept, who wrote them when, and no value', () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'login',
      namespace: 'shop',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"password":"aHVudGVyMg=="}}' },
      managedFields: [
        written('kubectl', { 'f:data': { '.': {}, 'f:password': {} }, 'f:type': {} }),
        written('controller', { 'f:metadata': { 'f:annotations': { 'f:value-of-hunter2': {} } } }),
      ],
    },
    type: 'Opaque',
    data: { password: 'aHVudGVyMg==' },
  } as unknown as KubernetesObject;
  const kept = withoutSecretValues(secret);
  expect(kept).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'login',
      namespace: 'shop',
      managedFields: [
        { manager: 'kubectl', operation: 'Update', time: '2026-03-20T08:00:00Z', fieldsV1: { 'f:data': { 'f:password': {} } } },
      ],
    },
    type: 'Opaque',
    data: { password: null },
  });
  expect(JSON.stringify(kept)).not.toMatch(/hunter2|aHVudGVy/);
});

test('a Secret without managed fields, or with damaged ones, stays without', () => {
  for (const managedFields of [undefined, 'x', [null, 3, {}]]) {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', managedFields }, data: {} } as unknown as KubernetesObject;
    expect(withoutSecretValues(secret).metadata).toEqual({ name: 'a' });
  }
});
