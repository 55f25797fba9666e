import { groupVersionOf } from '../../kubernetes/group-kind.ts';
import { matchesWildcard } from '../kyverno/scalars/scalar-pattern.ts';
import { isMap } from '../schema/schema-flaws.ts';
import type { AdmissionRequest } from './admission-request.ts';
import { labelsOf, list, matchesSelector, nameOf, namespaceLabels, texts } from './match-resources.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * `match` and `exclude` of a Kyverno rule. Who makes the request is not known here: in `match` that part is taken to hold, in `exclude`
 * it is taken not to, so that a policy which may apply applies.
 */
export function matchesKyvernoRule(rule: Fields, request: AdmissionRequest): boolean {
  return matchesBlock(rule.match, request, true) && !(isMap(rule.exclude) && matchesBlock(rule.exclude, request, false));
}

function matchesBlock(block: unknown, request: AdmissionRequest, whoIsUnknown: boolean): boolean {
  if (!isMap(block)) return false;
  const any = list(block.any);
  const all = list(block.all);
  if (any.length > 0) return any.some((filter) => matchesFilter(filter, request, whoIsUnknown));
  if (all.length > 0) return all.every((filter) => matchesFilter(filter, request, whoIsUnknown));
  return isMap(block.resources) && matchesFilter(block, request, whoIsUnknown);
}

function matchesFilter(filter: Fields, request: AdmissionRequest, whoIsUnknown: boolean): boolean {
  const asksWho = ['subjects', 'roles', 'clusterRoles'].some((field) => list(filter[field]).length > 0 || texts(filter[field]).length > 0);
  if (asksWho && !whoIsUnknown) return false;
  const resources = isMap(filter.resources) ? filter.resources : {};
  const kinds = texts(resources.kinds);
  const names = [...texts(resources.names), ...(typeof resources.name === 'string' ? [resources.name] : [])];
  const namespaces = texts(resources.namespaces);
  const operations = texts(resources.operations);
  return (
    (kinds.length === 0 || kinds.some((kind) => matchesKind(kind, request.object))) &&
    (names.length === 0 || (request.generatedName ? whoIsUnknown : names.some((name) => matchesWildcard(name, nameOf(request.object))))) &&
    (namespaces.length === 0 ||
      (request.namespace === undefined ? whoIsUnknown : namespaces.some((name) => matchesWildcard(name, request.namespace ?? '')))) &&
    (operations.length === 0 || operations.includes(request.operation)) &&
    matchesSelector(resources.selector, labelsOf(request.object), true) &&
    matchesSelector(resources.namespaceSelector, namespaceLabels(request), request.namespaceObject !== undefined || !whoIsUnknown)
  );
}

/** `Pod`, `v1/Pod`, `apps/v1/Deployment`, `batch/*\/CronJob`, `*`; subresources such as `Pod/exec` never match a manifest. */
function matchesKind(wanted: string, object: Fields): boolean {
  const parts = wanted.split('/');
  const kind = parts.at(-1) ?? '';
  const { group, version } = groupVersionOf(object);
  if (parts.length === 2 && /^[A-Z]/.test(parts[0] ?? '')) return false;
  if (!matchesWildcard(kind, String(object.kind))) return false;
  if (parts.length === 2) return matchesWildcard(parts[0] ?? '', version) || matchesWildcard(parts[0] ?? '', group);
  return parts.length < 3 || (matchesWildcard(parts[0] ?? '', group) && matchesWildcard(parts[1] ?? '', version));
}
