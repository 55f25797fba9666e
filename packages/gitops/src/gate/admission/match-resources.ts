import { groupVersionOf } from '../../kubernetes/group-kind.ts';
import { isMap } from '../schema/schema-flaws.ts';
import type { AdmissionRequest } from './admission-request.ts';
import { allOf, anyOf, type Matching, matching, not } from './matching.ts';
import type { RestMapping, RestResource } from './rest-mapping.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * `matchConstraints` of a ValidatingAdmissionPolicy, `matchResources` of its binding: rules, exclusions and selectors, by the resource that
 * the kind is served as. A kind whose resource nobody told may be the one that a rule names.
 */
export function matchResources(match: unknown, request: AdmissionRequest, mapping: RestMapping): Matching {
  if (!isMap(match)) return 'yes';
  const rules = list(match.resourceRules);
  const exact = match.matchPolicy === 'Exact';
  const place: Place = { request, mapping, exact };
  return allOf(
    rules.length === 0 ? 'yes' : anyOf(rules.map((rule) => matchRule(rule, place))),
    ...list(match.excludeResourceRules).map((rule) => not(matchRule(rule, place))),
    matchObject(match.objectSelector, request),
    matchNamespace(match.namespaceSelector, request, mapping),
  );
}

/** The object or what it was before: either may match. */
function matchObject(selector: unknown, { object, oldObject }: AdmissionRequest): Matching {
  const objects = [object, ...(oldObject ? [oldObject] : [])];
  return anyOf(objects.map((one) => matchSelector(selector, labelsOf(one), undefined)));
}

interface Place {
  readonly request: AdmissionRequest;
  readonly mapping: RestMapping;
  readonly exact: boolean;
}

function matchRule(rule: Fields, { request, mapping, exact }: Place): Matching {
  const { group, version } = groupVersionOf(request.object);
  const served = mapping.of(group, String(request.object.kind));
  const names = texts(rule.resourceNames);
  return allOf(
    // A rule that names no operation is taken for all of them: the API server would not take it.
    matching(!Array.isArray(rule.operations) || has(texts(rule.operations), request.operation)),
    matching(has(texts(rule.apiGroups), group)),
    matchVersion(texts(rule.apiVersions), version, { served, exact }),
    matchResource(texts(rule.resources), { group, served, mapping, kind: String(request.object.kind) }),
    served && typeof rule.scope === 'string' ? matching(rule.scope === '*' || (rule.scope === 'Namespaced') === served.namespaced) : 'yes',
    names.length === 0 || request.generatedName ? 'yes' : matching(names.includes(nameOf(request.object))),
  );
}

/** `Equivalent` reaches every version that is served, where one of those that the rule names is served too. */
function matchVersion(
  wanted: readonly string[],
  version: string,
  { served, exact }: { readonly served: RestResource | undefined; readonly exact: boolean },
): Matching {
  if (has(wanted, version)) return 'yes';
  if (exact) return 'no';
  if (!served?.versions) return { unknown: `whether ${wanted.join(', ')} is served beside ${version} is not known` };
  return matching(wanted.some((one) => served.versions?.includes(one)));
}

interface Named {
  readonly group: string;
  readonly kind: string;
  readonly served: RestResource | undefined;
  readonly mapping: RestMapping;
}

function matchResource(wanted: readonly string[], { group, kind, served, mapping }: Named): Matching {
  if (wanted.some((resource) => resource === '*' || resource === '*/*')) return 'yes';
  if (served) return matching(wanted.includes(served.resource));
  const open = wanted.filter((resource) => !resource.includes('/') && !mapping.isKnown(group, resource) && !mapping.isKnown('', resource));
  if (open.length === 0) return 'no';
  return {
    unknown: `which resource ${kind} of ${group} is served as is not known (no CustomResourceDefinition says it): it may be ${open.join(', ')}`,
  };
}

function matchNamespace(selector: unknown, request: AdmissionRequest, mapping: RestMapping): Matching {
  if (!isMap(selector)) return 'yes';
  const kind = String(request.object.kind);
  const { group } = groupVersionOf(request.object);
  // A Namespace is judged by its own labels; other objects of the cluster match every selector.
  if (group === '' && kind === 'Namespace') return matchSelector(selector, namespaceOwnLabels(request), undefined);
  if (request.namespace === undefined && mapping.of(group, kind)?.namespaced === false) return 'yes';
  const missing = request.namespaceObject ? undefined : `the labels of namespace ${request.namespace ?? '(none given)'} are not known`;
  return matchSelector(selector, namespaceLabels(request), missing);
}

function namespaceOwnLabels(request: AdmissionRequest): Readonly<Record<string, string>> {
  return { ...labelsOf(request.object), 'kubernetes.io/metadata.name': nameOf(request.object) };
}

function has(wanted: readonly string[], value: string): boolean {
  return wanted.includes('*') || wanted.includes(value);
}

/** A label selector on labels; `missing` says why some labels may not be known. */
export function matchSelector(selector: unknown, labels: Readonly<Record<string, string>>, missing: string | undefined): Matching {
  if (missing === undefined) return matching(matchesSelector(selector, labels, true));
  if (!matchesSelector(selector, labels, false)) return 'no';
  return isSettled(selector, labels) ? 'yes' : { unknown: missing };
}

/** Whether a selector asks for nothing but labels that are known. */
function isSettled(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  if (!isMap(selector)) return true;
  const asked = [
    ...Object.keys(isMap(selector.matchLabels) ? selector.matchLabels : {}),
    ...list(selector.matchExpressions).map(({ key }) => String(key)),
  ];
  return asked.every((key) => Object.hasOwn(labels, key));
}

/**
 * A label selector on labels. Where the labels are not all known, only a contradiction with a known one says no: a policy that may
 * apply is taken to apply.
 */
export function matchesSelector(selector: unknown, labels: Readonly<Record<string, string>>, complete: boolean): boolean {
  if (!isMap(selector)) return true;
  const wanted = Object.entries(isMap(selector.matchLabels) ? selector.matchLabels : {});
  const agrees = (key: string, test: (value: string | undefined) => boolean) => (!complete && !(key in labels) ? true : test(labels[key]));
  return (
    wanted.every(([key, value]) => agrees(key, (label) => label === value)) &&
    list(selector.matchExpressions).every((expression) =>
      agrees(String(expression.key), (label) => matchesExpression(String(expression.operator), texts(expression.values), label)),
    )
  );
}

function matchesExpression(operator: string, values: readonly string[], label: string | undefined): boolean {
  if (operator === 'In') return label !== undefined && values.includes(label);
  if (operator === 'NotIn') return label === undefined || !values.includes(label);
  if (operator === 'Exists') return label !== undefined;
  if (operator === 'DoesNotExist') return label === undefined;
  return true;
}

/** Labels of the request's namespace; its name is always one of them. */
export function namespaceLabels(request: AdmissionRequest): Readonly<Record<string, string>> {
  const known = request.namespaceObject ? labelsOf(request.namespaceObject) : {};
  return request.namespace === undefined ? known : { 'kubernetes.io/metadata.name': request.namespace, ...known };
}

export function labelsOf(object: Fields): Readonly<Record<string, string>> {
  const labels = isMap(object.metadata) && isMap(object.metadata.labels) ? object.metadata.labels : {};
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]));
}

export function nameOf(object: Fields): string {
  return isMap(object.metadata) && typeof object.metadata.name === 'string' ? object.metadata.name : '';
}

export function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}

export function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
