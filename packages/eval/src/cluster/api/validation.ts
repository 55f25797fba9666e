import type { ResourceKind } from '../kinds.ts';
import { isJsonObject, type KubernetesObject, valueAt } from '../kubernetes-object.ts';
import { isSameJson } from '../patch/same-json.ts';
import { matchesLabels } from '../selectors.ts';
import { detailsOf, StatusError } from '../status-error.ts';

interface Problem {
  readonly field: string;
  readonly message: string;
}

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
/** Kinds whose names may hold more than a DNS subdomain. */
const FREE_NAMES: ReadonlySet<string> = new Set(['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings']);

/**
 * The few checks whose absence would let nonsense through: names, replicas, containers, selectors.
 * Unknown fields and most value ranges are not checked: there is no schema here.
 */
export function requireValid(kind: ResourceKind, object: KubernetesObject, live: KubernetesObject | undefined): void {
  const problems = [...nameProblems(kind, object), ...(kind.group === 'apps' ? workloadProblems(object, live) : [])];
  if (problems.length === 0) return;
  const name = object.metadata.name ?? '';
  const type = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const text = problems.map((problem) => `${problem.field}: ${problem.message}`);
  const causes = problems.map((problem) => ({ reason: 'FieldValueInvalid', message: problem.message, field: problem.field }));
  throw new StatusError('Invalid', `${type} "${name}" is invalid: ${text.length === 1 ? text[0] : `[${text.join(', ')}]`}`, {
    ...detailsOf(kind, name),
    kind: kind.kind,
    causes,
  });
}

function nameProblems(kind: ResourceKind, { metadata }: KubernetesObject): readonly Problem[] {
  if (typeof metadata.name !== 'string' || metadata.name === '') {
    if (typeof metadata.generateName === 'string' && metadata.generateName !== '') return [];
    return [{ field: 'metadata.name', message: 'Required value: name or generateName is required' }];
  }
  if (metadata.name.length <= 253 && (FREE_NAMES.has(kind.resource) || SUBDOMAIN.test(metadata.name))) return [];
  const rule = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'";
  return [{ field: 'metadata.name', message: `Invalid value: ${JSON.stringify(metadata.name.slice(0, 300))}: ${rule}` }];
}

function workloadProblems(object: KubernetesObject, live: KubernetesObject | undefined): readonly Problem[] {
  const template = valueAt(object, ['spec', 'template']);
  const selector = valueAt(object, ['spec', 'selector']);
  if (template === undefined && selector === undefined) return [];
  return [...replicaProblems(object), ...containerProblems(template), ...selectorProblems(selector, template, live)];
}

function replicaProblems(object: KubernetesObject): readonly Problem[] {
  const replicas = valueAt(object, ['spec', 'replicas']);
  if (replicas === undefined || (typeof replicas === 'number' && Number.isInteger(replicas) && replicas >= 0)) return [];
  return [{ field: 'spec.replicas', message: `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0` }];
}

function containerProblems(template: unknown): readonly Problem[] {
  const containers = valueAt(template, ['spec', 'containers']);
  if (!Array.isArray(containers) || containers.length === 0) return [{ field: 'spec.template.spec.containers', message: 'Required value' }];
  const names = containers.map((container) => valueAt(container, ['name']));
  return containers.flatMap((container, index) => {
    const field = `spec.template.spec.containers[${index}]`;
    if (typeof names[index] !== 'string') return [{ field: `${field}.name`, message: 'Required value' }];
    if (names.indexOf(names[index]) !== index)
      return [{ field: `${field}.name`, message: `Duplicate value: ${JSON.stringify(names[index])}` }];
    if (typeof valueAt(container, ['image']) !== 'string') return [{ field: `${field}.image`, message: 'Required value' }];
    return [];
  });
}

function selectorProblems(selector: unknown, template: unknown, live: KubernetesObject | undefined): readonly Problem[] {
  if (!isJsonObject(selector)) return [{ field: 'spec.selector', message: 'Required value' }];
  const wanted = valueAt(selector, ['matchLabels']);
  const labels = valueAt(template, ['metadata', 'labels']);
  if (live !== undefined && !isSameJson(valueAt(live, ['spec', 'selector']), selector)) {
    return [{ field: 'spec.selector', message: `Invalid value: ${JSON.stringify(selector)}: field is immutable` }];
  }
  if (isJsonObject(wanted) && !matchesLabels(labels as Record<string, string> | undefined, wanted as Record<string, string>)) {
    return [
      {
        field: 'spec.template.metadata.labels',
        message: `Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``,
      },
    ];
  }
  return [];
}
