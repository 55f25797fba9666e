// One replica as a process of its own. Arguments: name, address of the world, address of the database, lease in milliseconds.
import { createPostgresDutyStore } from '@tier0/cmdb/stores/postgres';
import { DutyConfigSchema } from 'tier0';
import { createClusterDuty } from '../../packages/cli/src/duty/cluster-duty.ts';
import { createEventBus } from '../../packages/cli/src/duty/events.ts';
import { createLightDesk } from '../duty/light-desk.ts';
import { worldAt } from '../duty/outside-world.ts';

const [replica = '', url = '', database = '', lease = '0'] = process.argv.slice(2);
const context = { signal: new AbortController().signal, now: Date.now };
const config = DutyConfigSchema.parse({
  clusters: [{ name: 'bench', repository: { url: 'none' } }],
  times: { confirm: '200ms', clear: '1s' },
  limits: { incidentsAtOnce: 1000 },
});
const desk = createLightDesk({ name: 'bench', world: worldAt(url), pollMs: 100, approvalTimeoutMs: 600_000 });
const shared = { store: createPostgresDutyStore({ server: database, schema: 'tier0_duty' }), replica, leaseMs: Number(lease) };
for (;;) {
  try {
    const duty = await createClusterDuty({ desk, config, bus: createEventBus(Date.now), shared }, context);
    duty.setPaused(false);
    process.stdout.write('ready\n');
    await duty.run(context);
  } catch (error) {
    process.stderr.write(`${replica}: ${(error as Error).message}\n`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
