import { describe, expect, test } from 'vitest';
import { partsOf } from './template-change.ts';

describe('what a revision changed, with its values', () => {
  test.each([
    ['resources', { limits: { memory: '160Mi' } }, { limits: { memory: '160m' } }, ' (limits.memory 160Mi → 160m)'],
    ['readinessProbe', { httpGet: { path: '/' } }, { httpGet: { path: '/', host: '127.0.0.1' } }, ' (httpGet.host none → 127.0.0.1)'],
    ['ports', [{ name: 'http', containerPort: 8080 }], [{ name: 'http', containerPort: 80 }], ' (http.containerPort 8080 → 80)'],
    ['dnsPolicy', 'ClusterFirst', 'None', ' (ClusterFirst → None)'],
    ['env', [{ name: 'PORT', value: '80' }], [{ name: 'PORT', value: '81' }], ' (PORT 80 → 81)'],
    ['command', ['redis-server'], ['redis-server', '--save'], ' (redis-server → redis-server --save)'],
  ])('%s is told by the path that differs', (field, before, now, told) => {
    expect(partsOf(field, before, now)).toBe(told);
  });

  test('what may be a secret is named and never told', () => {
    const env = (value: string) => [
      { name: 'DB_PASSWORD', value },
      { name: 'GREETING', value: `hello ${value}` },
    ];
    expect(partsOf('env', env('tr0ub4dor'), env('12345678'))).toBe(' (DB_PASSWORD, GREETING)');
    expect(partsOf('args', ['--token=abc'], ['--token=def'])).toBe('');
  });

  test('the mount of the service account, which admission adds, is no change', () => {
    const mount = { name: 'kube-api-access-x', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
    expect(partsOf('volumeMounts', [], [mount])).toBe('');
  });

  test('what is long, or more than three, is left to the object', () => {
    const limits = (value: string) => ({ limits: { cpu: value, memory: value, storage: value, 'nvidia.com/gpu': value } });
    expect(partsOf('resources', limits('1'), limits('2'))).toMatch(/^ \(.*, .*, .* and 1 more\)$/);
    expect(partsOf('workingDir', `/${'a'.repeat(80)}`, '/b')).toBe('');
  });
});
