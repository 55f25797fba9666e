import { groupVersionOf } from '../../kubernetes/group-kind.ts';
import { CelCost, POLICY_LIMIT } from '../cel/cost.ts';
import { type CelOutcome, runCel } from '../cel/expression.ts';
import { CelError, CelRecord, CelUndecidable, CelUnknown, type CelValue, toCel } from '../cel/values/value.ts';
import type { AdmissionPolicy, Enforcement, PolicyVerdict, Validation } from './admission-policy.ts';
import type { AdmissionRequest } from './admission-request.ts';
import { nameOf } from './match-resources.ts';

/** One policy's word on one object. */
export interface AdmissionResult {
  readonly policy: string;
  readonly subject: string;
  readonly enforcement: Enforcement;
  /** `undecided`: the API server knows more than is known here, or nobody here can evaluate it; the reason is in `message`. */
  readonly outcome: 'passed' | 'violated' | 'undecided';
  readonly message: string;
}

/** What every matching policy says about an object. Policies that do not match say nothing. */
export function judgeAdmission(policies: readonly AdmissionPolicy[], request: AdmissionRequest): readonly AdmissionResult[] {
  return policies.flatMap((policy) => judge(policy, request) ?? []);
}

function judge(policy: AdmissionPolicy, request: AdmissionRequest): AdmissionResult | undefined {
  const match = policy.match(request);
  if (match === 'no') return undefined;
  const verdict = policy.judge ? policy.judge(request) : judgeCel(policy, request);
  if (verdict.outcome === 'skipped') return undefined;
  const { name } = policy;
  const enforcement = 'always' in verdict && verdict.always ? 'deny' : policy.enforcement;
  const say = (outcome: AdmissionResult['outcome'], message: string) => ({
    policy: name,
    subject: request.subject,
    enforcement,
    outcome,
    message,
  });
  if (verdict.outcome !== 'violated' && verdict.outcome !== 'undecided')
    return say('passed', policy.judge ? 'its rule holds' : `${policy.validations.length} validations hold`);
  if (match === 'yes') return say(verdict.outcome, verdict.message);
  return say('undecided', `${match.unknown}; if the policy applies: ${verdict.message}`);
}

/** Every parameter is judged: the worst word is the policy's. */
function judgeCel(policy: AdmissionPolicy, request: AdmissionRequest): PolicyVerdict {
  const lookup = policy.params?.(request) ?? { found: [null] };
  if ('missing' in lookup) return { outcome: 'undecided', message: lookup.missing };
  if ('refused' in lookup) {
    return policy.failurePolicy === 'Ignore' ? { outcome: 'passed' } : { outcome: 'violated', message: lookup.refused, always: true };
  }
  const verdicts = lookup.found.map((params) => judgeWith(policy, request, params));
  const worst = (outcome: PolicyVerdict['outcome']) => verdicts.find((verdict) => verdict.outcome === outcome);
  return worst('violated') ?? worst('undecided') ?? worst('passed') ?? { outcome: 'skipped' };
}

function onFailure(policy: AdmissionPolicy, message: string): PolicyVerdict {
  return policy.failurePolicy === 'Ignore' ? { outcome: 'passed' } : { outcome: 'violated', message };
}

function judgeWith(policy: AdmissionPolicy, request: AdmissionRequest, params: unknown): PolicyVerdict {
  const run = runner(policy, request, params);
  const applies = conditionsHold(policy, run);
  if (applies !== true) return applies;
  const verdicts = [
    ...policy.validations.map((validation) => judgeValidation(policy, validation, run)),
    ...(policy.auditAnnotations ?? []).map(({ key, valueExpression }) => judgeAnnotation(policy, key, run(valueExpression))),
  ];
  const worst = (outcome: PolicyVerdict['outcome']) => verdicts.find((verdict) => verdict.outcome === outcome);
  return worst('violated') ?? worst('undecided') ?? { outcome: 'passed' };
}

type Run = (expression: string) => CelOutcome;

/** All conditions are looked at: one that is false makes the policy silent, whatever becomes of the others. */
function conditionsHold(policy: AdmissionPolicy, run: Run): true | PolicyVerdict {
  const results = policy.conditions.map((condition) => ({ condition, result: run(condition.expression) }));
  if (results.some(({ result }) => result.status === 'value' && result.value !== true)) return { outcome: 'skipped' };
  for (const { condition, result } of results) {
    if (result.status === 'value') continue;
    const message = `condition ${condition.name}: ${result.reason}`;
    if (result.unknown) return { outcome: 'undecided', message };
    return policy.failurePolicy === 'Ignore' ? { outcome: 'skipped' } : { outcome: 'violated', message };
  }
  return true;
}

