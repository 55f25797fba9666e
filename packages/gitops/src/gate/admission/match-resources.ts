import { isMap } from '../schema/schema-flaws.ts';
import { type AdmissionRequest, groupVersionOf, resourceOf } from './admission-request.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * `matchConstraints` of a ValidatingAdmissionPolicy, `matchResources` of its binding: rules, exclusions and selectors.
 * Versions are not compared, because the default `matchPolicy: Equivalent` matches every version of a resource.
 */
export function matchesResources(match: unknown, request: AdmissionRequest): boolean {
  if (!isMap(match)) return true;
  const rules = list(match.resourceRules);
  if (rules.length > 0 && !rules.some((rule) => matchesRule(rule, request))) return false;
  if (list(match.excludeResourceRules).some((rule) => matchesRule(rule, request))) return false;
  return (
    matchesSelector(match.objectSelector, labelsOf(request.object), true) &&
    matchesSelector(match.namespaceSelector, namespaceLabels(request), request.namespaceObject !== undefined)
  );
}

function matchesRule(rule: Fields, request: AdmissionRequest): boolean {
  const { group } = groupVersionOf(request.object);
  const resource = resourceOf(String(request.object.kind));
  const names = texts(rule.resourceNames);
  return (
    has(texts(rule.apiGroups), group) &&
    has(texts(rule.operations), request.operation) &&
    texts(rule.resources).some((wanted) => wanted === '*' || wanted === '*/*' || wanted === resource) &&
    (names.length === 0 || request.generatedName || names.includes(nameOf(request.object)))
  );
}

function has(wanted: readonly string[], value: string): boolean {
  return wanted.includes('*') || wanted.includes(value);
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
