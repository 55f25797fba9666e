import type { Alert } from '@tier0/core';
import { isAbout, type KnownIncident } from './intake.ts';

/** Since when no look has shown anything of an open incident, milliseconds since the epoch, by incident. */
export type Quiet = ReadonlyMap<string, number>;

/** What a complete look adds: the first one that shows nothing of an incident begins its quiet, any that shows something ends it. */
export function updateQuiet(
  before: Quiet,
  open: readonly KnownIncident[],
  { groups, nowMs }: { readonly groups: readonly (readonly Alert[])[]; readonly nowMs: number },
): Quiet {
  const silent = open.filter((incident) => !groups.some((alerts) => isAbout(incident, alerts)));
  return new Map(silent.map(({ id }) => [id, before.get(id) ?? nowMs]));
}

/** Why nothing is left to do for an incident; undefined while its quiet has not lasted. */
export function whyOver(sinceMs: number | undefined, { nowMs, clearMs }: { nowMs: number; clearMs: number }): string | undefined {
  if (sinceMs === undefined || nowMs - sinceMs < clearMs) return undefined;
  return `it ended by itself: nothing of it was seen for ${Math.round((nowMs - sinceMs) / 1000)} s`;
}
