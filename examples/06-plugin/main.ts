// tier0 with a plugin: what it adds stands beside what tier0 knows.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createTier0 } from 'tier0';

const snapshot = join(import.meta.dirname, '../../scenarios/written/missing-config-key/cluster');
const plugins = [join(import.meta.dirname, 'plugin.ts')];
const tier0 = createTier0({ cluster: { snapshot }, plugins });
const { document, causes } = await tier0.diagnose();
const graph = await tier0.graph();
const added = document.findings.filter(({ code }) => code === 'T0-ACME-001');
console.log(`${causes.length} root cause of tier0's, ${added.length} findings of the plugin's:`);
for (const { subject, message } of added) console.log(`  ${subject.kind} ${subject.namespace}/${subject.name}: ${message}`);
console.log(`on call for shop: ${graph.query('kind:Rota name:shop').map(({ columns }) => columns.onCall)}`);
await tier0.close();

assert.equal(causes[0]?.finding.cause, 'configmap-key-missing');
assert.ok(added.length > 0);
assert.equal(graph.query('kind:Rota').length, 2);
await assert.rejects(createTier0({ cluster: { snapshot }, plugins: ['./none.ts'] }).diagnose(), { code: 'NOT_FOUND' });
