import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createSshSigner } from '../git/sign.ts';
import {
  APPROVAL_ATTACKS,
  type ApprovalCase,
  CASE_POLICY,
  EVERYDAY_FLOWS,
  openApprovalCase,
  playApprovalCase,
} from '../testing/approval-cases.ts';

describe('attacks on approval: nothing is merged', () => {
  test('there are at least 60, each with a name of its own', () => {
    expect(APPROVAL_ATTACKS.length).toBeGreaterThanOrEqual(60);
    expect(new Set(APPROVAL_ATTACKS.map(([name]) => name)).size).toBe(APPROVAL_ATTACKS.length);
  });

  test.each(APPROVAL_ATTACKS)('%s', async (_, setting, play) => {
    const at = await openApprovalCase(setting);
    const before = await at.main();
    await play(at);
    expect(await at.isMerged()).toBe(false);
    expect(await at.isMerged()).toBe(false);
    expect(before).toMatch(/^[0-9a-f]{40}$/);
  });
});

describe('what people do every day: it is merged', () => {
  test('there are at least 60', () => expect(EVERYDAY_FLOWS.length).toBeGreaterThanOrEqual(60));

  test.each(EVERYDAY_FLOWS)('%s', async (...row) => {
    const [, setting, play] = row;
    const at = await openApprovalCase(setting);
    await play(at);
    if (!(await at.isMerged())) expect.fail(JSON.stringify(await at.desk.settle(at.number, at.context)));
  });
});

describe('a freeze', () => {
  const FREEZE = 'freezes: [{reason: audit, startsAt: "2026-01-01T00:00:00.000Z", endsAt: "2027-01-01T00:00:00.000Z"}]\n';
  /** A change was merged, then everything was frozen. */
  async function openAfterFreeze(files: Readonly<Record<string, string | undefined>>): Promise<ApprovalCase> {
    const base = { 'pay/limit.yaml': 'limit: 2\n' };
    const at = await openApprovalCase({ base, person: true, files: { 'free/x': 'x\n' } });
    const merge = await at.commit('main', { 'pay/limit.yaml': 'limit: 3\n' });
    await at.commit('main', { '.tier0/policy.yaml': FREEZE });
    const message = `Revert\n\nTier0-Reverts: ${merge}`;
    const head = await at.commit('revert', files, 'tier0', { message });
    await at.gate(head);
    const draft = {
      key: 'k',
      title: 'Revert',
      body: 'Why',
      author: 'tier0',
      labels: [],
      reviewers: [],
      sourceBranch: 'revert',
      targetBranch: 'main',
    };
    const { number } = (await at.forge.create(draft, at.context)).pullRequest;
    return { ...at, number };
  }

  test.each<[string, Readonly<Record<string, string | undefined>>, boolean]>([
    ['lets a change be taken back', { 'pay/limit.yaml': 'limit: 2\n' }, true],
    ['does not let more be taken along', { 'pay/limit.yaml': 'limit: 2\n', 'pay/base.yaml': 'limit: 0\n' }, false],
    ['does not let something else pass for it', { 'pay/limit.yaml': 'limit: 1000\n' }, false],
  ])('%s', async (_, files, merges) => {
    const at = await openAfterFreeze(files);
    await at.desk.submitReview({ number: at.number, reviewer: 'ada', state: 'approved' }, at.context);
    expect((await at.forge.read(at.number, at.context)).state.status === 'merged').toBe(merges);
  });
});

describe('standing rules that people sign', () => {
  const signer = createSshSigner({ privateKey: generateKeyPairSync('ed25519').privateKey });
  const protection = { allowStandingRules: true, allowedSigners: [{ principal: 'linus', publicKey: signer.publicKey }] };
  const [, rules, byRule] = EVERYDAY_FLOWS.find(([name]) => name === 'a rule that people merged')!;

  test.each([
    ['nobody signed the policy', undefined, false],
    ['somebody allowed signed it', { signer }, true],
    ['it was changed since without a signature', 'unsigned', false],
  ] as const)('%s', async (_, style, merges) => {
    const at = await openApprovalCase({ ...rules, protection });
    const policy = (comment: string) => `${CASE_POLICY}# ${comment}\n`;
    if (style) await at.commit('main', { '.tier0/policy.yaml': policy('signed') }, 'linus', { signer });
    if (style === 'unsigned') await at.commit('main', { '.tier0/policy.yaml': policy('by somebody') }, 'mallory');
    await byRule(at);
    expect(await at.isMerged()).toBe(merges);
  });
});

test('a case is played to its end', async () => {
  expect(await playApprovalCase(EVERYDAY_FLOWS[0]!)).toBe(true);
  expect(await playApprovalCase(APPROVAL_ATTACKS[0]!)).toBe(false);
});
