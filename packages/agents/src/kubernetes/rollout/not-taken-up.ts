import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { eventsAbout } from '../objects/events.ts';
import { type HeldObject, isReadCompletely, isYoungerThan, objectsOf } from '../objects/objects.ts';
import { patienceMs } from '../objects/patience.ts';
import { nameOf } from '../objects/pod-view.ts';
import { numberAt } from '../objects/read-object.ts';
import { someOf } from '../objects/say.ts';
import { workloadOf } from '../objects/workload.ts';

/** Workloads that nobody has taken notice of: whoever makes their pods does not act. */
export const notTakenUpRule: Rule = {
  name: 'not-taken-up',
  check: (reader) => {
    const left = KINDS.flatMap((kind) =>
      objectsOf(reader, kind).filter((held) => isUnseen(reader, held) && !isYoungerThan(reader, held.object, patienceMs('take-up'))),
    );
    const alone = left.filter(({ id }) => reader.relations(id, 'in', 'managedBy').length === 0).map(({ id }) => id);
    return alone.length === 0 || !isReadCompletely(reader, 'Pod') ? [] : [toDraft(reader, alone)];
  },
};

/** Kinds that kube-controller-manager makes pods for. */
const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController'] as const;

/** The server keeps a status for it, and no controller has written the first word into it; of some kinds it says the numbers all the same. */
function isUnseen(reader: CmdbReader, { id, object }: HeldObject): boolean {
  const status = readField(object, ['status']);
  const isBlank = typeof status === 'object' && status !== null && Object.values(status).every((value) => value === 0);
  return isBlank && numberAt(object, 'spec', 'replicas') !== 0 && workloadOf(reader, id) === id && eventsAbout(reader, id).length === 0;
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
