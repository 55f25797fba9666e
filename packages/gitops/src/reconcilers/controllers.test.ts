import { type CallContext, type ReconcileProgress, type Reconciler, Tier0Error } from '@tier0/core';
import { describeReconciler } from '@tier0/core/testing';
import { describe, expect, test } from 'vitest';
import { createArgoCdReconciler } from './argocd.ts';
import { createFluxReconciler, revisionOf } from './flux.ts';
import type { ObjectReader, ObjectReference } from './object-reference.ts';

const ITEM = 'kubernetes:c/shop/Deployment/web';
const START = Date.parse('2026-11-22T12:00:00.000Z');

/** How far a controller is with the newest commit. */
interface Stage {
  /** What the controller says it has compared with, applied, and judged: `new` is the watched commit, `old` the one before. */
  readonly compared: 'old' | 'new';
  readonly applied: 'old' | 'new';
  readonly phase: 'Running' | 'Succeeded' | 'Failed';
  readonly health: 'Healthy' | 'Progressing' | 'Degraded';
  /** Whether health was judged after the change was applied. */
  readonly judged: boolean;
  /** Whether the workload's own controller has rolled the change out. */
  readonly rolledOut: boolean;
  readonly unreachable?: boolean;
}

const DONE: Stage = { compared: 'new', applied: 'new', phase: 'Succeeded', health: 'Healthy', judged: true, rolledOut: true };
const BEFORE: Stage = { ...DONE, compared: 'old', applied: 'old', rolledOut: false };

