// The server that the conformance suite judges: our HTTP endpoint and registry, with the fixtures the suite asks for. Prints its address.
import { randomBytes } from 'node:crypto';
import { createMcpServer } from '../server/create-mcp-server.ts';
import { startHttpEndpoint } from '../server/http-endpoint.ts';
import { createTaskDesk } from '../server/tasks/task-desk.ts';
import { registerFixtures } from './conformance-fixtures.ts';
import { CONFORMANCE_TOOLS } from './conformance-tools.ts';

const seal = randomBytes(32);
const tasks = createTaskDesk({ pollIntervalMs: 200 });
const surface = { name: 'tier0-conformance', version: '0.1.0', toolsFor: () => CONFORMANCE_TOOLS };
const capabilities = {
  tools: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  prompts: { listChanged: true },
  logging: {},
  completions: {},
};
const served = await startHttpEndpoint({
  surface,
  makeServer: async (caller, era) => {
    const server = await createMcpServer({ surface, caller, era, seal, capabilities, tasks });
    registerFixtures({ server, seal, startTask: (work) => tasks.start(caller.name, work), changed: (list) => served.changed(list) });
    return server;
  },
});
process.stdout.write(`${served.url}\n`);
process.on('SIGTERM', () => {
  tasks.close();
  void served.close().finally(() => process.exit(0));
});
