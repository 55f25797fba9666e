import { type CmdbReader, type FieldPath, parseQuantity, readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { defaultedLimit, type LimitedResource } from '../objects/defaulted-limit.ts';
import { livePodsByWorkload, podViews, containersOf as viewsOf } from '../objects/pod-view.ts';
import { formatBytes } from '../objects/quantity.ts';
import { containersOf, editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { changedFields } from '../objects/template-change.ts';

/** A limit that was reached tells how much was not enough, not how much is: twice as much is a step whose effect can be seen. */
const FACTOR = 2;

/** Doubles the memory limit of the container that was killed at it. */
export function raiseMemory(remedyCase: RemedyCase): readonly RemedyDraft[] {
  return raiseLimit(remedyCase, 'memory', (bytes, like) => formatBytes(bytes * FACTOR, like));
}

/** Doubles the CPU limit; a limit below a tenth of a core goes up to half a core. */
export function raiseCpu(remedyCase: RemedyCase): readonly RemedyDraft[] {
  return raiseLimit(remedyCase, 'cpu', (cores) => `${Math.round(Math.max(cores * FACTOR, 0.5) * 1000)}m`);
}

/** Doubles the ephemeral storage at which the pod was evicted. */
export function raiseEphemeralStorage(remedyCase: RemedyCase): readonly RemedyDraft[] {
  return raiseLimit(remedyCase, 'ephemeral-storage', (bytes, like) => formatBytes(bytes * FACTOR, like));
}

/** What is allowed less than this was written in another unit: twice as much of nothing is nothing. */
const LEAST_BYTES = 1024 * 1024;

const VERIFY: Readonly<Record<LimitedResource, string>> = {
  memory: 'No container is killed at its limit any more.',
  cpu: 'The probes answer in time.',
  'ephemeral-storage': 'No pod is evicted any more.',
};

function raiseLimit(
  remedyCase: RemedyCase,
  resource: LimitedResource,
  raise: (amount: number, like: string) => string,
): readonly RemedyDraft[] {
  const { rootCause, finding } = remedyCase;
  const isDefault = kindOf(rootCause.subject) === 'LimitRange';
  const items = isDefault ? (finding.seenOn ?? []) : [rootCause.subject];
  return items.flatMap((item) => raiseLimitOf({ remedyCase, resource, raise, item }));
}

interface LimitToRaise {
  readonly remedyCase: RemedyCase;
  readonly resource: LimitedResource;
  readonly raise: (amount: number, like: string) => string;
  /** The workload whose limit it is. */
  readonly item: string;
}

/** A limit that a LimitRange gives is written into the template, where it counts for nobody else. */
function raiseLimitOf({ remedyCase, resource, raise, item }: LimitToRaise): readonly RemedyDraft[] {
  const { reader } = remedyCase;
  return containersOf(remedyCase, item).flatMap(({ name, path, body }) => {
    const own = readField(body, ['resources', 'limits', resource]);
    const limit = own ?? defaultOf(reader, item, { name, resource });
    const amount = parseQuantity(limit);
    const isTooSmall = amount !== undefined && (amount <= 0 || (resource === 'memory' && amount < LEAST_BYTES));
    if (amount === undefined || isTooSmall || isDelayed(reader, item, name)) return [];
    const raised = raise(amount, String(limit).replace(/[\d.]+/, '') || 'Mi');
    const at: FieldPath = [...path, 'resources', 'limits', resource];
    const title =
      own === undefined
        ? `Give ${nameOf(item)}/${name} a ${resource} limit of its own: ${raised} in place of the default of ${String(limit)}`
        : `Raise the ${resource} limit of ${nameOf(item)}/${name} from ${String(limit)} to ${raised}`;
    return remedyOf(editsOf(editOf(reader, item, at, raised)), {
      id: `raise-${resource}-limit`,
      title,
      why: `${String(limit)} is not enough. If ${resource === 'cpu' ? 'it stays slow' : 'the use keeps growing'}, the cause is in the program.`,
      precondition: 'The node and the quota of the namespace have room for it.',
      risk: 'low',
      verify: VERIFY[resource],
      assumption: `${raised} is enough`,
      rollback: own === undefined ? 'Take the limit out again.' : `Set the limit to ${String(limit)} again.`,
    });
  });
}

/** The limit that pods of a workload have by default, where the template names none. */
function defaultOf(
  reader: CmdbReader,
  item: string,
  { name, resource }: { readonly name: string; readonly resource: LimitedResource },
): string | undefined {
  const views = podViews(reader)
    .filter(({ workload }) => workload === item)
    .flatMap(viewsOf);
  const given = views.filter((view) => view.name === name).map((view) => defaultedLimit(view, resource)?.value);
  return given.find((value) => value !== undefined);
}

/** What a program is told to do, and so how much it takes. */
const TOLD = /^(?:args|command|env|envFrom)\b/;

/** The revision told the program to do something else, under the limit of before: more room only delays what the change brought. */
function isDelayed(reader: CmdbReader, item: string, container: string): boolean {
  const pods = livePodsByWorkload(reader).get(item) ?? [];
  return pods.some((pod) => {
    const view = viewsOf(pod).find(({ name }) => name === container);
    const changed = (view && changedFields(view)) ?? [];
    return changed.some((field) => TOLD.test(field)) && !changed.some((field) => field.startsWith('resources'));
  });
}

/** Gives the start-up more time: three times the failures. */
export function giveStartMoreTime(remedyCase: RemedyCase): readonly RemedyDraft[] {
  const { reader, rootCause } = remedyCase;
  return containersOf(remedyCase).flatMap(({ name, path, body }) => {
    const probe = ['startupProbe', 'livenessProbe'].find((kind) => readField(body, [kind]) !== undefined);
    if (probe === undefined) return [];
    const current = Number(readField(body, [probe, 'failureThreshold']) ?? 3);
    const delay = Number(readField(body, [probe, 'initialDelaySeconds']) ?? 0);
    const edit =
      probe === 'startupProbe'
        ? editOf(reader, rootCause.subject, [...path, probe, 'failureThreshold'], current * 3)
        : editOf(reader, rootCause.subject, [...path, probe, 'initialDelaySeconds'], Math.max(60, delay * 3));
    return remedyOf(editsOf(edit), {
      id: 'give-start-more-time',
      title: `Give ${nameOf(rootCause.subject)}/${name} more time to start`,
      why: `It is killed by its ${probe} before it has started.`,
      precondition: 'It does start when it is left alone.',
      risk: 'low',
      verify: 'The pods become ready and are not restarted.',
      rollback: 'Set the probe as it was.',
      assumption: 'it starts within the time it is given',
    });
  });
}
