// A desk without a cluster and without Git: alerts, decisions and effects are those of an outside world that keeps count. Real are the intake,
// the leases, the records, the carriers and the loop; the world is strict where Git is: it knows every effect by its key.
import { type CallContext, type Cmdb, type IncidentRecord, type PullRequest, pause, Tier0Error } from '@tier0/core';
import type { ClusterDuty } from 'tier0';
import { createLoopWorld, diagnosis, remedyFixture } from '../../packages/core/src/loop/fixtures/loop-world.ts';
import type { OutsideWorld } from './outside-world.ts';

/** What a light desk is made of. */
export interface LightDeskOptions {
  readonly name: string;
  readonly world: OutsideWorld;
  /** Real milliseconds between two looks at what the world decided. */
  readonly pollMs: number;
  readonly approvalTimeoutMs: number;
  /** The graph that is looked at. Default: an empty one. */
  readonly cmdb?: Cmdb | undefined;
  /** Where incidents are recorded. Default: in memory. */
  readonly record?: IncidentRecord | undefined;
  /** Fails a call now and then, as a network does; asked before each one. */
  readonly stumble?: (() => boolean) | undefined;
}

export function createLightDesk({
  name,
  world,
  pollMs,
  approvalTimeoutMs,
  stumble = () => false,
  ...own
}: LightDeskOptions): ClusterDuty['desk'] {
  const { ports, settings } = createLoopWorld();
  const network = async () => {
    if (stumble())
      throw new Tier0Error({ code: 'UNAVAILABLE', message: 'The network stumbled.', hint: 'It is tried again.', retryable: true });
  };
  const pullRequest = (key: string): PullRequest => ({
    number: 1,
    url: `world:${key}`,
    key,
    title: key,
    body: '',
    author: 'tier0',
    sourceBranch: key,
    targetBranch: 'main',
    headCommit: 'c'.repeat(40),
    labels: [],
    state: { status: 'open' },
  });
  const open = async (kind: 'propose' | 'revert', item: string, key: string) => {
    await network();
    const made = await world.effect(kind, item, key);
    return { status: made === 'made' ? ('created' as const) : ('adopted' as const), pullRequest: pullRequest(key), diff: '' };
  };
  const desk = {
    config: { name },
    cmdb: own.cmdb ?? ports.cmdb,
    settings: { ...settings, approvalTimeoutMs, reconcileTimeoutMs: approvalTimeoutMs },
    forge: {},
    people: undefined,
    detectors: [{ name: 'world', detect: async () => ({ alerts: await world.alerts(), unknowns: [] }) }],
    ports: {
      ...ports,
      record: own.record ?? ports.record,
      diagnostician: {
        diagnose: async ({ alerts }: { alerts: readonly { item?: string | undefined }[] }) => {
          await network();
          const subject = alerts[0]?.item ?? '';
          return { ...diagnosis, rootCauses: diagnosis.rootCauses.map((cause) => ({ ...cause, subject, path: [subject] })) };
        },
      },
      remediator: {
        remedies: async ({ diagnosis: { rootCauses } }: { diagnosis: typeof diagnosis }) => {
          const item = rootCauses[0]?.subject ?? '';
          return [{ ...remedyFixture, subject: item, edits: remedyFixture.edits.map((edit) => ({ ...edit, item })) }];
        },
      },
      writer: {
        preview: ports.writer.preview,
        propose: ({ proposal }: Parameters<typeof ports.writer.propose>[0]) =>
          open('propose', proposal.blastRadius.subject, proposal.incident),
        revert: ({ proposal }: Parameters<typeof ports.writer.revert>[0]) =>
          open('revert', proposal.blastRadius.subject, proposal.incident),
      },
      approvals: {
        async decide({ proposal, timeoutMs }: Parameters<typeof ports.approvals.decide>[0], context: CallContext) {
          const startMs = context.now();
          for (;;) {
            await network();
            const decided = await world.decision(proposal.blastRadius.subject);
            if (decided === 'rejected') return { status: 'rejected', by: 'ann', reason: 'not now' };
            if (decided === 'merged') return { status: 'merged', approvals: [], commit: 'd'.repeat(40) };
            if (context.now() - startMs > timeoutMs) return { status: 'timed-out', reason: 'nobody looked' };
            await pause(pollMs, context.signal);
          }
        },
      },
      reconciler: {
        name: 'world',
        async *watch({ items: [item = ''] }: { items: readonly string[] }, context: CallContext) {
          await network();
          await world.effect('apply', item, item);
          await pause(pollMs, context.signal);
          yield { status: 'live', commit: 'd'.repeat(40), message: 'applied' };
        },
      },
      verifier: {
        verify: async ({ remedy }: { remedy: typeof remedyFixture }) => {
          await network();
          const resolved = !(await world.alerts()).some(({ item }) => item === remedy.subject);
          return { resolved, regressions: [], reasons: [resolved ? 'it is gone' : 'it is still there'], evidence: [] };
        },
      },
    },
    // The watch tells what is new, and nothing while the cluster is quiet.
    async follow(onNews: (failures: readonly string[]) => void, { signal }: CallContext) {
      let before = '';
      while (!signal.aborted) {
        const now = JSON.stringify(await world.alerts().catch(() => before));
        if (now !== before) onNews([]);
        before = now;
        await pause(300, signal).catch(() => undefined);
      }
    },
    close: async () => undefined,
  };
  // Only what the watch over a cluster touches is there; anything else would fail loudly.
  return desk as unknown as ClusterDuty['desk'];
}
