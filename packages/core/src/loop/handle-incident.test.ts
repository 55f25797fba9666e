import { describe, expect, test } from 'vitest';
import { verifyChain } from '../audit/chain.ts';
import { Tier0Error } from '../errors/tier0-error.ts';
import type { CallContext } from '../ports/adapter.ts';
import type { IncidentRecord } from '../ports/incident-record.ts';
import type { WatchRequest } from '../ports/reconciler.ts';
import { testContext } from '../testing/call-context.ts';
import { alert, type Bends, createLoopWorld, diagnosis, type LoopWorld } from './fixtures/loop-world.ts';
import { handleIncident, resumeIncident } from './handle-incident.ts';
import type { StepName } from './incident-entry.ts';

const INCIDENT = 'inc-test';
const run = (world: LoopWorld) =>
  handleIncident({ incident: INCIDENT, alerts: [alert], ports: world.ports, settings: world.settings }, testContext());

test('an incident goes from alert to resolved, and every step is on record and in the audit chain', async () => {
  const world = createLoopWorld();
  const state = await run(world);
  expect(state.status).toBe('resolved');
  const entries = await world.ports.record.read(INCIDENT, testContext());
  const done = entries.filter((entry) => entry.phase === 'done').map((entry) => entry.step);
  expect(done).toEqual([
    'open',
    'diagnose',
    'remedy',
    'locate',
    'rehearse',
    'gate',
    'follow-up',
    'propose',
    'decide',
    'reconcile',
    'verify',
    'learn',
    'close',
  ]);
  expect(verifyChain(world.effects.audit)).toMatchObject({ sound: true });
  expect(world.effects.audit.map((record) => record.action)).toContain('merged');
});

const ENDINGS: readonly {
  readonly name: string;
  readonly bends: Bends;
  readonly status: string;
  readonly pullRequests: number;
  readonly occurrences: number;
}[] = [
  {
    name: 'a change that does not help is taken back and counts as a failure',
    bends: { resolved: false },
    status: 'rolled-back',
    pullRequests: 2,
    occurrences: 1,
  },
  {
    name: 'a change that does not become live is taken back or handed over',
    bends: { live: 'failed' },
    status: 'handed-over',
    pullRequests: 2,
    occurrences: 1,
  },
  {
    name: 'a revert that would overwrite somebody is handed over',
    bends: { resolved: false, revertFails: true },
    status: 'handed-over',
    pullRequests: 1,
    occurrences: 1,
  },
  { name: 'a denied change opens no pull request', bends: { deny: true }, status: 'handed-over', pullRequests: 0, occurrences: 0 },
  { name: 'a rejected pull request is handed over', bends: { rejected: true }, status: 'handed-over', pullRequests: 1, occurrences: 0 },
  {
    name: 'a remedy that fails its rehearsal is not proposed',
    bends: { rehearsalFails: true },
    status: 'handed-over',
    pullRequests: 0,
    occurrences: 0,
  },
  {
    name: 'a field that no file declares is not guessed',
    bends: { located: false },
    status: 'handed-over',
    pullRequests: 0,
    occurrences: 0,
  },
  {
    name: 'without a known remedy people get what was found',
    bends: { remedies: [] },
    status: 'handed-over',
    pullRequests: 0,
    occurrences: 0,
  },
];

test.each(ENDINGS)('$name', async ({ bends, status, pullRequests, occurrences }) => {
  const world = createLoopWorld(bends);
  const state = await run(world);
  expect(state.status).toBe(status);
  expect(world.effects.pullRequests).toHaveLength(pullRequests);
  expect(world.effects.occurrences).toBe(occurrences);
  const handedOver = world.effects.tickets.filter((ticket) => ticket.labels.includes('hand-over'));
  expect(handedOver).toHaveLength(status === 'handed-over' ? 1 : 0);
});

/** A record that dies once, just before the given step is recorded as done: its effect has happened, nobody knows. */
function dyingAt(step: StepName, record: IncidentRecord): IncidentRecord {
  let dead = false;
  return {
    ...record,
    async append(entry, context) {
      if (!dead && entry.step === step && entry.phase === 'done') {
        dead = true;
        throw new Error('the process died here');
      }
      await record.append(entry, context);
    },
  };
}

