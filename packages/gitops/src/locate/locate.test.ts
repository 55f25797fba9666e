import { type CmdbReader, type ItemEdit, parseFieldPath } from '@tier0/core';
import { describeLocator, testContext } from '@tier0/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { createTestRepository, type TestRepository } from '../testing/repository.ts';
import { createLocator } from './locate.ts';

const opened: TestRepository[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((repository) => repository.remove()));
});

async function locatorOver(files: Readonly<Record<string, string>>) {
  const repository = await createTestRepository(files);
  opened.push(repository);
  return createLocator({ mirror: repository.newMirror(), branch: 'main' });
}

describeLocator('git', locatorOver);

const READER = { object: () => ({ apiVersion: 'apps/v1' }) } as unknown as CmdbReader;
const BASE = `apiVersion: apps/v1
kind: Deployment
metadata: {name: payment}
spec:
  template:
    spec:
      containers:
        - name: payment
          image: shop/payment:1.0.0
          resources: {limits: {memory: 512Mi, cpu: 1}}
`;
const MEMORY = 'spec.template.spec.containers[name=payment].resources.limits.memory';
const IMAGE = 'spec.template.spec.containers[name=payment].image';

async function locate(files: Readonly<Record<string, string>>, path: string, change: Partial<ItemEdit>) {
  const edit = {
    item: 'kubernetes:c/shop/Deployment/payment',
    fieldPath: parseFieldPath(path),
    expectOld: '512Mi',
    value: '1Gi',
    ...change,
  };
  return (await locatorOver(files)).locate({ edit, reader: READER }, testContext());
}

describe('kustomize', () => {
  const base = { 'base/kustomization.yaml': 'resources: [payment.yaml]\n', 'base/payment.yaml': BASE };
  const overlay = (rest: string, folder = 'production', namespace = 'shop') => ({
    [`${folder}/kustomization.yaml`]: `namespace: ${namespace}\nresources:\n  - ../base\n${rest}`,
  });

  test('the namespace of the overlay names the item, and the base declares the field', async () => {
    expect(await locate({ ...base, ...overlay('') }, MEMORY, {})).toMatchObject({ status: 'found', edit: { file: 'base/payment.yaml' } });
  });

  test('a name prefix is taken off', async () => {
    const item = 'kubernetes:c/shop/Deployment/eu-payment';
    expect(await locate({ ...base, ...overlay('namePrefix: eu-\n') }, MEMORY, { item })).toMatchObject({ status: 'found' });
    expect(await locate({ ...base, ...overlay('namePrefix: eu-\n') }, MEMORY, {})).toMatchObject({ status: 'not-found' });
  });

  test('a base that two overlays share is not changed for one of them: the overlay says it anew', async () => {
    const files = { ...base, ...overlay(''), ...overlay('', 'staging', 'staging') };
    const found = await locate(files, MEMORY, {});
    expect(found).toMatchObject({
      status: 'found',
      reason: expect.stringContaining('shared by production/kustomization.yaml and staging/kustomization.yaml'),
      edit: { file: 'production/kustomization.yaml', path: ['patches', 0], value: { target: { kind: 'Deployment', name: 'payment' } } },
    });
    expect(await locate(files, IMAGE, { expectOld: 'shop/payment:1.0.0', value: 'shop/payment:1.0.1' })).toMatchObject({
      edit: { path: ['images', { key: 'name', value: 'shop/payment' }], value: { newTag: '1.0.1' } },
    });
    expect(await locate(files, 'spec.replicas', { expectOld: 1, value: 2 })).toMatchObject({
      edit: { path: ['replicas', { key: 'name', value: 'payment' }, 'count'], value: 2 },
    });
  });

  test('a patch file that sets the field is where it is changed', async () => {
    const patch = BASE.replace('512Mi', '2Gi').replace(/ +image.*\n/, '');
    const files = {
      ...base,
      ...overlay('patches:\n  - path: memory.yaml\n'),
      'production/memory.yaml': patch,
      ...overlay('', 'staging', 'staging'),
    };
    expect(await locate(files, MEMORY, { expectOld: '2Gi', value: '3Gi' })).toMatchObject({
      status: 'found',
      edit: { file: 'production/memory.yaml' },
    });
  });

  test('a patch written inside the kustomization is refused, not guessed', async () => {
    const inline =
      'patches:\n  - target: {kind: Deployment}\n    patch: |-\n      - op: replace\n        path: /spec/template/spec/containers/0/resources/limits/memory\n        value: 512Mi\n';
    expect(await locate({ ...base, ...overlay(inline) }, MEMORY, {})).toMatchObject({
      status: 'ambiguous',
      reason: expect.stringContaining('production/kustomization.yaml'),
    });
  });

  test('`images` decides about the tag', async () => {
    const files = { ...base, ...overlay('images:\n  - name: shop/payment\n    newTag: 1.2.0\n') };
    const edit = { expectOld: 'shop/payment:1.2.0', value: 'shop/payment:1.1.9' };
    expect(await locate(files, IMAGE, edit)).toMatchObject({
      status: 'found',
      edit: {
        file: 'production/kustomization.yaml',
        path: ['images', { key: 'name', value: 'shop/payment' }, 'newTag'],
        expectOld: '1.2.0',
        value: '1.1.9',
      },
    });
    expect(await locate(files, IMAGE, { ...edit, value: 'other/payment:1' })).toMatchObject({ status: 'ambiguous' });
    expect(await locate(files, IMAGE, { ...edit, expectOld: 'shop/payment:7' })).toMatchObject({ status: 'drifted' });
  });
});

describe('what the API server writes differently', () => {
  test("an equal quantity is no drift, and the file's own spelling is what the edit expects", async () => {
    const cpu = MEMORY.replace('memory', 'cpu');
    expect(await locate({ 'a.yaml': BASE }, cpu, { expectOld: '1', value: '2' })).toMatchObject({
      status: 'found',
      edit: { expectOld: 1 },
    });
  });

  test('a default that the manifest leaves out is no drift', async () => {
    const found = await locate({ 'a.yaml': BASE }, 'spec.replicas', { expectOld: 1, value: 2 });
    expect(found).toMatchObject({ status: 'found', edit: { value: 2 } });
    expect(found.status === 'found' && 'expectOld' in found.edit).toBe(false);
  });

  test('an object of another API group is another object', async () => {
    expect((await locate({ 'a.yaml': BASE.replace('apps/v1', 'example.com/v1') }, MEMORY, {})).status).toBe('not-found');
  });

  test('an object inside a List is edited inside the List', async () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n  - ${BASE.trimEnd().replaceAll('\n', '\n    ')}\n`;
    expect(await locate({ 'a.yaml': list }, MEMORY, {})).toMatchObject({
      status: 'found',
      edit: { path: ['items', 0, ...parseFieldPath(MEMORY)] },
    });
  });
});
