import type { PlannedTrial } from './lane.ts';
import { FAILED_TRIAL } from './score-answer.ts';
import type { TrialRecord } from './trial.ts';

/** The record of a trial that was lost with its lane: no answer, no requests, and why. */
export function failedTrial({ sequence, tool, scenario, repeat }: PlannedTrial, why: string): TrialRecord {
  return {
    type: 'trial',
    sequence,
    tool,
    scenario,
    repeat,
    error: why,
    rootCauses: [],
    findings: 0,
    unknowns: [],
    secretSent: false,
    raw: '',
    score: { ...FAILED_TRIAL, gates: [] },
    requests: { reads: 0, writes: 0, dryRuns: 0, secretReads: 0, bytes: 0 },
    seen: [],
    wallMs: 0,
    cpuMs: 0,
  };
}
