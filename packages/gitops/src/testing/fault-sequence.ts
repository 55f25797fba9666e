import type { Fault, FaultKind } from './forge-server/faults.ts';

/** The remote steps of a writer, as a server sees them. */
export type RemoteStep = 'fetch' | 'list' | 'push' | 'status' | 'open' | 'labels';

/** A fault at one step. `kill` happens to the writer, after the step and before it could take note; everything else to the request. */
export interface PlannedFault {
  readonly step: RemoteStep;
  readonly kind: FaultKind | 'kill';
  /** Matching requests that pass before it. */
  readonly after: number;
}

/** Faults that make the call fail for whoever asked, so that it must be made again. */
const FAILING: readonly PlannedFault['kind'][] = ['kill', 'cut-before', 'cut-after', 'error-before', 'error-after'];
const PASSING: readonly PlannedFault['kind'][] = ['twice', 'stale', 'rate-limit'];
const STEPS: readonly RemoteStep[] = ['fetch', 'list', 'push', 'status', 'open', 'labels'];
const KILLABLE: readonly RemoteStep[] = ['push', 'status', 'open'];

/** What a seed draws: the same for the same seed. */
export interface FaultSequence {
  /** 2 to 4. */
  readonly writers: number;
  /** One or two that make calls fail, and up to two that do not. */
  readonly faults: readonly PlannedFault[];
}

/** Draws the number of writers and the faults. */
export function drawFaults(seed: number): FaultSequence {
  const random = createRandom(seed);
  const pick = <T>(choices: readonly T[]) => choices[Math.floor(random() * choices.length)] as T;
  const writers = 2 + Math.floor(random() * 3);
  const failing = Array.from({ length: 1 + Math.floor(random() * 2) }, () => pick(FAILING));
  const passing = Array.from({ length: Math.floor(random() * 3) }, () => pick(PASSING));
  const faults = [...failing, ...passing].map((kind): PlannedFault => {
    const step = kind === 'stale' ? 'list' : pick(kind === 'kill' ? KILLABLE : STEPS);
    return { step, kind, after: Math.floor(random() * 2) };
  });
  return { writers, faults };
}

/** Every fault at every step it can happen at, one at a time. */
export function eachFault(): readonly PlannedFault[] {
  return [...FAILING, ...PASSING].flatMap((kind) =>
    (kind === 'stale' ? (['list'] as const) : kind === 'kill' ? KILLABLE : STEPS).map((step) => ({ step, kind, after: 0 })),
  );
}

/** Numbers in [0, 1) that depend on the seed only (Mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const REQUESTS: Readonly<Record<RemoteStep, Pick<Fault, 'method' | 'path'>>> = {
  fetch: { path: /git-upload-pack/ },
  list: { method: 'GET', path: /\/(?:pulls|merge_requests)\?/ },
  push: { method: 'POST', path: /git-receive-pack/ },
  status: { method: 'POST', path: /\/statuses\// },
  open: { method: 'POST', path: /\/(?:pulls|merge_requests)$/ },
  labels: { path: /\/labels$|\/merge_requests\/\d+$/, method: undefined },
};

/** The fault as a forge server takes it; undefined for `kill`, which happens elsewhere. */
export function toServerFault(fault: PlannedFault): Fault | undefined {
  return fault.kind === 'kill' ? undefined : { kind: fault.kind, after: fault.after, ...REQUESTS[fault.step] };
}
