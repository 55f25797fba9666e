import { isProposed } from '@tier0/core';
import type { DutyIncident } from './incidents.ts';

/** Of an incident on duty: who is asked to decide now. */
export function decisionAsked(
  incident: DutyIncident,
): { readonly number: number; readonly url: string; readonly isRevert: boolean } | undefined {
  const { results, status } = incident.state;
  if (status !== undefined) return undefined;
  const isRevert = results.revert !== undefined;
  const proposed = isRevert ? results.revert?.result : results.propose?.result;
  const isDecided = isRevert ? results['decide-revert'] !== undefined : results.decide !== undefined;
  if (isDecided || proposed === undefined || !isProposed(proposed)) return undefined;
  return { number: proposed.pullRequest.number, url: proposed.pullRequest.url, isRevert };
}
