import type { FieldPath } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { lastApplied } from '../objects/last-applied.ts';
import { numberAt, textAt } from '../objects/read-object.ts';
import { editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { podsOf } from '../objects/workload.ts';

/** Lets a rollout go one pod further before it takes one away. */
export function makeRolloutPossible({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const object = reader.object(rootCause.subject);
  const path = STEP[kindOf(rootCause.subject)];
  const type = textAt(object, 'spec', path?.[1] ?? '', 'type') ?? 'RollingUpdate';
  if (path === undefined || type !== 'RollingUpdate' || isPartitioned(object)) return [];
  return remedyOf(editsOf(editOf(reader, rootCause.subject, path, 1)), {
    id: 'make-rollout-possible',
    title: `Let the rollout of ${nameOf(rootCause.subject)} go one pod at a time`,
    why: `Its strategy allows neither a further pod nor one less. It has ${podsOf(reader, rootCause.subject).length} now.`,
    precondition: 'There is room for one more pod.',
    risk: 'low',
    verify: 'The rollout finishes.',
    rollback: 'Set the strategy as it was.',
  });
}

/** The field by which a rollout goes one pod further, of the kinds that have one. */
const STEP: Readonly<Record<string, FieldPath>> = {
  DaemonSet: ['spec', 'updateStrategy', 'rollingUpdate', 'maxUnavailable'],
  Deployment: ['spec', 'strategy', 'rollingUpdate', 'maxSurge'],
};
const PARTITION: FieldPath = ['spec', 'updateStrategy', 'rollingUpdate', 'partition'];

function isPartitioned(object: unknown): boolean {
  return (numberAt(object, ...PARTITION.map(String)) ?? 0) > 0;
}

/** Lets ready pods count as soon as was applied last, or at once. */
export function bakeShorter({ reader, rootCause, finding }: RemedyCase): readonly RemedyDraft[] {
  const { subject } = rootCause;
  if (finding.code !== 'T0-ROLLOUT-004' || !/^(?:Deployment|StatefulSet|DaemonSet)$/.test(kindOf(subject))) return [];
  const seconds = numberAt(lastApplied(reader.object(subject)), 'spec', 'minReadySeconds') ?? 0;
  return remedyOf(editsOf(editOf(reader, subject, ['spec', 'minReadySeconds'], seconds)), {
    id: 'bake-shorter',
    title: `Let the pods of ${nameOf(subject)} count ${seconds === 0 ? 'as soon as they are ready' : `once they were ready for ${seconds} s`}`,
    why: 'They are ready, and the rollout waits for longer than a rollout takes before they count.',
    precondition: 'Nobody watches each new pod for that long on purpose: ask its owner.',
    risk: 'low',
    verify: 'The rollout finishes.',
    rollback: 'Set minReadySeconds as it was.',
    assumption: 'pods that are ready now stay ready',
  });
}

/** Lets an update reach the pods that a partition keeps it from. */
export function releasePartition({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const { subject } = rootCause;
  if (kindOf(subject) !== 'StatefulSet' || !isPartitioned(reader.object(subject))) return [];
  return remedyOf(editsOf(editOf(reader, subject, PARTITION, 0)), {
    id: 'release-partition',
    title: `Let the update of ${nameOf(subject)} reach all its pods: set its partition to 0`,
    why: 'The pods below the partition keep the older template, with which they are not ready.',
    precondition: 'The partition was left over, not a trial that still runs: the pods above it are well.',
    risk: 'medium',
    verify: 'All pods have the present revision and are ready.',
    rollback: 'Set the partition as it was.',
    assumption: 'the pods below the partition run with the present template as those above it do',
  });
}
