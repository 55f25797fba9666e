import type { FileEdit, JsonValue } from '@tier0/core';
import { expect, test } from 'vitest';
import { rehearsedFlaws } from './rehearsed-edits.ts';

const flaws = (edit: Pick<FileEdit, 'expectOld' | 'value'>, value: JsonValue | undefined) =>
  rehearsedFlaws(
    [{ repository: 'r', file: 'web.yaml', document: 0, path: ['spec', 'x'], ...edit }],
    [{ item: 'i', fieldPath: ['spec', 'x'], ...(value === undefined ? {} : { value }) }],
  );

test.each<readonly [string, Pick<FileEdit, 'expectOld' | 'value'>, JsonValue | undefined]>([
  ['the same value', { expectOld: '256Mi', value: '512Mi' }, '512Mi'],
  ['a map in another order', { value: { b: 1, a: [2] } }, { a: [2], b: 1 }],
  ['a field that goes', { expectOld: 'x' }, undefined],
  ['the tag of an image', { expectOld: '1.0.0', value: '1.0.1' }, 'registry.example/shop/web:1.0.1'],
  ['the digest of an image', { value: 'sha256:abc' }, 'registry.example/shop/web@sha256:abc'],
  ['an image with the name that it replaces', { value: 'web=registry.example/web:2' }, 'registry.example/web:2'],
  ['an entry of kustomize images', { value: { name: 'web', newTag: '2' } }, 'registry.example/web:2'],
  [
    'a field within a patch',
    { value: { target: { kind: 'Deployment' }, patch: '- op: replace\n  path: /spec/replicas\n  value: 3\n' } },
    3,
  ],
  ['a field within values in a text', { expectOld: 'replicas: 1\nother: 2\n', value: 'replicas: 3\nother: 2\n' }, 3],
])('%s is what was rehearsed', (_title, edit, wanted) => {
  expect(flaws(edit, wanted)).toEqual([]);
});

test.each<readonly [string, Pick<FileEdit, 'expectOld' | 'value'>, JsonValue | undefined]>([
  ['another number', { expectOld: '256Mi', value: '136Mi' }, '512Mi'],
  ['another type', { value: '3' }, 3],
  ['another tag', { expectOld: '1.0.0', value: '1.0.2' }, 'registry.example/shop/web:1.0.1'],
  ['a part of the tag', { value: '1' }, 'registry.example/shop/web:1.0.1'],
  ['another image altogether', { value: 'evil.example/web:1.0.1' }, 'registry.example/shop/web:1.0.1'],
  ['a value that stays although it was to go', { expectOld: 'x', value: 'y' }, undefined],
  ['a field that goes although it was to stay', { expectOld: 'x' }, 'y'],
  ['another number within a patch', { value: { patch: '- op: replace\n  path: /spec/replicas\n  value: 30\n' } }, 3],
  ['less than all of it', { value: { a: 1 } }, { a: 1, b: 2 }],
])('%s is not what was rehearsed', (_title, edit, wanted) => {
  expect(flaws(edit, wanted)).toHaveLength(1);
});
