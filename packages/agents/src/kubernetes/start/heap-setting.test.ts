import { expect, test } from 'vitest';
import { crashing, faultsIn, node, object, type Part, pod, web } from '../../fixtures/made-cluster.ts';

const LIMIT = { resources: { limits: { memory: '256Mi' } } };
const killed = (container: Part, spec: Part = {}) =>
  faultsIn([node('node-a'), ...web(), pod('p', { container: { ...LIMIT, ...container }, status: crashing(137, 'OOMKilled'), spec })]);
const held = async (container: Part, data: Part, spec: Part = {}) => {
  const parts = [node('node-a'), ...web(), object('ConfigMap', 'tuning', { data })];
  return faultsIn([...parts, pod('p', { container: { ...LIMIT, ...container }, status: crashing(137, 'OOMKilled'), spec })]);
};
const OWN = 'T0-POD-096 Deployment ns/web';
const MAP = 'T0-POD-097 ConfigMap ns/tuning';

test.each([
  [{ env: [{ name: 'JAVA_TOOL_OPTIONS', value: '-Xms64m -Xmx1g' }] }],
  [{ env: [{ name: 'JAVA_OPTS', value: '-XX:MaxRAMPercentage=95.0' }] }],
  [{ args: ['--max-old-space-size=512', 'server.js'] }],
  [{ env: [{ name: 'NODE_OPTIONS', value: '--max_old_space_size=300' }] }],
  [{ env: [{ name: 'GOMEMLIMIT', value: '300MiB' }] }],
  [{ args: ['-c', 'shared_buffers=512MB'] }],
  [{ command: ['redis-server', '--maxmemory 1gb'] }],
  [{ args: ['--innodb-buffer-pool-size=1G'] }],
])('a program that is told to take more than its limit is told with the setting: %j', async (container) => {
  expect(await killed(container)).toContain(OWN);
});

test.each([
  [{ env: [{ name: 'JAVA_TOOL_OPTIONS', value: '-Xmx128m' }] }],
  [{ env: [{ name: 'JAVA_OPTS', value: '-XX:MaxRAMPercentage=70' }] }],
  [{ env: [{ name: 'NODE_OPTIONS', value: '--max-old-space-size=180' }] }],
  [{ env: [{ name: 'UPLOAD_LIMIT', value: '1g' }] }],
  [{ args: ['-c', 'shared_buffers=4096'] }],
])('a setting within the limit leaves the limit at fault: %j', async (container) => {
  expect(await killed(container)).toContain('T0-POD-005 Deployment ns/web');
});

test('a setting in a ConfigMap is told there, as a variable or in a file; one that is commented out counts for nothing', async () => {
  const variable = { env: [{ name: 'JAVA_OPTS', valueFrom: { configMapKeyRef: { name: 'tuning', key: 'opts' } } }] };
  expect(await held(variable, { opts: '-Xmx512m' })).toContain(MAP);
  expect(await held({ envFrom: [{ configMapRef: { name: 'tuning' } }] }, { GOMEMLIMIT: '1GiB' })).toContain(MAP);
  const mounted = { volumeMounts: [{ name: 'conf', mountPath: '/etc/conf' }] };
  const volumes = { volumes: [{ name: 'conf', configMap: { name: 'tuning' } }] };
  expect(await held(mounted, { 'my.cnf': '[mysqld]\ninnodb_buffer_pool_size = 2G\n' }, volumes)).toContain(MAP);
  expect(await held(mounted, { 'my.cnf': '[mysqld]\n# innodb_buffer_pool_size = 2G\n' }, volumes)).not.toContain(MAP);
});
