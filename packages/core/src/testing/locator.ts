import { describe, expect, test } from 'vitest';
import { parseFieldPath } from '../model/field-path.ts';
import type { ItemEdit } from '../model/item-edit.ts';
import type { CmdbReader } from '../ports/cmdb-reader.ts';
import type { Location, Locator } from '../ports/locator.ts';
import { testContext } from './call-context.ts';

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: payment
  namespace: shop
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: payment
          image: shop/payment:1.0.0
          resources:
            limits: {memory: 512Mi}
`;

/** A reader that knows no objects: locating must not depend on them. */
const EMPTY_READER = { object: () => undefined } as unknown as CmdbReader;

function memoryEdit(change: Partial<ItemEdit> = {}): ItemEdit {
  return {
    item: 'kubernetes:production/shop/Deployment/payment',
    fieldPath: parseFieldPath('spec.template.spec.containers[name=payment].resources.limits.memory'),
    expectOld: '512Mi',
    value: '1Gi',
    ...change,
  };
}

/** What every `Locator` must do. `make` returns a locator over a repository that holds exactly these files. */
export function describeLocator(name: string, make: (files: Readonly<Record<string, string>>) => Promise<Locator>): void {
  const locate = async (files: Readonly<Record<string, string>>, edit = memoryEdit()): Promise<Location> =>
    (await make(files)).locate({ edit, reader: EMPTY_READER }, testContext());

  describe(`Locator contract: ${name}`, () => {
    test('finds the one document that declares the item', async () => {
      const other = DEPLOYMENT.replaceAll('payment', 'checkout');
      const location = await locate({ 'apps/shop.yaml': `${other}---\n${DEPLOYMENT}`, 'README.md': 'payment' });
      expect(location).toMatchObject({ status: 'found', edit: { file: 'apps/shop.yaml', document: 1, expectOld: '512Mi', value: '1Gi' } });
    });

    test('says drifted when the file says something else', async () => {
      const location = await locate({ 'payment.yaml': DEPLOYMENT.replace('512Mi', '256Mi') });
      expect(location).toMatchObject({ status: 'drifted', found: expect.stringContaining('256Mi') });
    });

    test('refuses to choose between two declarations', async () => {
      const location = await locate({ 'a.yaml': DEPLOYMENT, 'b.yaml': DEPLOYMENT });
      expect(location).toMatchObject({
        status: 'ambiguous',
        candidates: [expect.stringContaining('a.yaml'), expect.stringContaining('b.yaml')],
      });
    });

    test('another name, kind or namespace is not it', async () => {
      const files = { 'a.yaml': DEPLOYMENT };
      for (const item of ['Deployment/payments', 'StatefulSet/payment'].map((rest) => `kubernetes:production/shop/${rest}`)) {
        expect((await locate(files, memoryEdit({ item }))).status).toBe('not-found');
      }
      expect((await locate(files, memoryEdit({ item: 'kubernetes:production/staging/Deployment/payment' }))).status).toBe('not-found');
      expect((await locate(files, memoryEdit({ item: 'backstage:component:default/payment' }))).status).toBe('not-found');
    });

    test('a file that cannot be read is named when nothing is found', async () => {
      const location = await locate({ 'broken.yaml': 'kind: Deployment\n  name: payment\n' });
      expect(location).toMatchObject({ status: 'not-found', reason: expect.stringContaining('broken.yaml') });
    });
  });
}
