import { randomBytes } from 'node:crypto';
import { stdioServerSdk } from '../sdk.ts';
import type { McpCaller } from './caller.ts';
import { createMcpServer } from './create-mcp-server.ts';
import type { McpSurface } from './surface.ts';
import { createTaskDesk } from './tasks/task-desk.ts';

/** Serves MCP on standard input and output to the process that started this one. Nothing else may be written to standard output. */
export async function serveMcpOverStdio(surface: McpSurface, caller: McpCaller): Promise<{ close(): Promise<void> }> {
  const { serveStdio } = await stdioServerSdk();
  const seal = randomBytes(32);
  const tasks = createTaskDesk();
  const served = serveStdio(({ era }) => createMcpServer({ surface, caller, era, seal, tasks }));
  return {
    close: async () => {
      tasks.close();
      await served.close();
    },
  };
}
