import { expect, test } from 'vitest';
import { z } from 'zod';
import { createScriptedModel } from '../../models/scripted.ts';
import { createMemoryArtifactStore } from '../context/artifact-store.ts';
import { createMemoryRunLog, type RunLog } from '../log/run-log.ts';
import { runAgent } from '../run-agent.ts';
import { createToolRegistry } from '../tool-registry.ts';
import { type ApprovalGrant, type ApprovalRequest, grantApproval, judgeGrant } from './approval.ts';
import type { ApprovalDesk, DeskDecision } from './approval-desk.ts';
import { pick, seededRandom } from './testing/seeded-random.ts';
import { defineTool } from './tool.ts';

const SECRET = 'a secret of the desk that is long enough';
const NOW = 1_800_000_000_000;

interface World {
  readonly log: RunLog;
  effects: string[];
  nowMs: number;
}

function world(): World {
  return { log: createMemoryRunLog(), effects: [], nowMs: NOW };
}

/** A run whose model wants two scalings; what the desk says decides. */
function attempt(w: World, desk: ApprovalDesk, { run = 'r', replicas = 3, policy = '1' } = {}) {
  const scale = defineTool({
    name: 'scale_item',
    description: 'Scales.',
    input: z.strictObject({ item: z.string(), replicas: z.int() }),
    risk: 'write',
    target: ({ item }) => item,
    run: async ({ item, replicas: n }) => {
      w.effects.push(`${item}=${n}`);
      return { text: 'scaled' };
    },
  });
  const asks = [{ id: 'x', name: 'scale_item', arguments: { item: 'shop/payment', replicas } }];
  const model = createScriptedModel({ replies: (request) => (request.messages.length > 2 ? 'Done.' : { calls: asks }) });
  return runAgent(
    {
      run,
      agent: { name: 'a', instructions: 'i', tools: createToolRegistry([scale]) },
      task: 't',
      models: [model],
      log: w.log,
      artifacts: createMemoryArtifactStore(),
      policy: { version: policy },
      desk,
      deskSecret: SECRET,
    },
    { signal: new AbortController().signal, now: () => w.nowMs },
  );
}

const says = (decision: (request: ApprovalRequest) => DeskDecision): ApprovalDesk => ({ decision: async (request) => decision(request) });
const yes = says((request) => ({ state: 'granted', grant: grantApproval(request, 'ada', { secret: SECRET, nowMs: NOW }) }));
const silence = says(() => ({ state: 'pending' }));

test('a call waits for people, over restarts, and is made once when they agree', async () => {
  const w = world();
  const waiting = await attempt(w, silence);
  expect(waiting).toMatchObject({ state: 'waiting', requests: [{ tool: 'scale_item', target: 'shop/payment', run: 'r', call: '1-0' }] });
  expect(w.effects).toEqual([]);
  expect(await attempt(w, yes)).toMatchObject({ state: 'finished', answer: 'Done.' });
  expect(await attempt(w, yes)).toMatchObject({ state: 'finished' });
  expect(w.effects).toEqual(['shop/payment=3']);
});

test('a no is a no, and the model hears it', async () => {
  const w = world();
  expect(
    await attempt(
      w,
      says(() => ({ state: 'refused', by: 'ada' })),
    ),
  ).toMatchObject({ state: 'finished' });
  expect(await attempt(w, yes)).toMatchObject({ state: 'finished' });
  expect(w.effects).toEqual([]);
});

test('the approval is used up in the very entry that starts the call', async () => {
  const w = world();
  await attempt(w, yes);
  const started = (await w.log.read('r')).filter((entry) => entry.type === 'tool-started');
  expect(started).toHaveLength(1);
  expect(started[0]).toMatchObject({ grant: { approver: 'ada', request: { call: '1-0' } } });
});

const random = seededRandom(20261122);
type Mutation = (grant: ApprovalGrant) => ApprovalGrant;
const flip = (text: string) => {
  const at = Math.floor(random() * text.length);
  return text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1);
};
const change =
  (field: keyof ApprovalRequest, value: unknown): Mutation =>
  (grant) => ({ ...grant, request: { ...grant.request, [field]: value } });
