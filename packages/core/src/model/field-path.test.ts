import { expect, test } from 'vitest';
import { type FieldPath, formatFieldPath, parseFieldPath, readField, writeField } from './field-path.ts';

const paths: readonly [string, FieldPath][] = [
  ['spec.replicas', ['spec', 'replicas']],
  ['spec.containers[name=payment].image', ['spec', 'containers', { key: 'name', value: 'payment' }, 'image']],
  ['metadata.annotations["a.b/c"]', ['metadata', 'annotations', 'a.b/c']],
  ['items[0].a-b', ['items', 0, 'a-b']],
  ['["\\"]"]', ['"]']],
];

test.each(paths)('%s reads and writes as the same path', (text, path) => {
  expect(formatFieldPath(path)).toBe(text);
  expect(parseFieldPath(text)).toEqual(path);
});

test('a text that is no path is refused with the place', () => {
  expect(() => parseFieldPath('spec.[')).toThrow(/from "\.\[" on/);
});

test('reads through list keys, and missing steps are undefined', () => {
  const object = { spec: { containers: [{ name: 'a', image: 'x' }] } };
  expect(readField(object, parseFieldPath('spec.containers[name=a].image'))).toBe('x');
  expect(readField(object, parseFieldPath('spec.containers[name=b].image'))).toBeUndefined();
  expect(readField({}, ['constructor'])).toBeUndefined();
});

test('writes a copy, makes what is missing, and removes on undefined', () => {
  const object = { spec: { containers: [{ name: 'a' }] } };
  const written = writeField(object, parseFieldPath('spec.containers[name=a].resources.limits.memory'), '1Gi');
  expect(written).toEqual({ spec: { containers: [{ name: 'a', resources: { limits: { memory: '1Gi' } } }] } });
  expect(object).toEqual({ spec: { containers: [{ name: 'a' }] } });
  expect(writeField(written, parseFieldPath('spec.containers[name=a].resources'), undefined)).toEqual(object);
});

test('a path cannot reach the prototype', () => {
  const written = writeField({}, ['__proto__', 'polluted'], true);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(Object.hasOwn(written, '__proto__')).toBe(true);
});