function deployment(rolledOut: boolean): object {
  const status = { observedGeneration: rolledOut ? 2 : 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  return { kind: 'Deployment', metadata: { generation: 2 }, spec: { replicas: 2 }, status };
}

/** The Application as Argo CD would write it at a stage. Made from its documented fields; no Argo CD runs here. */
function application(stage: Stage, sha: (which: 'old' | 'new') => string): object {
  return {
    kind: 'Application',
    status: {
      sync: { status: stage.compared === stage.applied ? 'Synced' : 'OutOfSync', revision: sha(stage.compared) },
      health: { status: stage.health },
      reconciledAt: stage.judged ? '2026-11-22T12:10:00Z' : '2026-11-22T12:00:00Z',
      operationState: {
        phase: stage.phase,
        message: stage.phase === 'Failed' ? 'one or more objects failed to apply' : 'successfully synced',
        syncResult: { revision: sha(stage.applied) },
        finishedAt: '2026-11-22T12:05:00Z',
      },
    },
  };
}

/** The Kustomization as Flux would write it at a stage. */
function kustomization(stage: Stage, sha: (which: 'old' | 'new') => string): object {
  const failed = stage.phase === 'Failed' || stage.health === 'Degraded';
  const ready = !failed && stage.phase === 'Succeeded' && stage.health === 'Healthy';
  const condition = (type: string, status: boolean, reason: string) => ({
    type,
    status: status ? 'True' : 'False',
    reason,
    message: reason,
  });
  return {
    kind: 'Kustomization',
    metadata: { generation: 3 },
    status: {
      observedGeneration: stage.judged ? 3 : 2,
      lastAttemptedRevision: `main@sha1:${sha(stage.compared)}`,
      lastAppliedRevision: `main@sha1:${sha(stage.phase === 'Succeeded' ? stage.applied : 'old')}`,
      conditions: [
        condition('Ready', ready, failed ? (stage.phase === 'Failed' ? 'ReconciliationFailed' : 'HealthCheckFailed') : 'Progressing'),
        ...(stage.phase === 'Failed' ? [condition('Stalled', true, 'invalid manifest')] : []),
        ...(stage.phase === 'Running' || stage.health === 'Progressing' ? [condition('Reconciling', true, 'Progressing')] : []),
      ],
    },
  };
}

/** Commits in the order they were made; each contains those before it. */
function createHistory() {
  const commits: string[] = [];
  const next = () => {
    const commit = (commits.length + 1).toString(16).padStart(40, 'a');
    commits.push(commit);
    return commit;
  };
  const contains = async (commit: string, descendant: string) => {
    const [a, b] = [commits.indexOf(commit), commits.indexOf(descendant)];
    return a >= 0 && b >= a;
  };
  return { next, contains, newest: () => commits.at(-1) as string, before: () => commits.at(-2) ?? '0'.repeat(40) };
}

type Describe = (stage: Stage, sha: (which: 'old' | 'new') => string) => object;

const CONTROLLERS: Readonly<
  Record<string, { readonly kind: string; readonly describe: Describe; readonly create: typeof createController }>
> = {
  'Argo CD': { kind: 'Application', describe: application, create: createController },
  Flux: { kind: 'Kustomization', describe: kustomization, create: createController },
};

/** A reconciler over a controller whose stage at each look `stageAt` says. */
function createController(
  name: string,
  history: ReturnType<typeof createHistory>,
  stageAt: (look: number) => Stage,
  graceMs = 60_000,
): Reconciler {
  let looks = 0;
  let stage = BEFORE;
  const cluster: ObjectReader = {
    async get(reference: ObjectReference) {
      if (reference.kind === 'Deployment') return deployment(stage.rolledOut);
      stage = stageAt(looks++);
      if (stage.unreachable) throw new Tier0Error({ code: 'UNAVAILABLE', message: 'the API server is away', hint: 'wait' });
      return CONTROLLERS[name]?.describe(stage, (which) => (which === 'new' ? history.newest() : history.before()));
    },
  };
  const common = { cluster, contains: history.contains, pollMs: 0, graceMs };
  return name === 'Flux'
    ? createFluxReconciler({ ...common, kustomization: { namespace: 'flux-system', name: 'shop' } })
    : createArgoCdReconciler({
        ...common,
        application: { namespace: 'argocd', name: 'shop' },
        repository: 'https://forge.example/shop.git',
      });
}

/** A clock that moves five seconds whenever it is asked. */
function fastContext(): CallContext {
  let nowMs = START;
  return {
    signal: new AbortController().signal,
    now: () => {
      nowMs += 5_000;
      return nowMs;
    },
  };
}

async function watch(reconciler: Reconciler, commit: string, timeoutMs = 30 * 60_000): Promise<readonly ReconcileProgress[]> {
  const seen: ReconcileProgress[] = [];
  const request = { commit, items: [ITEM], holdMs: 30_000, timeoutMs };
  for await (const progress of reconciler.watch(request, fastContext())) seen.push(progress);
  return seen;
}

/** xorshift32 in [0, 1): the same rollouts in every run. */
function randomFrom(seed: number): () => number {
  let state = seed * 2654435761;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

describe.each(Object.keys(CONTROLLERS))('%s', (name) => {
  describeReconciler(name, async () => {
    const history = createHistory();
    history.next();
    let behaviour: 'finish' | 'hang' | 'fail' = 'finish';
    let broken = false;
    const stages = (): Stage => {
      if (broken) return { ...DONE, phase: 'Failed' };
      if (behaviour === 'finish') return DONE;
      return behaviour === 'hang'
        ? { ...DONE, health: 'Progressing', rolledOut: false }
        : { ...DONE, health: 'Degraded', rolledOut: false };
    };
    return {
      reconciler: createController(name, history, stages, 20),
      item: ITEM,
      commit: async () => {
        broken = false;
        return history.next();
      },
      commitBroken: async () => {
        broken = true;
        return history.next();
      },
      rollouts: (next) => {
        behaviour = next;
      },
    };
  });

  test('200 slow but healthy rollouts are live in the end, and none is given up', async () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = randomFrom(seed);
      const slowness = 5 + Math.floor(random() * 60);
      let blips = 0;
      const reconciler = createController(name, historyOf(seed), (look) => {
        if (look < slowness * 0.2) return BEFORE;
        if (look < slowness * 0.4) return { ...BEFORE, compared: 'new' };
        if (look < slowness * 0.6) return { ...DONE, phase: 'Running', health: 'Progressing', judged: false, rolledOut: false };
        if (look >= slowness) return DONE;
        // Health that flickers, for less than the grace: pods that restart once, an API server that is away for a moment.
        const flicker = random() < 0.3 && blips < 4;
        blips = flicker ? blips + 1 : 0;
        const going = { ...DONE, health: 'Progressing', rolledOut: random() < 0.5 } as const;
        return flicker ? { ...going, health: 'Degraded', unreachable: random() < 0.3 } : going;
      });
      const seen = await watch(reconciler, historyOf(seed).newest());
      if (seen.at(-1)?.status !== 'live') expect.fail(`seed ${seed}: ${JSON.stringify(seen.at(-1))}`);
    }
  });

  test('200 traps that look healthy and are stale are never taken for live', async () => {
    const traps: readonly Partial<Stage>[] = [
      { compared: 'old', applied: 'old' },
      { applied: 'old' },
      { phase: 'Running' },
      { judged: false },
      { rolledOut: false },
      { health: 'Progressing' },
    ];
    for (let seed = 1; seed <= 200; seed++) {
      const random = randomFrom(seed);
      const reconciler = createController(name, historyOf(seed), () => {
        // At every look at least one thing is stale, whatever else looks good; a look that shows all good never lasts.
        const trap = traps[Math.floor(random() * traps.length)] as Partial<Stage>;
        return random() < 0.15 ? DONE : { ...DONE, ...trap };
      });
      const seen = await watch(reconciler, historyOf(seed).newest(), 10 * 60_000);
      // Several good looks in a row, by chance, are a rollout that held; such a seed is no trap.
      if (seen.at(-1)?.status === 'live') expect.fail(`seed ${seed}: ${JSON.stringify(seen)}`);
    }
  });

  test('an API server that stays away is no verdict about the change', async () => {
    const history = historyOf(1);
    const reconciler = createController(name, history, () => ({ ...DONE, unreachable: true }));
    await expect(watch(reconciler, history.newest(), 60_000)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: false });
  });

  test('a failing state that lasts is a failure, with how long it lasted', async () => {
    const history = historyOf(1);
    const seen = await watch(
      createController(name, history, () => ({ ...DONE, health: 'Degraded', rolledOut: false })),
      history.newest(),
    );
    expect(seen.at(-1)).toMatchObject({ status: 'failed', message: expect.stringMatching(/for (?:1 min|6\d s)/) });
  });

  test('what it needs is checked', async () => {
    const history = historyOf(1);
    expect(await createController(name, history, () => DONE).check?.(fastContext())).toEqual([]);
    expect(await createController(name, history, () => ({ ...DONE, unreachable: true })).check?.(fastContext())).toEqual([
      'the API server is away',
    ]);
  });
});

