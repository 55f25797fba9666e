import type { Gap } from '@tier0/core';

/** A container whose memory is not known, and why. */
export interface MemoryGap {
  /** `samples`: nothing was measured. `trend`: too little was. */
  readonly missing: 'samples' | 'trend';
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly reason: string;
}

/** Names in one line; more are counted. */
const NAMED = 3;
const WORDS = { samples: 'could not measure the memory of', trend: 'cannot tell the memory trend of' } as const;

/** One for each reason, however many containers it stands for. */
export function tellGaps(gaps: readonly MemoryGap[]): readonly Gap[] {
  const alike = Map.groupBy(gaps, ({ missing, reason }) => JSON.stringify([missing, reason]));
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const isOnePlace = group.every(({ namespace }) => namespace === first.namespace);
    return [notMeasured(`${WORDS[first.missing]} ${containersIn(group)}: ${first.reason}`, isOnePlace ? first.namespace : undefined)];
  });
}

/** What metrics did not tell of the memory of a namespace's containers, in a sentence. */
export function notMeasured(message: string, namespace?: string): Gap {
  return { source: 'metrics', kind: 'Pod', namespace, code: 'not-measured', message };
}

function containersIn(gaps: readonly MemoryGap[]): string {
  const [first, ...others] = gaps;
  if (first === undefined || others.length === 0) return `container ${first?.container} in pod ${first?.namespace}/${first?.pod}`;
  const namespaces = [...new Set(gaps.map(({ namespace }) => namespace))];
  if (namespaces.length > 1) return `${gaps.length} containers in ${namespaces.length} namespaces (${listed(namespaces)})`;
  return `${gaps.length} containers in namespace ${first.namespace} (${listed(gaps.map(({ pod, container }) => `${pod}/${container}`))})`;
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  return `${names.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
