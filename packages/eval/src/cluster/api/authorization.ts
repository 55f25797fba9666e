import { qualified, StatusError } from '../status-error.ts';
import type { RequestTarget } from './request-target.ts';

/** What the one user of the cluster may do: the fields of an RBAC PolicyRule, and where. `*` stands for all. */
export interface AccessRule {
  /** Empty text is the core group. */
  readonly apiGroups: readonly string[];
  /** Plural names; a subresource is `pods/log`. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Default: every name. */
  readonly resourceNames?: readonly string[] | undefined;
  /** Default: every namespace, and the cluster as a whole. */
  readonly namespaces?: readonly string[] | undefined;
}

/** One thing somebody wants to do. */
export interface AccessAttributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string | undefined;
  /** Undefined: cluster-wide. */
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

const USER = 'tier0';

/** Whether one of the rules allows it; RBAC knows no denials. */
export function isAllowed(rules: readonly AccessRule[], attributes: AccessAttributes): boolean {
  const resource = attributes.subresource ? `${attributes.resource}/${attributes.subresource}` : attributes.resource;
  const holds = (list: readonly string[], value: string) => list.includes('*') || list.includes(value);
  return rules.some(
    (rule) =>
      holds(rule.verbs, attributes.verb) &&
      holds(rule.apiGroups, attributes.group) &&
      holds(rule.resources, resource) &&
      (rule.resourceNames === undefined || (attributes.name !== undefined && rule.resourceNames.includes(attributes.name))) &&
      (rule.namespaces === undefined || (attributes.namespace !== undefined && rule.namespaces.includes(attributes.namespace))),
  );
}

const WRITE_VERBS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch' };

/** The verb that RBAC knows a request by. */
export function verbOf(method: string, target: RequestTarget, isWatch: boolean): string {
  if (method === 'GET' || method === 'HEAD') return target.name !== undefined ? 'get' : isWatch ? 'watch' : 'list';
  if (method === 'DELETE') return target.name === undefined ? 'deletecollection' : 'delete';
  return WRITE_VERBS[method] ?? method.toLowerCase();
}

/** Throws Forbidden, worded as the API server words it, when no rule allows the request. */
export function requireAllowed(rules: readonly AccessRule[], verb: string, { kind, namespace, name, subresource }: RequestTarget): void {
  if (isAllowed(rules, { verb, group: kind.group, resource: kind.resource, subresource, namespace, name })) return;
  const resource = subresource === undefined ? kind.resource : `${kind.resource}/${subresource}`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const what = name === undefined ? qualified(kind) : `${qualified(kind)} "${name}"`;
  throw new StatusError(
    'Forbidden',
    `${what} is forbidden: User "${USER}" cannot ${verb} resource "${resource}" in API group "${kind.group}" ${where}`,
    { kind: kind.resource, ...(kind.group === '' ? {} : { group: kind.group }), ...(name === undefined ? {} : { name }) },
  );
}
