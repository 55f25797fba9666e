import { Tier0Error } from '@tier0/core';
import type { AnyTool } from '../loop/guard/tool.ts';
import { boundTool, type MayRead } from './bound-tool.ts';
import { findItemsTool } from './find-items.ts';
import { listChangesTool } from './list-changes.ts';
import { listFindingsTool } from './list-findings.ts';
import type { OperationsWorld } from './operations-world.ts';
import { proposeChangeTool } from './propose-change.ts';
import { readLogsTool } from './read-logs.ts';
import { readMetricsTool } from './read-metrics.ts';
import { searchPatternsTool } from './search-patterns.ts';
import { showImpactTool } from './show-impact.ts';
import { showItemTool } from './show-item.ts';
import { showItemAsOfTool } from './show-item-as-of.ts';
import { showManifestTool } from './show-manifest.ts';
import { showOwnerTool } from './show-owner.ts';

/** Every tool the world has something to show for; a tool that could only say "nothing" does not exist. */
export function createOperationsTools(world: OperationsWorld): readonly AnyTool[] {
  const has = (kind: 'logs' | 'metrics') => world.evidence?.some(({ kinds }) => kinds.includes(kind)) === true;
  const tools = [
    findItemsTool(world),
    showItemTool(world),
    showImpactTool(world),
    showOwnerTool(world),
    listChangesTool(world),
    showItemAsOfTool(world),
    showManifestTool(world),
    ...(world.findings ? [listFindingsTool(world)] : []),
    ...(has('logs') ? [readLogsTool(world)] : []),
    ...(has('metrics') ? [readMetricsTool(world)] : []),
    ...(world.patterns ? [searchPatternsTool(world)] : []),
    ...(world.propose ? [proposeChangeTool(world)] : []),
    ...(world.further?.(world) ?? []),
  ];
  refuseTwice(tools);
  return world.mayRead ? tools.map((tool) => boundTool(tool, { ...world, mayRead: world.mayRead as MayRead })) : tools;
}

function refuseTwice(tools: readonly AnyTool[]): void {
  const names = tools.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new Tier0Error({ code: 'INVALID_INPUT', message: `There are two tools named "${twice}".`, hint: 'Rename the one that was added.' });
}
