import { type CelVariables, evaluateCel } from '../cel/expression.ts';
import type { AdmissionPolicy, Enforcement, Validation } from './admission-policy.ts';
import { type AdmissionRequest, groupVersionOf, resourceOf } from './admission-request.ts';
import { nameOf } from './match-resources.ts';

/** One policy's word on one object. */
export interface AdmissionResult {
  readonly policy: string;
  readonly subject: string;
  readonly enforcement: Enforcement;
  /** `undecided`: an expression could not be evaluated; the reason is in `message`. */
  readonly outcome: 'passed' | 'violated' | 'undecided';
  readonly message: string;
}

/** What every matching policy says about an object. Policies that do not match say nothing. */
export function judgeAdmission(policies: readonly AdmissionPolicy[], request: AdmissionRequest): readonly AdmissionResult[] {
  return policies.filter((policy) => policy.matches(request)).flatMap((policy) => judge(policy, request) ?? []);
}

function judge(policy: AdmissionPolicy, request: AdmissionRequest): AdmissionResult | undefined {
  const say = (outcome: AdmissionResult['outcome'], message: string): AdmissionResult => ({
    policy: policy.name,
    subject: request.subject,
    enforcement: policy.enforcement,
    outcome,
    message,
  });
  if (policy.params && 'missing' in policy.params) return say('undecided', policy.params.missing);
  const variables = variablesFor(policy, request);
  for (const condition of policy.conditions) {
    const result = evaluateWith(policy, condition.expression, variables);
    if (result.status === 'error') return say('undecided', `condition ${condition.name}: ${result.reason}`);
    if (result.value !== true) return undefined;
  }
  for (const validation of policy.validations) {
    const result = evaluateWith(policy, validation.expression, variables);
    if (result.status === 'error') return say('undecided', `${shorten(validation.expression)}: ${result.reason}`);
    if (result.value !== true) return say('violated', messageOf(policy, validation, variables));
  }
  return say('passed', `${policy.validations.length} validations hold`);
}

function variablesFor(policy: AdmissionPolicy, request: AdmissionRequest): CelVariables {
  const { group, version } = groupVersionOf(request.object);
  const kind = String(request.object.kind);
  return {
    object: request.object,
    oldObject: request.oldObject ?? null,
    request: {
      operation: request.operation,
      kind: { group, version, kind },
      resource: { group, version, resource: resourceOf(kind) },
      name: nameOf(request.object),
      namespace: request.namespace ?? '',
      dryRun: false,
    },
    ...(request.namespaceObject ? { namespaceObject: request.namespaceObject } : {}),
    ...(policy.params && 'found' in policy.params ? { params: policy.params.found } : {}),
  };
}

/** `variables.name` is evaluated when an expression asks for it, as the API server does; one that fails fails what needs it. */
function evaluateWith(policy: AdmissionPolicy, expression: string, given: CelVariables) {
  const variables: Record<string, unknown> = {};
  for (const variable of policy.variables) {
    if (!needs(policy, expression, variable.name)) continue;
    const result = evaluateCel(variable.expression, { ...given, variables: { ...variables } });
    if (result.status === 'error') return { status: 'error' as const, reason: `variable ${variable.name}: ${result.reason}` };
    variables[variable.name] = result.value;
  }
  return evaluateCel(expression, { ...given, variables });
}

function needs(policy: AdmissionPolicy, expression: string, name: string, seen: ReadonlySet<string> = new Set()): boolean {
  const mentioned = [...expression.matchAll(/\bvariables\s*\.\s*\??\s*([A-Za-z_]\w*)/g)].map((match) => match[1] ?? '');
  if (mentioned.includes(name)) return true;
  return policy.variables
    .filter((variable) => mentioned.includes(variable.name) && !seen.has(variable.name))
    .some((variable) => needs(policy, variable.expression, name, new Set([...seen, variable.name])));
}

function messageOf(policy: AdmissionPolicy, validation: Validation, variables: CelVariables): string {
  if (validation.messageExpression) {
    const result = evaluateWith(policy, validation.messageExpression, variables);
    if (result.status === 'value' && typeof result.value === 'string' && result.value.trim() !== '') return result.value.trim();
  }
  return validation.message?.trim() || `failed: ${shorten(validation.expression)}`;
}

function shorten(expression: string): string {
  const line = expression.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 117)}...` : line;
}