const resign = (grant: ApprovalGrant, secret: string) => grantApproval(grant.request, grant.approver, { secret, nowMs: grant.grantedAt });

/** Everything an attacker could do with a genuine grant, or without the secret. */
const MUTATIONS: readonly Mutation[] = [
  (grant) => change('run', `other-${random()}`)(grant),
  (grant) => change('call', `${Math.floor(random() * 9) + 2}-0`)(grant),
  change('tool', 'delete_item'),
  (grant) => change('argumentsDigest', flip(grant.request.argumentsDigest))(grant),
  change('target', 'shop/other'),
  change('policyVersion', '2'),
  (grant) => change('expiresAt', grant.request.expiresAt + 1 + Math.floor(random() * 1e9))(grant),
  (grant) => ({ ...grant, mac: flip(grant.mac) }),
  (grant) => ({ ...grant, mac: grant.mac.slice(0, Math.floor(random() * 64)) }),
  (grant) => ({ ...grant, mac: '' }),
  (grant) => ({ ...grant, mac: undefined as never }),
  (grant) => ({ ...grant, approver: `mallory-${random()}` }),
  (grant) => ({ ...grant, grantedAt: grant.grantedAt - 1 }),
  (grant) => resign(grant, `another secret of the same length ${Math.floor(random() * 1e6)}`),
  (grant) => ({ ...grant, request: { ...grant.request, extra: true } as never }),
];

test('1,000 mutated, replayed, expired and concurrent approvals start nothing that was not approved', async () => {
  let unauthorised = 0;
  for (let round = 0; round < 700; round++) {
    const w = world();
    const mutate = pick(random, MUTATIONS);
    await attempt(
      w,
      says((request) => ({ state: 'granted', grant: mutate(grantApproval(request, 'ada', { secret: SECRET, nowMs: NOW })) })),
    );
    unauthorised += w.effects.length;
  }
  for (let round = 0; round < 100; round++) {
    // A genuine grant of another run, other arguments or another policy, replayed.
    const donor = world();
    const given: ApprovalGrant[] = [];
    const keep = (request: ApprovalRequest): DeskDecision => {
      const grant = grantApproval(request, 'ada', { secret: SECRET, nowMs: NOW });
      given.push(grant);
      return { state: 'granted', grant };
    };
    await attempt(donor, says(keep));
    const w = world();
    const other = pick(random, [{ run: `r${round}` }, { replicas: 4 + round }, { policy: '2' }]);
    await attempt(
      w,
      says(() => ({ state: 'granted', grant: given[0] as ApprovalGrant })),
      other,
    );
    unauthorised += w.effects.length;
  }
  for (let round = 0; round < 100; round++) {
    const w = world();
    await attempt(w, silence);
    w.nowMs += 3_600_000 + Math.floor(random() * 1e9);
    await attempt(
      w,
      says((request) => ({ state: 'granted', grant: grantApproval(request, 'ada', { secret: SECRET, nowMs: NOW }) })),
    );
    unauthorised += w.effects.length;
  }
  expect(unauthorised).toBe(0);
  for (let round = 0; round < 100; round++) {
    const w = world();
    await attempt(w, silence);
    await Promise.allSettled([attempt(w, yes), attempt(w, yes), attempt(w, yes)]);
    expect(w.effects).toEqual(['shop/payment=3']);
  }
});

test('a grant from the future does not count, and a short secret is refused', () => {
  const request = { run: 'r', call: '1-0', tool: 't', argumentsDigest: 'd', target: '', policyVersion: '1', expiresAt: NOW + 1000 };
  const grant = grantApproval(request, 'ada', { secret: SECRET, nowMs: NOW + 500 });
  expect(judgeGrant(grant, request, { secret: SECRET, nowMs: NOW })).toMatchObject({ valid: false });
  expect(judgeGrant(grant, request, { secret: SECRET, nowMs: NOW + 600 })).toEqual({ valid: true });
  expect(() => grantApproval(request, 'ada', { secret: 'short', nowMs: NOW })).toThrow(RangeError);
});
