import { groupKindOf, groupVersionOf } from '../../kubernetes/group-kind.ts';
import type { RegoEngine } from '../gatekeeper/rego-engine.ts';
import { judgeRule, notJudged } from '../kyverno/judge-rule.ts';
import { isMap } from '../schema/schema-flaws.ts';
import type { AdmissionPolicies, AdmissionPolicy, Enforcement, NamedExpression, ParamsLookup, Validation } from './admission-policy.ts';
import type { AdmissionRequest } from './admission-request.ts';
import { isOfGatekeeper, readConstraints } from './gatekeeper-constraints.ts';
import { matchesKyvernoRule } from './match-kyverno.ts';
import { labelsOf, list, matchesSelector, matchResources, nameOf, texts } from './match-resources.ts';
import { allOf, matching } from './matching.ts';
import { type RestMapping, restMapping } from './rest-mapping.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Kinds of objects that hold policies; what else is among the objects serves as parameters. */
export const POLICY_KINDS: ReadonlySet<string> = new Set([
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingPolicy',
  'NamespacedValidatingPolicy',
  'ClusterPolicy',
  'Policy',
  'ConstraintTemplate',
]);

/** How policies are read. */
export interface ReadPoliciesOptions {
  /** A ValidatingAdmissionPolicy that no binding names is not in force; a test of the policy judges it all the same. Default false. */
  readonly evenUnbound?: boolean | undefined;
  /** The objects are all that there are: a parameter that is not among them does not exist. Default false: it is not known. */
  readonly complete?: boolean | undefined;
  /** What evaluates Rego, asked for where constraints of Gatekeeper are among the objects. Default: they are named as not evaluated. */
  readonly rego?: (() => RegoEngine | undefined) | undefined;
}

/**
 * Reads ValidatingAdmissionPolicies with their bindings, Kyverno's ValidatingPolicies, and the validations of Kyverno's ClusterPolicies and
 * Policies: `cel`, `pattern`, `anyPattern`, `deny`,
 * `foreach` and `podSecurity`, and the constraints of Gatekeeper. Other objects may be parameters of a policy.
 */
export function readAdmissionPolicies(objects: readonly Fields[], options: ReadPoliciesOptions = {}): AdmissionPolicies {
  const policies: AdmissionPolicy[] = [];
  const notEvaluated: string[] = [];
  const world: World = { objects, mapping: restMapping(objects), notEvaluated, ...options };
  for (const object of objects) {
    const kind = groupKindOf(object);
    if (kind === 'admissionregistration.k8s.io/ValidatingAdmissionPolicy') policies.push(...admissionPolicies(object, world));
    else if (/^policies\.kyverno\.io\/(?:Namespaced)?ValidatingPolicy$/.test(kind)) policies.push(...validatingPolicy(object, world));
    else if (/^kyverno\.io\/(?:Cluster)?Policy$/.test(kind)) policies.push(...kyvernoRules(object, world));
    else if (kind.startsWith('policies.kyverno.io/') && kind.endsWith('Policy'))
      notEvaluated.push(`${object.kind}/${nameOf(object)}: it is no ValidatingPolicy; the cluster's own admission judges it`);
  }
  if (objects.some(isOfGatekeeper)) {
    const constraints = readConstraints({ objects, mapping: world.mapping, rego: options.rego?.() });
    policies.push(...constraints.policies);
    notEvaluated.push(...constraints.notEvaluated);
  }
  return { policies, notEvaluated };
}

/** What is around a policy while it is read. */
interface World extends ReadPoliciesOptions {
  readonly objects: readonly Fields[];
  readonly mapping: RestMapping;
  readonly notEvaluated: string[];
}

function admissionPolicies(policy: Fields, world: World): readonly AdmissionPolicy[] {
  const name = nameOf(policy);
  const spec = isMap(policy.spec) ? policy.spec : {};
  const found = world.objects.filter(
    (object) =>
      groupKindOf(object) === 'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding' &&
      isMap(object.spec) &&
      object.spec.policyName === name,
  );
  const bindings: readonly Fields[] = found.length === 0 && world.evenUnbound ? [{ spec: {} }] : found;
  if (bindings.length === 0) world.notEvaluated.push(`ValidatingAdmissionPolicy/${name}: no binding puts it into force`);
  return bindings.map((binding) => {
    const bound = binding.spec as Fields;
    return {
      name: `ValidatingAdmissionPolicy/${name}`,
      enforcement: strictest(texts(bound.validationActions), 'deny'),
      match: (request) =>
        allOf(
          matching(!isExempt(request)),
          matchResources(spec.matchConstraints, request, world.mapping),
          matchResources(bound.matchResources, request, world.mapping),
        ),
      failurePolicy: spec.failurePolicy === 'Ignore' ? 'Ignore' : 'Fail',
      conditions: expressions(spec.matchConditions),
      variables: expressions(spec.variables),
      validations: validations(spec.validations),
      auditAnnotations: list(spec.auditAnnotations).map((one) => ({ key: String(one.key), valueExpression: String(one.valueExpression) })),
      params: isMap(spec.paramKind) ? paramsLookup(spec.paramKind, bound.paramRef, world) : undefined,
      resource: resourceIn(world.mapping),
    };
  });
}

