import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import { isCloseName } from '../objects/close-name.ts';
import { lastApplied } from '../objects/last-applied.ts';
import { objectsOf } from '../objects/objects.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';
import { matchesSelector } from '../objects/selector-match.ts';
import type { RefusedAccess } from './facts.ts';

type Labels = Readonly<Record<string, string>>;

/** A ClusterRole that was part of an aggregated one and lacks the label by which it would be. */
export interface LostPart {
  /** Item id of the part. */
  readonly part: string;
  /** Item id of the role that it is meant for. */
  readonly aggregate: string;
  /** Labels that it lacks. */
  readonly labels: Labels;
}

/** Whether the rules of a role are filled in from others by their labels: what is written into it is overwritten at once. */
export function isAggregated(role: unknown): boolean {
  return listAt(role, 'aggregationRule', 'clusterRoleSelectors').length > 0;
}

/**
 * The part of an aggregated role that holds a right which is lacking and is no part any more, since it lacks a label: it had it when it was
 * applied, has nearly it, is called after the role, or is the only one that holds the right and that nobody binds.
 */
export function lostPart(
  reader: CmdbReader,
  roles: readonly string[],
  access: Pick<RefusedAccess, 'verb' | 'resource' | 'group'>,
): LostPart | undefined {
  const aggregates = roles.filter((role) => isAggregated(reader.object(role)));
  const found = aggregates.flatMap((aggregate) =>
    listAt(reader.object(aggregate), 'aggregationRule', 'clusterRoleSelectors').flatMap((selector) => {
      const holders = objectsOf(reader, 'ClusterRole').filter(
        ({ id, name, object }) =>
          id !== aggregate &&
          !name.startsWith('system:') &&
          !isAggregated(object) &&
          grants(object, access) &&
          !matchesSelector(labelsOf(object), selector),
      );
      const free = holders.filter(({ id }) => !isBound(reader, id));
      const ranked = holders
        .map(({ id, name, object }) => ({
          id,
          object,
          rank: rankOf({ name, object }, aggregate, selector) ?? (free.length === 1 && free[0]?.id === id ? 3 : undefined),
        }))
        .filter(({ rank }) => rank !== undefined)
        .sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
      const [best] = ranked;
      return best === undefined ? [] : [{ part: best.id, aggregate, labels: lacking(labelsOf(best.object), selector) }];
    }),
  );
  return found.find(({ labels }) => Object.keys(labels).length > 0);
}

function rankOf(held: { readonly name: string; readonly object: unknown }, aggregate: string, selector: unknown): number | undefined {
  if (matchesSelector(mapAt(lastApplied(held.object), 'metadata', 'labels'), selector)) return 0;
  const labels = labelsOf(held.object);
  const isNear = Object.keys(mapAt(selector, 'matchLabels')).some(
    (key) => labels[key] !== undefined || Object.keys(labels).some((own) => isCloseName(own, key)),
  );
  if (isNear) return 1;
  return held.name.startsWith(`${parseKubernetesItemId(aggregate)?.name}-`) ? 2 : undefined;
}

function grants(role: unknown, { verb, resource, group }: Pick<RefusedAccess, 'verb' | 'resource' | 'group'>): boolean {
  const holds = (rule: unknown, field: string, word: string) => listAt(rule, field).includes(word) || listAt(rule, field).includes('*');
  return listAt(role, 'rules').some(
    (rule) => holds(rule, 'verbs', verb) && holds(rule, 'resources', resource) && holds(rule, 'apiGroups', group),
  );
}

function isBound(reader: CmdbReader, role: string): boolean {
  const name = parseKubernetesItemId(role)?.name;
  return ['ClusterRoleBinding', 'RoleBinding'].some((kind) =>
    objectsOf(reader, kind).some(
      ({ object }) => textAt(object, 'roleRef', 'kind') === 'ClusterRole' && textAt(object, 'roleRef', 'name') === name,
    ),
  );
}

function labelsOf(object: unknown): Labels {
  return mapAt(object, 'metadata', 'labels');
}

function lacking(labels: Labels, selector: unknown): Labels {
  return Object.fromEntries(Object.entries(mapAt(selector, 'matchLabels')).filter(([key, value]) => labels[key] !== value));
}

/** As part of a sentence: which label the part lacks, and what its role is without it. */
export function sayLostPart(reader: CmdbReader, { part, aggregate, labels }: LostPart): string {
  const [name, of] = [part, aggregate].map((item) => parseKubernetesItemId(item)?.name);
  const count = listAt(reader.object(aggregate), 'rules').length;
  const asked = Object.entries(labels).map((entry) => entry.join('='));
  const left = count === 0 ? ', which has no rules without it' : '';
  const isMoved = readField(reader.object(part), ['metadata', 'labels', Object.keys(labels)[0] ?? '']) !== undefined;
  return `ClusterRole ${name} grants it and ${isMoved ? 'has another value of' : 'lacks'} the label ${asked.join(', ')} by which it is aggregated into ${of}${left}`;
}
