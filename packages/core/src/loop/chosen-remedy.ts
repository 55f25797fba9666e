import { Tier0Error } from '../errors/tier0-error.ts';
import type { FileEdit } from '../model/file-edit.ts';
import type { Remedy } from '../model/remedy.ts';
import type { RehearsalResult } from '../ports/rehearsal.ts';
import type { IncidentState } from './incident-state.ts';

/** The remedy that passed its rehearsal, with the files it edits. Throws INTERNAL before the rehearsal chose one. */
export function chosenRemedy(state: IncidentState): {
  readonly remedy: Remedy;
  readonly edits: readonly FileEdit[];
  readonly rehearsal: RehearsalResult;
} {
  const { rehearse, locate } = state.results;
  const candidate = rehearse?.chosen === undefined ? undefined : locate?.located[rehearse.chosen];
  const rehearsal = rehearse?.rehearsals.at(-1)?.result;
  if (candidate?.status === 'located' && rehearsal) return { remedy: candidate.remedy, edits: candidate.edits, rehearsal };
  throw new Tier0Error({
    code: 'INTERNAL',
    message: `No remedy was chosen for ${state.incident}.`,
    hint: 'The incident record was edited or cut. Restore it from a backup.',
  });
}
