import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { numberAt } from '../objects/read-object.ts';
import { containersOf, editOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';

/** Lets a probe that asks far too late ask from the start. */
export function lookSooner(remedyCase: RemedyCase): readonly RemedyDraft[] {
  const { reader, rootCause, finding } = remedyCase;
  if (finding.code !== 'T0-POD-086') return [];
  const edits = containersOf(remedyCase).flatMap(({ path, body }) =>
    ['readinessProbe', 'startupProbe'].flatMap((probe) =>
      (numberAt(body, probe, 'initialDelaySeconds') ?? 0) < SOON_SECONDS
        ? []
        : (editOf(reader, rootCause.subject, [...path, probe, 'initialDelaySeconds'], undefined) ?? []),
    ),
  );
  return remedyOf(edits, {
    id: 'look-sooner',
    title: `Let the probe of ${nameOf(rootCause.subject)} ask from the start`,
    why: 'Its first question comes later than the rollout may take.',
    precondition: 'A question that comes too early does no harm: a readiness probe only asks again.',
    risk: 'low',
    verify: 'The new pods become ready.',
    rollback: 'Set initialDelaySeconds as it was.',
    assumption: 'the program answers its probe once it has started',
  });
}

/** Below this a delay holds nobody up. */
const SOON_SECONDS = 300;
