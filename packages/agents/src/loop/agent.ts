import type { RunLimits } from './limits.ts';
import type { ToolRegistry } from './tool-registry.ts';

/** Who works: instructions, the tools that exist for it, and its limits. */
export interface Agent {
  readonly name: string;
  /** Trusted. What others wrote never stands here. */
  readonly instructions: string;
  readonly tools: ToolRegistry;
  /** Overrides of DEFAULT_LIMITS. */
  readonly limits?: Partial<RunLimits> | undefined;
}
