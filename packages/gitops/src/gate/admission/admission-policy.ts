import type { AdmissionRequest } from './admission-request.ts';

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

/** An admission policy in one form, whatever kind it was written as. */
export interface AdmissionPolicy {
  /** `ValidatingAdmissionPolicy/require-limits` or `ClusterPolicy/require-limits/check-limits` for a rule of Kyverno's. */
  readonly name: string;
  readonly enforcement: Enforcement;
  /** Whether the policy speaks about the object. What cannot be known counts as a match. */
  readonly matches: (request: AdmissionRequest) => boolean;
  readonly conditions: readonly NamedExpression[];
  readonly variables: readonly NamedExpression[];
  readonly validations: readonly Validation[];
  /** Parameter object; undefined where the policy takes none. */
  readonly params?: ParamsLookup | undefined;
}

/** The parameter of a policy, or why it cannot be had. */
export type ParamsLookup = { readonly found: unknown } | { readonly missing: string };

/** Policies that were understood, and a line for each part of one that is not evaluated here. */
export interface AdmissionPolicies {
  readonly policies: readonly AdmissionPolicy[];
  /** E.g. `ClusterPolicy/add-labels: rule "mutate" is not a CEL validation`. The cluster's own admission still holds it. */
  readonly notEvaluated: readonly string[];
}
