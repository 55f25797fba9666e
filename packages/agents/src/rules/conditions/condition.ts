/** One condition that a tool for Kubernetes diagnosis may look for, and what stands for it here. */
export type Condition = {
  /** Where it comes from: `1.1` core analyzers of k8sgpt, `1.2` its optional ones, `2` checks of popeye, kube-linter and polaris. */
  readonly source: '1.1' | '1.2' | '2';
  /** Kind of object, or the matter. */
  readonly kind: string;
  /** Short, in our own words. */
  readonly condition: string;
} & ({ readonly codes: readonly string[] } | { readonly leftOut: string });