function judgeValidation(policy: AdmissionPolicy, validation: Validation, run: Run): PolicyVerdict {
  const result = run(validation.expression);
  if (result.status === 'error') {
    const message = `expression '${shorten(validation.expression)}' resulted in error: ${result.reason}`;
    return result.unknown ? { outcome: 'undecided', message } : onFailure(policy, message);
  }
  return result.value === true ? { outcome: 'passed' } : { outcome: 'violated', message: messageOf(validation, run) };
}

function judgeAnnotation(policy: AdmissionPolicy, key: string, result: CelOutcome): PolicyVerdict {
  if (result.status === 'value' && (result.value === null || typeof result.value === 'string')) return { outcome: 'passed' };
  const message = `audit annotation ${key}: ${result.status === 'error' ? result.reason : 'its value is neither text nor null'}`;
  return result.status === 'error' && result.unknown ? { outcome: 'undecided', message } : onFailure(policy, message);
}

/** Evaluates the policy's expressions: what they may spend together is bounded, and each variable is worked out once, when it is reached. */
function runner(policy: AdmissionPolicy, request: AdmissionRequest, params: unknown): Run {
  const budget = { left: POLICY_LIMIT };
  const base = variablesFor(policy, request, params);
  const spend = (expression: string, variables: ReadonlyMap<string, CelValue>) => {
    const cost = new CelCost(Math.min(budget.left, new CelCost().limit));
    const outcome = runCel(expression, variables, cost);
    budget.left -= cost.total;
    return outcome;
  };
  const names = policy.variables.map(({ name, expression }, index) => {
    const earlier = policy.variables.slice(0, index).map((variable) => variable.name);
    return [name, (): CelValue => resultOf(spend(expression, new Map([...base, ['variables', only(record, earlier)]])), name)] as const;
  });
  const record: CelRecord = new CelRecord(new Map(names));
  const all = new Map<string, CelValue>([...base, ['variables', record]]);
  return (expression) => spend(expression, all);
}

/** A variable sees only those that are declared before it. */
function only(record: CelRecord, names: readonly string[]): CelRecord {
  return new CelRecord(new Map(names.map((name) => [name, () => record.get(name) as CelValue])));
}

function resultOf(outcome: CelOutcome, name: string): CelValue {
  if (outcome.status === 'value') return outcome.value;
  const reason = `variable ${name}: ${outcome.reason}`;
  throw outcome.unknown ? new CelUndecidable(reason) : new CelError(reason);
}

function variablesFor(policy: AdmissionPolicy, request: AdmissionRequest, params: unknown): ReadonlyMap<string, CelValue> {
  return new Map<string, CelValue>([
    ['object', toCel(request.object)],
    ['oldObject', toCel(request.oldObject ?? null)],
    ['request', requestValue(policy, request)],
    ['params', toCel(params)],
    ['namespaceObject', namespaceValue(policy, request)],
    ['authorizer', new CelUnknown('the authorizer, which asks a live API server,')],
  ]);
}

function requestValue(policy: AdmissionPolicy, request: AdmissionRequest): CelValue {
  const { group, version } = groupVersionOf(request.object);
  const kind = toCel({ group, version, kind: String(request.object.kind) });
  const served = policy.resource(request);
  const resource = served ? toCel({ group, version, resource: served.resource }) : new CelUnknown('request.resource');
  const known = {
    kind,
    requestKind: kind,
    resource,
    requestResource: resource,
    name: nameOf(request.object),
    namespace: request.namespace ?? '',
  };
  const entries = Object.entries({ operation: request.operation, subResource: '', ...known, dryRun: new CelUnknown('request.dryRun') });
  const who = request.userInfo ? toCel(request.userInfo) : new CelUnknown('who asks (request.userInfo)');
  return new Map<string, CelValue>([
    ...entries,
    ['userInfo', who],
    ['options', new CelUnknown('request.options')],
    ['uid', new CelUnknown('request.uid')],
  ]);
}

/** `namespaceObject` is null for objects of the cluster. */
function namespaceValue(policy: AdmissionPolicy, request: AdmissionRequest): CelValue {
  if (request.namespaceObject) return toCel(request.namespaceObject);
  const isOfCluster = request.namespace === undefined && policy.resource(request)?.namespaced === false;
  return isOfCluster ? null : new CelUnknown(`namespaceObject (${request.namespace ?? 'no namespace is given'})`);
}

function messageOf(validation: Validation, run: Run): string {
  if (validation.messageExpression) {
    const result = run(validation.messageExpression);
    const text = result.status === 'value' && typeof result.value === 'string' ? result.value.trim() : '';
    if (text !== '' && !text.includes('\n')) return text;
  }
  return validation.message?.trim() || `failed expression: ${shorten(validation.expression)}`;
}

function shorten(expression: string): string {
  const line = expression.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 117)}...` : line;
}
