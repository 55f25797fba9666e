import { describe, expect, test } from 'vitest';
import { isSameValue } from './declared-value.ts';

const volumes = { kind: 'Deployment', path: ['spec', 'template', 'spec', 'volumes'] };

/** Seen live: a volume without `defaultMode` in Git was called drift, because the API server writes 420 into it. */
describe('what the API server fills in is no drift', () => {
  test.each([
    [
      'a mode of a volume',
      volumes,
      [{ name: 'l', configMap: { name: 'layout' } }],
      [{ name: 'l', configMap: { name: 'layout', defaultMode: 420 } }],
      true,
    ],
    [
      'another name in it is',
      volumes,
      [{ name: 'l', configMap: { name: 'layout' } }],
      [{ name: 'l', configMap: { name: 'other', defaultMode: 420 } }],
      false,
    ],
    [
      'another mode is',
      volumes,
      [{ name: 'l', configMap: { name: 'layout' } }],
      [{ name: 'l', configMap: { name: 'layout', defaultMode: 256 } }],
      false,
    ],
    ['replicas that nobody declared', { kind: 'Deployment', path: ['spec', 'replicas'] }, undefined, 1, true],
    ['two replicas are', { kind: 'Deployment', path: ['spec', 'replicas'] }, undefined, 2, false],
    [
      'one core written as millicores',
      { kind: 'Deployment', path: ['spec', 'template', 'spec', 'containers', { name: 'a' }, 'resources', 'limits', 'cpu'] },
      1,
      '1000m',
      true,
    ],
    [
      'a probe with its defaults',
      { kind: 'StatefulSet', path: ['spec', 'template', 'spec', 'containers', { name: 'a' }, 'readinessProbe'] },
      { tcpSocket: { port: 1 } },
      { tcpSocket: { port: 1 }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
      true,
    ],
    ['text that looks alike', { kind: 'ConfigMap', path: ['data', 'a'] }, '1', '1.0', false],
  ])('%s', (_what, field, declared, live, isSame) => {
    expect(isSameValue(declared as never, live as never, field as never)).toBe(isSame);
  });
});
