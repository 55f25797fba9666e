import { describe, expect, test } from 'vitest';
import type { Approval } from '../model/approval.ts';
import type { BlastRadius } from '../model/blast-radius.ts';
import { type ChangeProposal, sealProposal } from '../model/change-proposal.ts';
import type { PolicyDecision } from '../model/policy-decision.ts';
import { type ApprovalFacts, judgeApprovals } from './approvals.ts';
import { evaluatePolicy, type PolicyFacts } from './evaluate.ts';
import { DEFAULT_POLICY, type StandingRule } from './policy.ts';
import { assessRisk } from './risk.ts';
import { compareInShadow } from './shadow.ts';
import { judgeTrust, wilsonLowerBound } from './trust.ts';

const NOW = Date.parse('2026-01-01T12:00:00.000Z');
const radius = (size: number, truncated = false): BlastRadius => ({
  subject: 's',
  truncated,
  items: Array.from({ length: size }, (_, index) => ({
    item: `kubernetes:c/ns/Deployment/i${index}`,
    distance: 1,
    path: ['s', `i${index}`],
    via: ['dependsOn'],
  })),
});
const riskOf = (
  path: readonly string[],
  extra: { size?: number; value?: number | string; truncated?: boolean; reversible?: boolean } = {},
) =>
  assessRisk({
    edits: [{ item: 's', fieldPath: path, expectOld: 'a', value: extra.value ?? 'b' }],
    blastRadius: radius(extra.size ?? 2, extra.truncated),
    production: true,
    replicas: 2,
    temporary: false,
    reversible: extra.reversible ?? true,
  });
const facts = (change: Partial<PolicyFacts> = {}): PolicyFacts => ({
  remedy: 'raise-memory-limit',
  risk: riskOf(['resources', 'limits', 'memory']),
  production: true,
  owner: 'team-a',
  checks: [],
  nowMs: NOW,
  ...change,
});

describe('risk', () => {
  test('scaling to zero is riskier than scaling up, and a selector is riskier than an annotation', () => {
    expect(riskOf(['spec', 'replicas'], { value: 0 }).score).toBeGreaterThan(riskOf(['spec', 'replicas'], { value: 5 }).score);
    expect(riskOf(['spec', 'selector', 'app']).score).toBeGreaterThan(riskOf(['metadata', 'annotations', 'x']).score);
  });
  test('a blast radius that could not be walked to its end counts as large', () => {
    expect(riskOf(['resources', 'limits', 'memory'], { truncated: true }).score).toBeGreaterThan(
      riskOf(['resources', 'limits', 'memory'], { size: 3 }).score,
    );
  });
  test('more reach, never less risk; and every point has a reason', () => {
    const scores = [0, 1, 3, 10, 100].map((size) => riskOf(['spec', 'image'], { size }).score);
    expect(scores).toEqual([...scores].sort((a, b) => a - b));
    const risk = riskOf(['spec', 'image']);
    expect(risk.score).toBe(risk.factors.reduce((sum, factor) => sum + factor.points, 0));
  });
  test('editing nothing cannot be judged and is critical', () => {
    expect(assessRisk({ edits: [], blastRadius: radius(0), production: false, temporary: true, reversible: true }).level).toBe('critical');
  });
});

describe('policy', () => {
  test('production needs the owning team', () => {
    expect(evaluatePolicy(facts(), DEFAULT_POLICY)).toMatchObject({
      effect: 'require-approval',
      approverGroup: 'team-a',
      requiredApprovals: 1,
    });
  });
  test.each<[string, Partial<PolicyFacts>]>([
    ['a failed check', { checks: [{ name: 'rehearsal', passed: false, detail: 'new fault' }] }],
    ['a risk that could not be computed', { risk: undefined }],
    ['not knowing whether it is production', { production: undefined }],
    ['nobody owning it', { owner: undefined }],
    ['too high a risk', { risk: { level: 'critical', score: 90, factors: [] } }],
  ])('%s denies', (_name, change) => {
    expect(evaluatePolicy(facts(change), DEFAULT_POLICY).effect).toBe('deny');
  });
  test('a freeze denies inside its window and not after it', () => {
    const policy = {
      ...DEFAULT_POLICY,
      freezes: [{ reason: 'sale', startsAt: '2026-01-01T00:00:00.000Z', endsAt: '2026-01-02T00:00:00.000Z' }],
    };
    expect(evaluatePolicy(facts(), policy).effect).toBe('deny');
    expect(evaluatePolicy(facts({ nowMs: Date.parse('2026-01-02T00:00:00.000Z') }), policy).effect).toBe('require-approval');
  });
  test('a candidate policy is compared in shadow, and a looser one is called so', () => {
    const candidate = { ...DEFAULT_POLICY, maxRisk: 'critical' as const };
    const risky = facts({ risk: { level: 'critical', score: 90, factors: [] } });
    expect(compareInShadow([facts(), risky], DEFAULT_POLICY, candidate)).toMatchObject([{ index: 1, looser: true }]);
  });
});

