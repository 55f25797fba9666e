import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import { isCloseName } from './close-name.ts';
import { lastApplied } from './last-applied.ts';
import { podsMatching } from './pod-index.ts';
import { listAt, mapAt, textAt } from './read-object.ts';
import { matchesSelector } from './selector-match.ts';
import { type IndexedWorkload, workloadsIn } from './workload-index.ts';

type Labels = Readonly<Record<string, string>>;

/** A workload whose pods a selector is meant for and does not find, since one of its labels is another by now. */
export interface LostPartner {
  /** Item id. */
  readonly workload: string;
  readonly key: string;
  /** What the selector asks for. */
  readonly wanted: string;
  /** What its template says now; undefined where the label is gone. */
  readonly has: string | undefined;
  /** It is known to have had the label: an earlier revision or what was applied last says so. */
  readonly isKnown: boolean;
  /** The label is part of its own selector, which cannot be changed: whoever asks for it must follow. */
  readonly isFixed: boolean;
}

interface Question {
  readonly namespace: string;
  /** A LabelSelector. */
  readonly selector: unknown;
  /** Item id of who asks, who is no partner of itself. */
  readonly asker: string;
}

/** The one workload that lost, or nearly has, the label that a selector asks for; undefined while any pod has it, or where nobody or several come near. */
export function lostPartner(reader: CmdbReader, { namespace, selector, asker }: Question): LostPartner | undefined {
  if (podsMatching(reader, namespace, selector).some((pod) => !pod.over)) return undefined;
  const others = workloadsIn(reader, namespace).filter(({ id, wanted }) => id !== asker && wanted > 0);
  const known = others.flatMap((workload) => {
    const former = formerLabels(reader, workload).find((labels) => matchesSelector(labels, selector));
    return former === undefined ? [] : partnerOf(workload, selector, true);
  });
  if (known.length === 1) return known[0];
  const near = others
    .flatMap((workload) => partnerOf(workload, selector, false))
    .filter(({ wanted, has }) => has !== undefined && isAkin(has, wanted));
  return known.length === 0 && near.length === 1 ? near[0] : undefined;
}

/** A slip of the hand, or one is the other with a part before or behind it. */
function isAkin(one: string, other: string): boolean {
  const parts = (text: string) => text.split(/[-_.]/).filter((part) => part.length > 2);
  const [a, b] = [parts(one), parts(other)];
  return (
    isCloseName(one, other) ||
    (a.length > 0 && a.every((part) => b.includes(part))) ||
    (b.length > 0 && b.every((part) => a.includes(part)))
  );
}

/** The one label in which a workload differs from what is asked for. */
function partnerOf({ id, labels, object }: IndexedWorkload, selector: unknown, isKnown: boolean): readonly LostPartner[] {
  const wanted = wantedLabels(selector);
  const [key, ...more] = Object.keys(wanted).filter((name) => labels[name] !== wanted[name]);
  if (key === undefined || more.length > 0) return [];
  const isFixed = readField(object, ['spec', 'selector', 'matchLabels', key]) !== undefined;
  return [{ workload: id, key, wanted: wanted[key] ?? '', has: labels[key], isKnown, isFixed }];
}

/** Labels that a selector asks for by one value each. */
function wantedLabels(selector: unknown): Labels {
  const single = listAt(selector, 'matchExpressions').flatMap((expression) => {
    const values = listAt(expression, 'values');
    const isOne = textAt(expression, 'operator') === 'In' && values.length === 1;
    return isOne ? [[textAt(expression, 'key') ?? '', String(values[0])] as const] : [];
  });
  return { ...Object.fromEntries(single), ...mapAt(selector, 'matchLabels') };
}

/** Labels of its pods in earlier revisions, and as they were applied last. */
function formerLabels(reader: CmdbReader, { id, object }: IndexedWorkload): readonly Labels[] {
  const revisions = reader.relations(id, 'in', 'managedBy').flatMap(({ from }): readonly Labels[] => {
    const revision = reader.object(from);
    const path = from.includes('/ControllerRevision/') ? ['data', 'spec'] : ['spec'];
    return from.includes('/ReplicaSet/') || path.length > 1 ? [mapAt(revision, ...path, 'template', 'metadata', 'labels')] : [];
  });
  return [...revisions, mapAt(lastApplied(object), 'spec', 'template', 'metadata', 'labels')];
}

/** `no pod has cache=warm: those of Deployment store have cache=hot, and had it before`, as part of a sentence. */
export function sayLostPartner({ workload, key, wanted, has, isKnown }: LostPartner): string {
  const { kind, name } = parseKubernetesItemId(workload) ?? {};
  const now = has === undefined ? `have no label ${key}` : `have ${key}=${has}`;
  return `no pod has ${key}=${wanted}; those of ${kind} ${name} ${now}${isKnown ? ', and had it before' : ''}`;
}
