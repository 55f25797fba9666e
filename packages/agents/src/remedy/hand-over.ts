import { formatItemId } from '@tier0/core';
import type { CodeTable } from '../findings/code-entry.ts';
import type { RemedyCase, RemedyDraft } from '../findings/remedy-draft.ts';

/** What is left when no edit is known to help: where a person should look, and with what. */
export function handOver({ rootCause, finding, reader }: RemedyCase, codes: CodeTable): RemedyDraft {
  const team = reader.owner(rootCause.subject)?.team;
  const changes = reader.whatChanged(rootCause.subject, { windowMs: 86_400_000, hops: 1 }).slice(0, 2);
  const changed = changes.map(
    ({ change }) => `${change.at.slice(0, 16).replace('T', ' ')} ${formatItemId(change.item)}: ${change.summary}`,
  );
  return {
    id: 'hand-over',
    kind: 'hand-over',
    title: `Hand over${team ? ` to ${formatItemId(team)}` : ' to people'}.`,
    why: [codes[finding.code]?.fix ?? 'Look at the object.', ...(changed.length > 0 ? [`Changed last: ${changed.join('; ')}.`] : [])].join(
      ' ',
    ),
    edits: [],
    precondition: 'None.',
    risk: 'low',
    verify: 'The finding is gone.',
    rollback: 'Nothing was changed.',
  };
}
