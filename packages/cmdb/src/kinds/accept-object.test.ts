import { expect, test } from 'vitest';
import { acceptObject, refusalOf } from './accept-object.ts';
import type { KubernetesObject } from './kubernetes-object.ts';

const nested = (depth: number): unknown => (depth === 0 ? 'x' : { a: nested(depth - 1) });
const many = (count: number, of: unknown = 'x') => Array.from({ length: count }, () => of);
const mapOf = (count: number) => Object.fromEntries(many(count).map((value, index) => [`k${index}`, value]));
const pod = (change: object): KubernetesObject => ({ kind: 'Pod', metadata: { name: 'web', namespace: 'shop' }, ...change });
const event = (change: object): KubernetesObject => ({ kind: 'Event', metadata: { name: 'web', namespace: 'shop' }, ...change });

test.each<[string, KubernetesObject]>([
  ['an ordinary pod', pod({ spec: { containers: many(3, { name: 'a' }) }, status: { startTime: '2026-01-01T00:00:00Z' } })],
  ['one that is nested deeply', pod({ spec: nested(190) })],
  ['one with many values', pod({ spec: { a: many(15_000), b: mapOf(9_000) } })],
  ['one with long texts', pod({ data: { a: 'x'.repeat(2_000_000) } })],
  ['one that was made in the last century', pod({ status: { startTime: '1999-01-01T00:00:00Z' } })],
  ['one with an instant nobody set', pod({ metadata: { name: 'a', creationTimestamp: '0001-01-01T00:00:00Z' } })],
  ['one whose specification names a far year', pod({ spec: { startTime: '9999-01-01T00:00:00Z' } })],
  ['one that expires in a far year', pod({ status: { notAfter: '9999-01-01T00:00:00Z' } })],
  [
    'one whose writers are told of with a far year',
    pod({ metadata: { name: 'a', managedFields: [{ fieldsV1: { time: '9999-01-01T00:00:00Z' } }] } }),
  ],
])('%s is taken as it is', (_, object) => {
  expect(acceptObject(object)).toBe(object);
  expect(refusalOf(object)).toBeUndefined();
});

test.each<[string, KubernetesObject, string]>([
  ['nested too deeply', pod({ spec: nested(400) }), 'it is nested deeper than 200 levels'],
  ['with too many values', pod({ spec: many(20, many(19_000)) }), 'it holds more than 250000 values'],
  ['with too long a list', pod({ spec: many(20_001) }), 'a list in it has more than 20000 entries'],
  ['with too large a map', pod({ spec: mapOf(10_001) }), 'a map in it has more than 10000 keys'],
  ['with too long texts', pod({ data: { a: 'x'.repeat(9_000_000) } }), 'its texts are longer than 8388608 characters'],
  ['with too long a name', pod({ metadata: { name: 'x'.repeat(2_000) } }), 'a name of it has more than 1024 characters'],
  ['with too many containers', pod({ spec: { containers: many(501, {}) } }), 'it has more than 500 containers'],
  ['with too many containers to begin with', pod({ spec: { initContainers: many(501, {}) } }), 'it has more than 500 containers'],
  [
    'with a template of too many',
    pod({ spec: { template: { spec: { ephemeralContainers: many(501, {}) } } } }),
    'it has more than 500 containers',
  ],
  [
    'made in a far year',
    pod({ metadata: { name: 'a', creationTimestamp: '9999-01-01T00:00:00Z' } }),
    'creationTimestamp is in the year 9999',
  ],
  [
    'that began in a far year',
    pod({ status: { conditions: [{ lastTransitionTime: '1066-01-01T00:00:00Z' }] } }),
    'lastTransitionTime is in the year 1066',
  ],
  ['that happened in a far year', event({ eventTime: '9999-01-01T00:00:00Z' }), 'eventTime is in the year 9999'],
  [
    'that was repeated in a far year',
    event({ series: { lastObservedTime: '9999-01-01T00:00:00Z' } }),
    'lastObservedTime is in the year 9999',
  ],
])('an object %s is refused with the reason, and only its identity is left', (_, object, reason) => {
  const left = acceptObject(object);
  expect(refusalOf(left)).toBe(reason);
  expect(Object.keys(left).filter((key) => !['apiVersion', 'kind', 'metadata'].includes(key))).toEqual([]);
});