describe('interrupted between effect and record, then resumed', () => {
  const steps: readonly StepName[] = ['gate', 'follow-up', 'propose', 'decide', 'reconcile', 'verify', 'learn', 'close'];
  test.each(steps)('at %s: finishes, and nothing happened twice', async (step) => {
    const world = createLoopWorld();
    const dying = { ...world, ports: { ...world.ports, record: dyingAt(step, world.ports.record) } };
    await expect(run(dying)).rejects.toThrow('the process died here');
    const state = await resumeIncident({ incident: INCIDENT, ports: world.ports, settings: world.settings }, testContext());
    expect(state.status).toBe('resolved');
    expect(world.effects.pullRequests).toHaveLength(1);
    expect(world.effects.tickets).toHaveLength(1);
    expect(world.effects.occurrences).toBe(1);
    expect(new Set(world.effects.audit.map((record) => record.key)).size).toBe(world.effects.audit.length);
  });

  test('a decision that fell otherwise after the interruption is in the audit chain too', async () => {
    const before = createLoopWorld({ rejected: true });
    const dying = { ...before, ports: { ...before.ports, record: dyingAt('decide', before.ports.record) } };
    await expect(run(dying)).rejects.toThrow('the process died here');
    const ports = { ...before.ports, approvals: createLoopWorld().ports.approvals };
    expect((await resumeIncident({ incident: INCIDENT, ports, settings: before.settings }, testContext())).status).toBe('resolved');
    const decisions = before.effects.audit.filter((record) => record.key.startsWith(`${INCIDENT}:decide`));
    expect(decisions.map((record) => record.action)).toEqual(['rejected', 'merged']);
  });

  test('while opening: there is no incident yet, and the same alert opens it once', async () => {
    const world = createLoopWorld();
    const dying = { ...world, ports: { ...world.ports, record: dyingAt('open', world.ports.record) } };
    await expect(run(dying)).rejects.toThrow('the process died here');
    expect(await world.ports.record.list(testContext())).toEqual([]);
    expect((await run(world)).status).toBe('resolved');
    expect(world.effects.audit.filter((record) => record.action === 'opened')).toHaveLength(1);
  });

  test.each<StepName>(['revert', 'decide-revert', 'reconcile-revert'])('in the rollback at %s: one revert pull request', async (step) => {
    const world = createLoopWorld({ resolved: false });
    const dying = { ...world, ports: { ...world.ports, record: dyingAt(step, world.ports.record) } };
    await expect(run(dying)).rejects.toThrow();
    const state = await resumeIncident({ incident: INCIDENT, ports: world.ports, settings: world.settings }, testContext());
    expect(state.status).toBe('rolled-back');
    expect(world.effects.pullRequests).toHaveLength(2);
    expect(world.effects.occurrences).toBe(1);
  });
});

test('interrupted while handing over: people get one ticket', async () => {
  const world = createLoopWorld({ remedies: [] });
  const dying = { ...world, ports: { ...world.ports, record: dyingAt('hand-over', world.ports.record) } };
  await expect(run(dying)).rejects.toThrow('the process died here');
  const state = await resumeIncident({ incident: INCIDENT, ports: world.ports, settings: world.settings }, testContext());
  expect(state.status).toBe('handed-over');
  expect(world.effects.tickets).toHaveLength(1);
});

test('a step that cannot reach its system is tried again, then recorded as failed with its hint, and can be resumed', async () => {
  const world = createLoopWorld();
  let calls = 0;
  const down = new Tier0Error({ code: 'UNAVAILABLE', message: 'The API server is gone.', hint: 'Start it.' });
  const diagnose = async () => {
    calls++;
    throw down;
  };
  const failing = { ...world, ports: { ...world.ports, diagnostician: { diagnose } } };
  const state = await run(failing);
  expect(calls).toBe(2);
  expect(state.status).toBeUndefined();
  expect(state.failure).toEqual({ step: 'diagnose', code: 'UNAVAILABLE', message: 'The API server is gone.', hint: 'Start it.' });
  const resumed = await resumeIncident({ incident: INCIDENT, ports: world.ports, settings: world.settings }, testContext());
  expect(resumed.status).toBe('resolved');
});

test('a diagnosis that cites evidence it does not hold never reaches a pull request', async () => {
  const world = createLoopWorld();
  const diagnose = async () => {
    const sound = await createLoopWorld().ports.diagnostician.diagnose({} as never, testContext());
    return { ...sound, evidence: [] };
  };
  const state = await run({ ...world, ports: { ...world.ports, diagnostician: { diagnose } } });
  expect(state.failure).toMatchObject({ step: 'diagnose', code: 'MALFORMED_RESPONSE' });
  expect(world.effects.pullRequests).toEqual([]);
});

