import { groupKindOf } from '../../kubernetes/group-kind.ts';
import { isMap } from '../schema/schema-flaws.ts';
import type { AdmissionPolicies, AdmissionPolicy, Enforcement, NamedExpression, ParamsLookup, Validation } from './admission-policy.ts';
import type { AdmissionRequest } from './admission-request.ts';
import { matchesKyvernoRule } from './match-kyverno.ts';
import { labelsOf, list, matchesResources, matchesSelector, nameOf, texts } from './match-resources.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Kinds of objects that hold policies; what else is among the objects serves as parameters. */
export const POLICY_KINDS: ReadonlySet<string> = new Set([
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingPolicy',
  'NamespacedValidatingPolicy',
  'ClusterPolicy',
  'Policy',
]);

/** How policies are read. */
export interface ReadPoliciesOptions {
  /** A ValidatingAdmissionPolicy that no binding names is not in force; a test of the policy judges it all the same. Default false. */
  readonly evenUnbound?: boolean | undefined;
}

/**
 * Reads ValidatingAdmissionPolicies with their bindings, Kyverno's ValidatingPolicies, and the `validate.cel` rules of Kyverno's
 * ClusterPolicies and Policies. Other objects may be parameters of a policy.
 */
export function readAdmissionPolicies(objects: readonly Fields[], options: ReadPoliciesOptions = {}): AdmissionPolicies {
  const policies: AdmissionPolicy[] = [];
  const notEvaluated: string[] = [];
  for (const object of objects) {
    const kind = groupKindOf(object);
    if (kind === 'admissionregistration.k8s.io/ValidatingAdmissionPolicy')
      policies.push(...admissionPolicies(object, objects, { notEvaluated, ...options }));
    else if (/^policies\.kyverno\.io\/(?:Namespaced)?ValidatingPolicy$/.test(kind))
      policies.push(...validatingPolicy(object, notEvaluated));
    else if (/^kyverno\.io\/(?:Cluster)?Policy$/.test(kind)) policies.push(...kyvernoRules(object, objects, notEvaluated));
  }
  return { policies, notEvaluated };
}

function admissionPolicies(
  policy: Fields,
  objects: readonly Fields[],
  { notEvaluated, evenUnbound }: ReadPoliciesOptions & { readonly notEvaluated: string[] },
): readonly AdmissionPolicy[] {
  const name = nameOf(policy);
  const spec = isMap(policy.spec) ? policy.spec : {};
  const found = objects.filter(
    (object) =>
      groupKindOf(object) === 'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding' &&
      isMap(object.spec) &&
      object.spec.policyName === name,
  );
  const bindings: readonly Fields[] = found.length === 0 && evenUnbound ? [{ spec: {} }] : found;
  if (bindings.length === 0) notEvaluated.push(`ValidatingAdmissionPolicy/${name}: no binding puts it into force`);
  return bindings.map((binding) => {
    const bound = binding.spec as Fields;
    return {
      name: `ValidatingAdmissionPolicy/${name}`,
      enforcement: strictest(texts(bound.validationActions), 'deny'),
      matches: (request) => matchesResources(spec.matchConstraints, request) && matchesResources(bound.matchResources, request),
      conditions: expressions(spec.matchConditions),
      variables: expressions(spec.variables),
      validations: validations(spec.validations),
      params: isMap(spec.paramKind) ? lookUpParams(spec.paramKind, bound.paramRef, objects) : undefined,
    };
  });
}

function validatingPolicy(policy: Fields, notEvaluated: string[]): readonly AdmissionPolicy[] {
  const spec = isMap(policy.spec) ? policy.spec : {};
  const name = `${policy.kind}/${nameOf(policy)}`;
  const evaluation = isMap(spec.evaluation) ? spec.evaluation : {};
  if (typeof evaluation.mode === 'string' && evaluation.mode !== 'Kubernetes') {
    notEvaluated.push(`${name}: evaluation mode ${evaluation.mode} is not about Kubernetes objects`);
    return [];
  }
  if (isMap(evaluation.admission) && evaluation.admission.enabled === false) {
    notEvaluated.push(`${name}: it is switched off for admission`);
    return [];
  }
  return [
    {
      name,
      enforcement: strictest(texts(spec.validationActions), 'deny'),
      matches: (request) => isInNamespaceOf(policy, request) && matchesResources(spec.matchConstraints, request),
      conditions: expressions(spec.matchConditions),
      variables: expressions(spec.variables),
      validations: validations(spec.validations),
    },
  ];
}

