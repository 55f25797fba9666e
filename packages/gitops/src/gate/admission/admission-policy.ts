import type { AdmissionRequest } from './admission-request.ts';
import type { Matching } from './matching.ts';
import type { RestResource } from './rest-mapping.ts';

/** What happens when a policy is violated; only `deny` stops a change. */
export type Enforcement = 'deny' | 'warn' | 'audit';

/** A CEL expression with a name. */
export interface NamedExpression {
  readonly name: string;
  readonly expression: string;
}

/** One thing a policy demands. */
export interface Validation {
  readonly expression: string;
  readonly message?: string | undefined;
  readonly messageExpression?: string | undefined;
}

/** An annotation that a policy adds to the audit log: it denies nothing, unless working it out fails. */
export interface AuditAnnotation {
  readonly key: string;
  readonly valueExpression: string;
}

/** An admission policy in one form, whatever kind it was written as. */
export interface AdmissionPolicy {
  /** `ValidatingAdmissionPolicy/require-limits` or `ClusterPolicy/require-limits/check-limits` for a rule of Kyverno's. */
  readonly name: string;
  readonly enforcement: Enforcement;
  /** Whether the policy speaks about the object. What may match is judged; if it would be refused, nobody can say whether it is. */
  readonly match: (request: AdmissionRequest) => Matching;
  /** What an expression that fails means: `Ignore` lets the object pass. */
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly conditions: readonly NamedExpression[];
  readonly variables: readonly NamedExpression[];
  readonly validations: readonly Validation[];
  readonly auditAnnotations?: readonly AuditAnnotation[] | undefined;
  /** Parameter objects for a request; undefined where the policy takes none. */
  readonly params?: ((request: AdmissionRequest) => ParamsLookup) | undefined;
  /** The resource that the request's kind is served as. */
  readonly resource: (request: AdmissionRequest) => RestResource | undefined;
  /** Judges the request where the policy is not written in CEL. */
  readonly judge?: ((request: AdmissionRequest) => PolicyVerdict) | undefined;
}

/** What a policy that is not written in CEL says of a request. `skipped`: its preconditions do not hold. */
export type PolicyVerdict =
  | { readonly outcome: 'passed' | 'skipped' }
  /** `always`: the binding itself is at fault, and that denies whatever its actions are. */
  | { readonly outcome: 'violated' | 'undecided'; readonly message: string; readonly always?: true };

/**
 * The parameters of a policy: each is judged. `refused`: there is none where there must be one, or the binding asks in a way that the API
 * server does not take. `missing`: whether there is one cannot be known.
 */
export type ParamsLookup = { readonly found: readonly unknown[] } | { readonly refused: string } | { readonly missing: string };

/** Policies that were understood, and a line for each part of one that is not evaluated here. */
export interface AdmissionPolicies {
  readonly policies: readonly AdmissionPolicy[];
  /** E.g. `ClusterPolicy/add-labels: rule "mutate" is not a CEL validation`. The cluster's own admission still holds it. */
  readonly notEvaluated: readonly string[];
}
