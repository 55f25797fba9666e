/** A policy in Rego, as a ConstraintTemplate holds it. */
export interface RegoModule {
  readonly rego: string;
  readonly libs: readonly string[];
  /** Syntax of Rego: `v0` unless the template says `v1`. */
  readonly version: 'v0' | 'v1';
}

/** What a policy in Rego says of an input. */
export type RegoAnswer =
  | { readonly status: 'answered'; readonly violations: readonly string[] }
  | { readonly status: 'failed'; readonly reason: string };

/** Evaluates Rego. */
export interface RegoEngine {
  /** What the `violation` rule of a module's package says of an input. Reaches nothing besides: no network, no clock, no environment. */
  evaluate(module: RegoModule, input: unknown): RegoAnswer;
}
