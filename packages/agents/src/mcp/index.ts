export type { McpConnection } from './client/connection.ts';
export {
  connectMcpTools,
  definitionHash,
  listOfferedTools,
  type McpTools,
  type McpToolsOptions,
  type OfferedTool,
  type PinnedTool,
  type ToolDefinition,
} from './client/mcp-tools.ts';
export type { McpCaller, McpScope, McpToken } from './server/caller.ts';
export { type McpHttpOptions, type McpHttpServer, serveMcpOverHttp } from './server/http.ts';
export type { HttpGuardOptions } from './server/http-guard-options.ts';
export { serveMcpOverStdio } from './server/stdio.ts';
export type { McpPrompt, McpResource, McpSurface } from './server/surface.ts';
