import { type CmdbReader, parseQuantity, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { type HeldObject, objectsIn, objectsOf } from '../objects/objects.ts';
import { instantAt, listAt, textAt } from '../objects/read-object.ts';
import { podsOf, workloadOf } from '../objects/workload.ts';
import { writtenMs } from '../objects/written.ts';
import { type Shortage, shortagesByNamespace } from './shortage.ts';

export function limitRangesIn(reader: CmdbReader, namespace: string): readonly HeldObject[] {
  return objectsIn(reader, 'LimitRange', namespace);
}

/** Workloads that lack pods because their template is outside the LimitRange of their namespace. */
export const limitRangeRule: Rule = {
  name: 'limitrange',
  check: (reader) => [...shortagesByNamespace(reader).values()].flat().flatMap((shortage) => checkShortage(reader, shortage)),
};

const TOLD = /(?:minimum|maximum) \S+ usage per (?:Container|Pod|PersistentVolumeClaim)|max limit to request ratio per/i;

function checkShortage(reader: CmdbReader, shortage: Shortage): readonly FindingDraft[] {
  const ranges = limitRangesIn(reader, shortage.namespace);
  const changed = changedRange(reader, shortage, ranges);
  const isTold = TOLD.test(shortage.message);
  if (!isTold && /forbidden|denied|violates|quota/i.test(shortage.message) && !/Invalid value/i.test(shortage.message)) return [];
  const broken = ranges.flatMap((range) =>
    listAt(range.object, 'spec', 'limits').flatMap((limit) => violation(limit, shortage.podSpec) ?? []),
  );
  const why = broken[0] ?? (isTold ? shortage.message : undefined);
  if (why === undefined) return [];
  const names = ranges.map(({ name }) => name).join(', ');
  return [
    {
      code: 'T0-LIMITRANGE-001',
      subject: shortage.workload,
      message: `${shortage.name} gets no pods: ${why}${names === '' ? '' : ` (LimitRange ${names})`}${changed === undefined ? '' : `; ${changed.name} was changed since the template of ${shortage.name} was written`}`,
      sinceMs: shortage.sinceMs,
      evidence: [...ranges.slice(0, 2).map((range) => quote(reader, range.id, ['spec'])), quote(reader, shortage.shownBy, ['status'])],
    },
  ];
}

/** The one LimitRange of the namespace, where it was made or changed after the template under which pods are wanted: others came through before. */
function changedRange(reader: CmdbReader, shortage: Shortage, ranges: readonly HeldObject[]): HeldObject | undefined {
  const [range, ...others] = ranges;
  const madeMs = templateMadeMs(reader, shortage);
  const hasPods = podsOf(reader, shortage.workload).length > 0;
  return range !== undefined && others.length === 0 && hasPods && madeMs !== undefined && writtenMs(range.object) > madeMs
    ? range
    : undefined;
}

/** When the template was written: its ReplicaSet was made then; a controller revision of a set, too. */
function templateMadeMs(reader: CmdbReader, { shownBy, workload }: Shortage): number | undefined {
  if (/\/ReplicaSet\//.test(shownBy)) return instantAt(reader.object(shownBy), 'metadata', 'creationTimestamp');
  const sets = objectsOf(reader, 'ReplicaSet').filter(
    ({ id, object }) => workloadOf(reader, id) === workload && readField(object, ['spec', 'replicas']) !== 0,
  );
  const made = sets.flatMap(({ object }) => instantAt(object, 'metadata', 'creationTimestamp') ?? []);
  return made.length === 1 ? made[0] : undefined;
}

/** What of a pod specification is outside one entry of a LimitRange, as a sentence; undefined when nothing is. */
function violation(limit: unknown, podSpec: unknown): string | undefined {
  const containers = listAt(podSpec, 'containers');
  if (textAt(limit, 'type') === 'Pod') return podViolation(limit, containers);
  if (textAt(limit, 'type') !== 'Container') return undefined;
  return containers.map((container) => containerViolation(limit, container)).find((why) => why !== undefined);
}

const RESOURCES = ['cpu', 'memory'] as const;

function containerViolation(limit: unknown, container: unknown): string | undefined {
  const name = textAt(container, 'name') ?? '';
  for (const resource of RESOURCES) {
    const bound = (part: string) => parseQuantity(readField(limit, [part, resource]));
    const own = (part: string) => parseQuantity(readField(container, ['resources', part, resource]));
    const most = own('limits') ?? bound('default');
    const least = own('requests') ?? own('limits') ?? bound('defaultRequest');
    const shown = (part: string) => String(readField(limit, [part, resource]));
    const asked = (...parts: readonly string[]) =>
      parts.map((part) => readField(container, ['resources', part, resource])).find((value) => value !== undefined);
    const of = (value: unknown) => (value === undefined ? '' : ` (${value})`);
    if (exceeds(own('limits') ?? own('requests'), bound('max')))
      return `container ${name} asks for more ${resource}${of(asked('limits', 'requests'))} than the maximum of ${shown('max')}`;
    if (exceeds(bound('min'), least))
      return `container ${name} asks for less ${resource}${of(asked('requests', 'limits'))} than the minimum of ${shown('min')}`;
    if (exceeds(own('requests'), most))
      return `container ${name} requests more ${resource}${of(asked('requests'))} than its limit, which is ${shown('default')} by default`;
    const ratio = bound('maxLimitRequestRatio');
    if (ratio !== undefined && most !== undefined && least !== undefined && exceeds(most, ratio * least)) {
      return `the ${resource} limit of container ${name} is more than ${ratio} times its request (maxLimitRequestRatio)`;
    }
  }
  return undefined;
}

function podViolation(limit: unknown, containers: readonly unknown[]): string | undefined {
  for (const resource of RESOURCES) {
    const total = (part: string) =>
      containers.reduce<number>((sum, container) => sum + (parseQuantity(readField(container, ['resources', part, resource])) ?? 0), 0);
    const most = parseQuantity(readField(limit, ['max', resource]));
    if (exceeds(Math.max(total('limits'), total('requests')), most)) return `its pods ask for more ${resource} than the maximum per pod`;
  }
  return undefined;
}

function exceeds(value: number | undefined, bound: number | undefined): boolean {
  return value !== undefined && bound !== undefined && value > bound * (1 + 1e-9);
}