test('the loop stops where it is told to, and the incident stays open', async () => {
  const world = createLoopWorld();
  const state = await handleIncident(
    { incident: INCIDENT, alerts: [alert], ports: world.ports, settings: world.settings, until: 'propose' },
    testContext(),
  );
  expect(state.status).toBeUndefined();
  expect(state.results.decide).toBeUndefined();
  expect(world.effects.pullRequests).toHaveLength(1);
  const again = { incident: INCIDENT, ports: world.ports, settings: world.settings, until: 'propose' } as const;
  expect((await resumeIncident(again, testContext())).results.decide).toBeUndefined();
});

test('taking a change back, what was faulty before it need not be healthy again; for the change itself that is no excuse', async () => {
  const finding = {
    code: 'x',
    cause: 'needs-investigation',
    depth: 0,
    fingerprint: 'f',
    severity: 'fault',
    subject: alert.item ?? '',
    message: 'm',
    evidence: [],
    explainedBy: [],
  } as const;
  const world = createLoopWorld({ resolved: false, diagnosis: { ...diagnosis, findings: [finding] } });
  const watched: WatchRequest[] = [];
  const { watch } = world.ports.reconciler;
  const reconciler = {
    ...world.ports.reconciler,
    watch: (request: WatchRequest, context: CallContext) => {
      watched.push(request);
      return watch(request, context);
    },
  };
  await run({ ...world, ports: { ...world.ports, reconciler } });
  expect(watched.map(({ faultyBefore }) => faultyBefore)).toEqual([[], [alert.item]]);
});

test('an alert that comes before its evidence is looked at again, for as long as was said', async () => {
  const world = createLoopWorld();
  let looks = 0;
  const diagnose = async () => (++looks === 1 ? { ...diagnosis, rootCauses: [] } : diagnosis);
  const late = (diagnoseTimeoutMs: number) =>
    handleIncident(
      {
        incident: INCIDENT,
        alerts: [alert],
        ports: { ...world.ports, diagnostician: { diagnose } },
        settings: { ...world.settings, diagnoseTimeoutMs },
        until: 'diagnose',
      },
      { signal: new AbortController().signal, now: Date.now },
    );
  expect((await late(100)).results.diagnose?.diagnosis.rootCauses).toHaveLength(1);
  expect(looks).toBe(2);
});

describe('what ends by itself', () => {
  const over = (world: LoopWorld, endsAfter: StepName) => {
    let last: StepName | undefined;
    return handleIncident(
      {
        incident: INCIDENT,
        alerts: [alert],
        ports: world.ports,
        settings: world.settings,
        endedByItself: () => (last === endsAfter ? 'it ended by itself' : undefined),
        onEntry: ({ step, phase }) => {
          if (phase === 'done') last = step;
        },
      },
      testContext(),
    );
  };

  test('is closed before anything is proposed, and wakes nobody', async () => {
    const world = createLoopWorld();
    const state = await over(world, 'diagnose');
    expect(state.results.close).toEqual({ status: 'resolved', reason: 'it ended by itself' });
    expect(world.effects.pullRequests).toHaveLength(0);
  });

  test('is left to the people who were already asked', async () => {
    const world = createLoopWorld();
    const state = await over(world, 'propose');
    expect(state.results.decide?.status).toBe('merged');
    expect(world.effects.pullRequests).toHaveLength(1);
  });
});

test('people have their time from when they were asked, however often the waiting is interrupted', async () => {
  const world = createLoopWorld();
  const START = Date.parse('2026-11-22T12:00:00.000Z');
  const settings = { ...world.settings, approvalTimeoutMs: 60_000 };
  const given: number[] = [];
  const approvals = {
    decide: async ({ timeoutMs }: { timeoutMs: number }) => {
      given.push(timeoutMs);
      throw new Tier0Error({ code: 'INVALID_INPUT', message: 'The forge is away.', hint: 'Wait.' });
    },
  };
  const waitAt = (ms: number) =>
    handleIncident({ incident: INCIDENT, alerts: [alert], ports: { ...world.ports, approvals }, settings }, testContext(START + ms));
  await waitAt(0);
  await waitAt(45_000);
  await waitAt(90_000);
  expect(given).toEqual([60_000, 15_000, 0]);
});
