import type { Matter } from '@tier0/agents';
import type { AnyTool } from '@tier0/agents/loop';
import type { OperationsWorld } from '@tier0/agents/tools';
import type { EvidenceSource, InventorySource, PatternLibrary } from '@tier0/core';

/** The version of what stands in this file. A plugin says which one it was written for, and another is refused. */
export const PLUGIN_API = 1;

/** What somebody adds to tier0 without changing it: the default export of a module. */
export interface Tier0Plugin {
  readonly api: typeof PLUGIN_API;
  /** Lower-case letters, digits and hyphens. */
  readonly name: string;
  /** What can be found, how, and what helps. Codes, and causes with remedies, are the plugin's own: none of tier0's is replaced. */
  readonly matters?: readonly Matter[] | undefined;
  /** Where items come from. Read beside the cluster. */
  readonly sources?: readonly InventorySource[] | undefined;
  /** Where metrics and logs come from. */
  readonly evidence?: readonly EvidenceSource[] | undefined;
  /** What has been seen before. */
  readonly patterns?: PatternLibrary | undefined;
  /**
   * What a model or an agent may look at besides. Made for each caller: `world.mayRead` says what that one may know, and names of others are
   * taken out of every answer. The same guard judges these tools as tier0's own.
   */
  readonly tools?: ((world: OperationsWorld) => readonly AnyTool[]) | undefined;
}

/** Keeps the types of a plugin while it is written. */
export function definePlugin(plugin: Tier0Plugin): Tier0Plugin {
  return plugin;
}
