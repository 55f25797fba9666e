import { type CallContext, parseKubernetesItemId } from '@tier0/core';
import { testContext } from '@tier0/core/testing';
import { afterEach, expect, test } from 'vitest';
import type { Mirror } from '../git/mirror.ts';
import { createTestRepository, type TestRepository } from '../testing/repository.ts';
import { createRepositoryReader } from './repository.ts';

const opened: TestRepository[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((repository) => repository.remove()));
});

function identityOf(name: string) {
  const identity = parseKubernetesItemId(`kubernetes:c/shop/Deployment/${name}`);
  if (!identity) throw new Error(name);
  return identity;
}

function deployment(name: string, replicas: number): string {
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}, namespace: shop}\nspec: {replicas: ${replicas}}\n`;
}

/** A mirror that counts how often contents are asked of it. */
function counting(mirror: Mirror) {
  const asked = { contents: 0 };
  const readBlobs = (blobs: readonly string[], context: CallContext) => {
    asked.contents++;
    return mirror.readBlobs(blobs, context);
  };
  return { asked, mirror: { ...mirror, readBlobs } };
}

test('a commit is read once for all items, and a new commit anew', async () => {
  const repository = await createTestRepository({ 'cart.yaml': deployment('cart', 1), 'web.yaml': deployment('web', 1) });
  opened.push(repository);
  const { asked, mirror } = counting(repository.newMirror());
  const reader = createRepositoryReader(mirror);
  const context = testContext();
  const read = async (name: string) => {
    await mirror.fetch(context);
    return reader.read((await mirror.resolve('main', context)) ?? '', identityOf(name), context);
  };

  const cart = await read('cart');
  const web = await read('web');
  expect(asked.contents).toBe(1);
  expect([cart, web].map(({ reading }) => reading.manifests.map(({ file }) => file))).toEqual([['cart.yaml'], ['web.yaml']]);
  expect((await read('cart')).reading.manifests[0]).toBe(cart.reading.manifests[0]);

  await repository.commit('main', { 'cart.yaml': deployment('cart', 2) });
  const later = await read('cart');
  expect(asked.contents).toBe(2);
  expect(later.reading.manifests[0]?.object.spec).toEqual({ replicas: 2 });
});
