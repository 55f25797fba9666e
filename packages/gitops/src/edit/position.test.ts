import { parseFieldPath } from '@tier0/core';
import { expect, test } from 'vitest';
import { regionOf } from './position.ts';

const TEXT = `# first
kind: A
---
kind: B
spec:
  containers:
    - name: web
      image: "x:1" # pinned
  text: |
    one
    two
  flow: {a: [1, 2]}
`;

/** The text of a region, as a reader of lines and columns would take it. */
function quoted(path: string, document = 1): string {
  const region = regionOf(TEXT, { document, path: parseFieldPath(path) });
  if (!region) return 'nothing';
  const lines = TEXT.split('\n').slice(region.startLine - 1, region.endLine);
  lines[lines.length - 1] = (lines.at(-1) ?? '').slice(0, region.endColumn - 1);
  lines[0] = (lines[0] ?? '').slice(region.startColumn - 1);
  return lines.join('\n');
}

test.each([
  ['kind', 'B'],
  ['spec.containers[name=web].image', '"x:1"'],
  ['spec.containers[0].name', 'web'],
  ['spec.text', '|\n    one\n    two'],
  ['spec.flow.a[1]', '2'],
  ['spec.flow', '{a: [1, 2]}'],
])('%s stands where it is written', (path, text) => expect(quoted(path)).toBe(text));

test('what is not written stands where it would be', () => {
  expect(quoted('spec.containers[name=web].resources.limits')).toBe('name: web\n      image: "x:1" # pinned');
  expect(quoted('kind', 7)).toBe('nothing');
  expect(regionOf('a: [', { document: 0, path: ['a'] })).toBeUndefined();
});

test('a text that begins with a byte order mark counts as editors count', () => {
  expect(regionOf('\uFEFFkind: A\n', { document: 0, path: ['kind'] })).toMatchObject({ startLine: 1, startColumn: 7 });
});