function kyvernoRules(policy: Fields, objects: readonly Fields[], notEvaluated: string[]): readonly AdmissionPolicy[] {
  const spec = isMap(policy.spec) ? policy.spec : {};
  return list(spec.rules).flatMap((rule): AdmissionPolicy[] => {
    const name = `${policy.kind}/${nameOf(policy)}/${rule.name ?? '?'}`;
    const validate = isMap(rule.validate) ? rule.validate : {};
    const { cel } = validate;
    if (!isMap(cel)) {
      notEvaluated.push(`${name}: not a CEL validation; the cluster's own admission judges it`);
      return [];
    }
    const overrides = list(spec.validationFailureActionOverrides).map((override) => String(override.action));
    return [
      {
        name,
        enforcement: strictest([String(validate.failureAction ?? spec.validationFailureAction ?? 'Audit'), ...overrides], 'audit'),
        matches: (request) => isInNamespaceOf(policy, request) && matchesKyvernoRule(rule, request),
        conditions: expressions(rule.celPreconditions),
        variables: expressions(cel.variables),
        validations: validations(cel.expressions),
        params: isMap(cel.paramKind) ? lookUpParams(cel.paramKind, cel.paramRef, objects) : undefined,
      },
    ];
  });
}

/** A namespaced policy speaks about its own namespace only. */
function isInNamespaceOf(policy: Fields, request: AdmissionRequest): boolean {
  if (policy.kind === 'ClusterPolicy' || policy.kind === 'ValidatingPolicy') return true;
  const own = isMap(policy.metadata) ? policy.metadata.namespace : undefined;
  return own === undefined || request.namespace === undefined || own === request.namespace;
}

function strictest(actions: readonly string[], fallback: Enforcement): Enforcement {
  if (actions.length === 0) return fallback;
  if (actions.some((action) => /^(?:deny|enforce)$/i.test(action))) return 'deny';
  return actions.some((action) => /^warn$/i.test(action)) ? 'warn' : 'audit';
}

function expressions(value: unknown): readonly NamedExpression[] {
  return list(value).map((entry) => ({ name: String(entry.name ?? ''), expression: String(entry.expression ?? '') }));
}

function validations(value: unknown): readonly Validation[] {
  return list(value).map((entry) => ({
    expression: String(entry.expression ?? ''),
    ...(typeof entry.message === 'string' ? { message: entry.message } : {}),
    ...(typeof entry.messageExpression === 'string' ? { messageExpression: entry.messageExpression } : {}),
  }));
}

/** That a parameter is not among the objects does not show that the cluster has none, so it is missing, never absent. */
function lookUpParams(paramKind: Fields, paramRef: unknown, objects: readonly Fields[]): ParamsLookup {
  const reference = isMap(paramRef) ? paramRef : {};
  const candidates = objects.filter((object) => object.kind === paramKind.kind && object.apiVersion === paramKind.apiVersion);
  const found = candidates.filter((object) => {
    const namespace = isMap(object.metadata) ? object.metadata.namespace : undefined;
    if (reference.namespace !== undefined && namespace !== undefined && namespace !== reference.namespace) return false;
    return reference.name === undefined ? matchesSelector(reference.selector, labelsOf(object), true) : nameOf(object) === reference.name;
  });
  if (found.length === 1) return { found: found[0] };
  const wanted = `${paramKind.kind} ${reference.name ?? 'by selector'}`;
  return { missing: found.length === 0 ? `its parameter ${wanted} is not known` : `${found.length} parameters match ${wanted}` };
}