const histories = new Map<number, ReturnType<typeof createHistory>>();

function historyOf(seed: number): ReturnType<typeof createHistory> {
  const known = histories.get(seed);
  if (known) return known;
  const history = createHistory();
  for (let count = 0; count < 2; count++) history.next();
  histories.set(seed, history);
  return history;
}

describe('Argo CD with several sources', () => {
  test('the revision of the source with our repository counts', async () => {
    const history = historyOf(2);
    const sources = [{ repoURL: 'https://charts.example' }, { repoURL: 'https://forge.example/shop' }];
    const revisions = ['1.2.3', history.newest()];
    const cluster: ObjectReader = {
      get: async ({ kind }) =>
        kind === 'Deployment'
          ? deployment(true)
          : {
              spec: { sources },
              status: {
                sync: { status: 'Synced', revisions },
                health: { status: 'Healthy' },
                operationState: { phase: 'Succeeded', syncResult: { revisions } },
              },
            },
    };
    const application = { namespace: 'argocd', name: 'shop' };
    const reconciler = createArgoCdReconciler({
      application,
      repository: 'https://forge.example/shop.git',
      cluster,
      contains: history.contains,
      pollMs: 0,
    });
    expect((await watch(reconciler, history.newest())).at(-1)).toMatchObject({ status: 'live', commit: history.newest() });
  });
});

describe('Flux HelmReleases', () => {
  test.each<[string, object | undefined, string]>([
    ['ready for its newest generation', { generation: 2, attempted: 2, ready: 'True' }, 'live'],
    ['ready for an older generation', { generation: 2, attempted: 1, ready: 'True' }, 'timed-out'],
    ['failed', { generation: 2, attempted: 2, ready: 'False' }, 'failed'],
    ['missing', undefined, 'timed-out'],
  ])('%s', async (_, release, status) => {
    const history = historyOf(3);
    const { generation, attempted, ready } = (release ?? {}) as { generation: number; attempted: number; ready: string };
    const cluster: ObjectReader = {
      async get({ kind }) {
        if (kind === 'Deployment') return deployment(true);
        if (kind === 'Kustomization') return kustomization(DONE, () => history.newest());
        const conditions = [{ type: 'Ready', status: ready, reason: 'UpgradeFailed', message: 'x' }];
        const state = { observedGeneration: attempted, lastAttemptedGeneration: attempted, conditions };
        return release && { metadata: { generation }, status: state };
      },
    };
    const reconciler = createFluxReconciler({
      kustomization: { namespace: 'flux-system', name: 'shop' },
      helmReleases: [{ namespace: 'shop', name: 'web' }],
      cluster,
      contains: history.contains,
      pollMs: 0,
    });
    expect((await watch(reconciler, history.newest(), 5 * 60_000)).at(-1)?.status).toBe(status);
  });

  test.each([
    [`main@sha1:${'a'.repeat(40)}`, 'a'.repeat(40)],
    [`main/${'b'.repeat(40)}`, 'b'.repeat(40)],
    [`sha1:${'c'.repeat(40)}`, 'c'.repeat(40)],
    ['1.2.3', undefined],
    [undefined, undefined],
  ])('revision %s', (text, commit) => expect(revisionOf(text)).toBe(commit));
});
