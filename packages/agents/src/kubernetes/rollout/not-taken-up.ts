import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { isReadCompletely, isYoungerThan, objectsOf } from '../objects/objects.ts';
import { patienceMs } from '../objects/patience.ts';
import { nameOf } from '../objects/pod-view.ts';
import { someOf } from '../objects/say.ts';

/** Workloads that nobody has taken notice of: whoever makes their pods does not act. */
export const notTakenUpRule: Rule = {
  name: 'not-taken-up',
  check: (reader) => {
    const left = ['Deployment', 'StatefulSet', 'DaemonSet'].flatMap((kind) =>
      objectsOf(reader, kind, 'apps').filter((held) => isUnseen(held.object) && !isYoungerThan(reader, held.object, patienceMs('take-up'))),
    );
    const alone = left.filter(({ id }) => reader.relations(id, 'in', 'managedBy').length === 0).map(({ id }) => id);
    return alone.length === 0 || !isReadCompletely(reader, 'Pod') ? [] : [toDraft(reader, alone)];
  },
};

/** The server keeps a status for it, and no controller has written the first word into it. */
function isUnseen(object: unknown): boolean {
  const status = readField(object, ['status']);
  return typeof status === 'object' && status !== null && Object.keys(status).length === 0;
}

function toDraft(reader: CmdbReader, items: readonly string[]): FindingDraft {
  const [subject = '', ...others] = items;
  return {
    code: 'T0-ROLLOUT-003',
    subject,
    key: '',
    message: `${someOf(items.map(nameOf))}: no controller has taken notice (no observedGeneration, no pods): kube-controller-manager does not act`,
    evidence: [quote(reader, subject, ['status']), quote(reader, subject, ['metadata', 'creationTimestamp'])],
    seenOn: others,
  };
}