/** Policies and their bindings are not subject to policies: nobody could take a wrong one away. */
function isExempt({ object }: AdmissionRequest): boolean {
  return /^admissionregistration\.k8s\.io\/(?:Validating|Mutating)(?:AdmissionPolicy|AdmissionPolicyBinding|WebhookConfiguration)$/.test(
    groupKindOf(object),
  );
}

function resourceIn(mapping: RestMapping): AdmissionPolicy['resource'] {
  return ({ object }) => mapping.of(groupVersionOf(object).group, String(object.kind));
}

function validatingPolicy(policy: Fields, { mapping, notEvaluated }: World): readonly AdmissionPolicy[] {
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
      match: (request) => allOf(matching(isInNamespaceOf(policy, request)), matchResources(spec.matchConstraints, request, mapping)),
      failurePolicy: spec.failurePolicy === 'Ignore' ? 'Ignore' : 'Fail',
      conditions: expressions(spec.matchConditions),
      variables: expressions(spec.variables),
      validations: validations(spec.validations),
      resource: resourceIn(mapping),
    },
  ];
}

function kyvernoRules(policy: Fields, world: World): readonly AdmissionPolicy[] {
  const spec = isMap(policy.spec) ? policy.spec : {};
  return list(spec.rules).flatMap((rule): AdmissionPolicy[] => {
    const name = `${policy.kind}/${nameOf(policy)}/${rule.name ?? '?'}`;
    const validate = isMap(rule.validate) ? rule.validate : {};
    const { cel } = validate;
    const reason = isMap(cel) ? undefined : notJudged(rule);
    if (reason !== undefined) {
      world.notEvaluated.push(`${name}: ${reason}; the cluster's own admission judges it`);
      return [];
    }
    const overrides = list(spec.validationFailureActionOverrides).map((override) => String(override.action));
    return [
      {
        name,
        enforcement: strictest([String(validate.failureAction ?? spec.validationFailureAction ?? 'Audit'), ...overrides], 'audit'),
        match: (request) => matching(isInNamespaceOf(policy, request) && matchesKyvernoRule(rule, request)),
        failurePolicy: spec.failurePolicy === 'Ignore' ? 'Ignore' : 'Fail',
        resource: resourceIn(world.mapping),
        ...(isMap(cel) ? celOf(rule, cel, world) : { conditions: [], variables: [], validations: [], judge: judgeOf(policy, rule, world) }),
      },
    ];
  });
}

function judgeOf(policy: Fields, rule: Fields, { objects, complete = false }: World): NonNullable<AdmissionPolicy['judge']> {
  const configMap = (name: string, namespace: string) =>
    objects.find(
      (object) =>
        object.kind === 'ConfigMap' && nameOf(object) === name && isMap(object.metadata) && object.metadata.namespace === namespace,
    ) ?? (complete ? 'missing' : 'unknown');
  return (request) => judgeRule(rule, request, { configMap, values: request.values?.(nameOf(policy), String(rule.name)) });
}

function celOf(rule: Fields, cel: Fields, world: World) {
  return {
    conditions: expressions(rule.celPreconditions),
    variables: expressions(cel.variables),
    validations: validations(cel.expressions),
    params: isMap(cel.paramKind) ? paramsLookup(cel.paramKind, cel.paramRef, world) : undefined,
  };
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

/** `paramRef` of a binding: one object by name, or all that a selector finds, in the named namespace or in that of the request. */
function paramsLookup(
  paramKind: Fields,
  paramRef: unknown,
  { objects, complete = false, mapping }: World,
): (request: AdmissionRequest) => ParamsLookup {
  const reference = isMap(paramRef) ? paramRef : {};
  const { group } = groupVersionOf({ apiVersion: paramKind.apiVersion });
  const isNamespaced = mapping.of(group, String(paramKind.kind))?.namespaced;
  const candidates = objects.filter((object) => object.kind === paramKind.kind && object.apiVersion === paramKind.apiVersion);
  return (request) => {
    if (reference.name === undefined && !isMap(reference.selector)) return { refused: 'its binding names no parameter (paramRef)' };
    const namespace = typeof reference.namespace === 'string' ? reference.namespace : request.namespace;
    if (isNamespaced && namespace === undefined && complete) return { refused: 'its parameter is namespaced, and the object is not' };
    const found = candidates.filter((object) => isReferenced(object, reference, isNamespaced === false ? undefined : namespace));
    if (found.length > 0)
      return complete || reference.name !== undefined ? { found } : { missing: 'whether there are more parameters is not known' };
    const wanted = `its parameter ${paramKind.kind} ${reference.name ?? 'by selector'}`;
    if (!complete) return { missing: `${wanted} is not known` };
    return reference.parameterNotFoundAction === 'Deny' ? { refused: `${wanted} does not exist` } : { found: [] };
  };
}

function isReferenced(object: Fields, reference: Fields, namespace: string | undefined): boolean {
  const own = isMap(object.metadata) ? object.metadata.namespace : undefined;
  if (namespace !== undefined && own !== undefined && own !== namespace) return false;
  return reference.name === undefined ? matchesSelector(reference.selector, labelsOf(object), true) : nameOf(object) === reference.name;
}
