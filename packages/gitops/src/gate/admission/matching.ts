/** Whether a policy speaks about a request. `unknown`: it may, and why that cannot be told. */
export type Matching = 'yes' | 'no' | { readonly unknown: string };

/** All of them hold: one no is a no, whatever the others are. */
export function allOf(...parts: readonly Matching[]): Matching {
  if (parts.includes('no')) return 'no';
  return parts.find((part) => part !== 'yes') ?? 'yes';
}

/** One of them holds. */
export function anyOf(parts: readonly Matching[]): Matching {
  if (parts.includes('yes')) return 'yes';
  return parts.find((part) => part !== 'no') ?? 'no';
}

/** The opposite; what is not known stays so. */
export function not(part: Matching): Matching {
  if (part === 'yes') return 'no';
  return part === 'no' ? 'yes' : part;
}

export function matching(holds: boolean): Matching {
  return holds ? 'yes' : 'no';
}