describe('trust', () => {
  const rule: StandingRule = {
    id: 'r',
    remedy: 'raise-memory-limit',
    pattern: 'p',
    maxRisk: 'medium',
    maxBlastRadius: 5,
    minSuccessRate: 0.8,
  };
  const judge = (successes: number, failures: number, size = 2) =>
    judgeTrust(
      {
        remedy: 'raise-memory-limit',
        pattern: 'p',
        record: { successes, failures },
        risk: riskOf(['resources', 'limits']),
        blastRadius: radius(size),
      },
      rule,
    );
  test('a promised failure rate asks for successes in a row besides, and never makes a rule looser', () => {
    const facts = {
      remedy: 'raise-memory-limit',
      pattern: 'p',
      record: { successes: 700, failures: 0 },
      risk: riskOf(['resources', 'limits']),
      blastRadius: radius(0),
    };
    const promised = { ...rule, maxFailureRate: 0.01 };
    expect(judgeTrust({ ...facts, cleanRun: 600 }, promised).trusted).toBe(true);
    expect(judgeTrust({ ...facts, cleanRun: 500 }, promised).reason).toContain(
      'after 500 successes in a row up to 1.1 % could fail, promised are 1.0 %',
    );
    expect(judgeTrust(facts, promised).trusted).toBe(false);
    expect(judgeTrust({ ...facts, record: { successes: 1, failures: 9 }, cleanRun: 600 }, promised).trusted).toBe(false);
  });
  test('the bound agrees with published values of the Wilson interval', () => {
    expect(wilsonLowerBound({ successes: 0, failures: 0 })).toBe(0);
    expect(wilsonLowerBound({ successes: 1, failures: 0 })).toBeCloseTo(0.2065, 3);
    expect(wilsonLowerBound({ successes: 10, failures: 0 })).toBeCloseTo(0.7225, 3);
    expect(wilsonLowerBound({ successes: 81, failures: 182 })).toBeCloseTo(0.2553, 3);
  });
  test('one success is not enough, 39 of 40 are', () => {
    expect(judge(1, 0)).toMatchObject({ trusted: false, reason: expect.stringContaining('20.7 %') });
    expect(judge(39, 1).trusted).toBe(true);
  });
  test('a large blast radius keeps people in charge, whatever the record', () => {
    expect(judge(400, 0, 6).trusted).toBe(false);
  });
});

describe('approvals', () => {
  const proposal = sealProposal({
    incident: 'inc',
    title: 't',
    author: 'tier0',
    repository: 'r',
    baseBranch: 'main',
    why: '',
    evidence: [],
    rollback: '',
    disproof: '',
    edits: [{ repository: 'r', file: 'a.yaml', document: 0, path: ['a'], value: 1 }],
    risk: riskOf(['a']),
    blastRadius: radius(0),
    createdAt: '2026-01-01T00:00:00.000Z',
  });
  const decision: PolicyDecision = { effect: 'require-approval', reasons: ['x'], requiredApprovals: 1, approverGroup: 'team-a' };
  const approval = (approver: string, digest = proposal.digest, expiresAt = '2026-01-02T00:00:00.000Z'): Approval => ({
    approver,
    proposalDigest: digest,
    at: '2026-01-01T00:00:00.000Z',
    expiresAt,
  });
  const judge = (approvals: readonly Approval[], change: Partial<ApprovalFacts> = {}) =>
    judgeApprovals({ proposal, decision, approvals, members: { 'team-a': ['ann', 'tier0'] }, nowMs: NOW, ...change });

  test('a member of the owning team may approve', () => {
    expect(judge([approval('ann')]).satisfied).toBe(true);
  });
  test.each<[string, Approval]>([
    ['the author', approval('tier0')],
    ['somebody outside the team', approval('bob')],
    ['an approval of other content', approval('ann', 'f'.repeat(64))],
    ['an expired approval', approval('ann', proposal.digest, '2026-01-01T11:00:00.000Z')],
  ])('%s does not count', (_name, one) => {
    const verdict = judge([one]);
    expect(verdict.satisfied).toBe(false);
    expect(verdict.reasons.length).toBeGreaterThan(1);
  });
  test('a proposal edited after approval is no longer approved', () => {
    const edited: ChangeProposal = { ...proposal, edits: [] };
    expect(judge([approval('ann')], { proposal: edited }).satisfied).toBe(false);
  });
  test('two approvals by one person are one', () => {
    expect(judge([approval('ann'), approval('ann')], { decision: { ...decision, requiredApprovals: 2 } }).satisfied).toBe(false);
  });
  test('no approval overrides a denial', () => {
    expect(judge([approval('ann')], { decision: { ...decision, effect: 'deny' } }).satisfied).toBe(false);
  });
});
