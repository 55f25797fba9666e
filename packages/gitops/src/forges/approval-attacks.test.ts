import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createMemoryRepository } from '../git/memory.ts';
import { type CommitSigner, createSshSigner } from '../git/sign.ts';
import { renderMarker } from '../governance/marker.ts';
import { createLocalForge } from './local.ts';
import { createLocalForgeDesk, type LocalForgeDesk } from './local-desk.ts';
import type { Protection } from './protection.ts';

/*
 * The repository is kept in memory, with the commits git would make, so that a hundred cases take seconds; local.test.ts does the same
 * kinds of things on real git. It is shared: each case has its own branch, file and pull request, and moves the clock on.
 */
let nowMs = Date.parse('2026-11-22T12:00:00.000Z');
const context = { signal: new AbortController().signal, now: () => nowMs };
const MINUTE = 60_000;
const MEMBERS = { payments: ['ada', 'grace'], platform: ['linus'], checkout: ['barbara'] };
const RULE = '{id: relief, remedy: raise-memory-limit, pattern: leak, maxRisk: medium, maxBlastRadius: 5, minSuccessRate: 0.8}';
const POLICY = `approvalValidMs: ${60 * MINUTE}\nstandingRules:\n  - ${RULE}\n`;
const OWNERS = '* @platform\n/pay/ @payments\n/checkout/ @checkout\n/free/\n/mail/ ada@example.com\n';

const mirror = createMemoryRepository({ url: 'memory:shop' });
let cases = 0;
let commits = 0;

interface CommitStyle {
  readonly signer?: CommitSigner | undefined;
  readonly message?: string | undefined;
}

/** Commits as a person would; a new branch starts at main. */
async function commit(
  branch: string,
  files: Readonly<Record<string, string | undefined>>,
  author = 'linus',
  { signer, message }: CommitStyle = {},
): Promise<string> {
  const tip = await mirror.resolve(branch, context);
  const parent = tip ?? (await mirror.resolve('main', context));
  const id = await mirror.commitFiles(
    {
      parents: parent ? [parent] : [],
      files: new Map(Object.entries(files)),
      message: message ?? `${author} changes ${Object.keys(files).join(', ')} (${++commits})`,
      author: { name: author, email: `${author}@example.com` },
      date: new Date(nowMs).toISOString(),
      signer,
    },
    context,
  );
  const pushed = await mirror.push([{ ref: `refs/heads/${branch}`, commit: id, expected: tip }], context);
  if (pushed.status !== 'pushed') throw new Error(pushed.reason);
  return id;
}

beforeAll(() => commit('main', { CODEOWNERS: OWNERS, '.tier0/policy.yaml': POLICY, 'pay/base.yaml': 'limit: 1\n' }));

const digestOf = (letter: string) => letter.repeat(64);

/** One pull request and everybody who may do something to it. */
interface Case {
  readonly number: number;
  readonly branch: string;
  readonly file: string;
  readonly desk: LocalForgeDesk;
  readonly forge: ReturnType<typeof createLocalForge>;
  /** Approves as somebody; a refusal of the forge is no merge either. */
  approve(
    reviewer: string,
    more?: { readonly digest?: string; readonly state?: 'approved' | 'changes-requested' | 'commented' },
  ): Promise<void>;
  /** Further commits on the branch. */
  push(files: Readonly<Record<string, string | undefined>>, author?: string): Promise<string>;
  gate(commit: string, state?: 'success' | 'failure' | 'pending'): Promise<void>;
  wait(minutes: number): void;
}

interface Setting {
  readonly file?: string;
  readonly author?: string;
  readonly commitAuthor?: string;
  readonly protection?: Protection;
  readonly gate?: 'success' | 'failure' | 'pending' | 'none';
  readonly files?: Readonly<Record<string, string | undefined>>;
  /** Message of the commit. */
  readonly message?: string;
}

async function open(setting: Setting): Promise<Case> {
  const id = ++cases;
  const branch = `tier0/case-${id}`;
  const file = setting.file?.replace('N', String(id)) ?? `pay/case-${id}.yaml`;
  const files = setting.files ?? { [file]: `limit: ${id}\n` };
  const options = { mirror, members: MEMBERS, protection: setting.protection };
  const forge = createLocalForge(options);
  const desk = createLocalForgeDesk(options);
  const author = setting.author ?? 'tier0';
  const head = await commit(branch, files, setting.commitAuthor ?? author, { message: setting.message });
  const key = id.toString(16).padStart(64, 'a');
  const { pullRequest } = await forge.create(
    {
      key,
      title: 'Raise the limit',
      body: `Why\n\n${renderMarker({ key, digest: digestOf('b') })}\n`,
      author,
      labels: [],
      reviewers: [],
      sourceBranch: branch,
      targetBranch: 'main',
    },
    context,
  );
  const gate = (at: string, state: 'success' | 'failure' | 'pending' = 'success') =>
    forge.status(at, { context: 'tier0/gate', state, description: 'x' }, context);
  if (setting.gate !== 'none') await gate(head, setting.gate);
  return {
    number: pullRequest.number,
    branch,
    file,
    desk,
    forge,
    gate,
    approve: async (reviewer, more = {}) => {
      await desk.submitReview({ number: pullRequest.number, reviewer, state: 'approved', ...more }, context).catch(() => undefined);
    },
    push: (changes, by = author) => commit(branch, changes, by),
    wait(minutes) {
      nowMs += minutes * MINUTE;
    },
  };
}

async function isMerged(at: Case): Promise<boolean> {
  await at.desk.settle(at.number, context).catch(() => undefined);
  return (await at.forge.read(at.number, context)).state.status === 'merged';
}

/** A commit with a message of its own on top of the branch. */
async function commitSaying(at: Case, message: string, author = 'tier0'): Promise<void> {
  const tip = (await mirror.resolve(at.branch, context)) as string;
  const person = { name: author, email: `${author}@example.com` };
  const request = { parents: [tip], files: new Map([[at.file, 'limit: 7\n']]), message, author: person, date: '2026-11-22T12:00:00.000Z' };
  const made = await mirror.commitFiles(request, context);
  await mirror.push([{ ref: `refs/heads/${at.branch}`, commit: made, expected: tip }], context);
  await at.gate(made);
}

/** The branch set back to main and made anew with the same change: other commit, same content. */
async function rebase(at: Case, content: string): Promise<string> {
  await commit('main', { [`other-${cases}.txt`]: `${nowMs}\n` }, 'linus');
  const [main, tip] = [await mirror.resolve('main', context), await mirror.resolve(at.branch, context)];
  const person = { name: 'tier0', email: 'tier0@example.com' };
  const request = {
    parents: [main as string],
    files: new Map([[at.file, content]]),
    message: 'again',
    author: person,
    date: '2026-11-22T12:30:00.000Z',
  };
  const made = await mirror.commitFiles(request, context);
  await mirror.push([{ ref: `refs/heads/${at.branch}`, commit: made, expected: tip }], context);
  await at.gate(made);
  return made;
}

async function standing(at: Case, approver: string, digest = digestOf('b')): Promise<void> {
  const approval = {
    approver,
    proposalDigest: digest,
    at: new Date(nowMs).toISOString(),
    expiresAt: new Date(nowMs + MINUTE).toISOString(),
  };
  await at.desk.submitStandingApproval(at.number, approval, context).catch(() => undefined);
}

async function mainCommit(): Promise<string> {
  return (await mirror.resolve('main', context)) as string;
}

type Play = (at: Case) => Promise<unknown>;

const TWO = { protection: { minimumApprovals: 2 } };
const RULES = { protection: { allowStandingRules: true } };

/** Ways to get a change merged that nobody entitled has approved as it is. */
const ATTACKS: readonly (readonly [name: string, setting: Setting, play: Play])[] = [
  ['nobody approves', {}, async () => undefined],
  ['the author approves', { author: 'ada' }, (at) => at.approve('ada')],
  ['the author approves as @author', { author: 'ada' }, (at) => at.approve('@ada')],
  ['the author approves in capitals', { author: 'ada' }, (at) => at.approve('ADA')],
  ['the author approves with white space around', { author: 'ada' }, (at) => at.approve(' ada ')],
  ['the agent approves with its own token', {}, (at) => at.approve('tier0')],
  ['the agent approves as a bot', {}, (at) => at.approve('tier0[bot]')],
  ['who wrote the commit approves', { commitAuthor: 'ada' }, (at) => at.approve('ada')],
  ['who wrote the commit approves by e-mail', { commitAuthor: 'ada' }, (at) => at.approve('ada@example.com')],
  ['who wrote the commit approves in capitals', { commitAuthor: 'ada' }, (at) => at.approve('Ada')],
  [
    'a co-author approves',
    {},
    async (at) => {
      await commitSaying(at, 'x\n\nCo-authored-by: ada <ada@example.com>');
      await at.approve('ada');
    },
  ],
  [
    'a co-author in small letters approves',
    {},
    async (at) => {
      await commitSaying(at, 'x\n\nco-authored-by: Ada <a@b.c>');
      await at.approve('ada');
    },
  ],
  [
    'a co-author known by e-mail only approves',
    {},
    async (at) => {
      await commitSaying(at, 'x\n\nCo-authored-by: somebody <ada>');
      await at.approve('ada');
    },
  ],
  [
    'who wrote a later commit approves',
    {},
    async (at) => {
      await at.gate(await at.push({ [at.file]: 'limit: 9\n' }, 'grace'));
      await at.approve('grace');
    },
  ],
  ['an outsider approves', {}, (at) => at.approve('mallory')],
  ['an owner of other paths approves', {}, (at) => at.approve('barbara')],
  ['an owner of everything else approves', {}, (at) => at.approve('linus')],
  ['somebody named like the group approves', {}, (at) => at.approve('payments')],
  ['somebody named like the group with @ approves', {}, (at) => at.approve('@payments')],
  ['a name that only looks like an owner approves', {}, (at) => at.approve('аda')],
  ['a name with an invisible character approves', {}, (at) => at.approve('ada\u200b')],
  ['owners of one of two paths approve', { files: { 'pay/two.yaml': 'a: 1\n', 'checkout/two.yaml': 'a: 1\n' } }, (at) => at.approve('ada')],
  [
    'the change makes its author an owner',
    { author: 'mallory', files: { CODEOWNERS: '* @mallory\n', 'pay/x.yaml': 'a: 1\n' } },
    (at) => at.approve('mallory'),
  ],
  ['the change makes an accomplice an owner', { files: { CODEOWNERS: '* @eve\n', 'pay/y.yaml': 'a: 1\n' } }, (at) => at.approve('eve')],
  [
    'the change makes approvals last for ever',
    { files: { '.tier0/policy.yaml': 'approvalValidMs: 999999999999\n', 'pay/z.yaml': 'a: 1\n' } },
    async (at) => {
      await at.approve('ada');
      await at.approve('grace');
    },
  ],
  [
    "a file is moved out of its owners' folder",
    { files: { 'pay/base.yaml': undefined, 'free/base.yaml': 'limit: 1\n' } },
    (at) => at.approve('mallory'),
  ],
  [
    'approve, then amend',
    TWO,
    async (at) => {
      await at.approve('ada');
      await at.gate(await at.push({ [at.file]: 'limit: 999\n' }));
      await at.approve('grace');
    },
  ],
  [
    'approve, then rebase with another content',
    TWO,
    async (at) => {
      await at.approve('ada');
      await rebase(at, 'limit: 999\n');
      await at.approve('grace');
    },
  ],
  [
    'approve, then rebase with the same content',
    TWO,
    async (at) => {
      await at.approve('ada');
      await rebase(at, `limit: ${cases}\n`);
      await at.approve('grace');
    },
  ],
  [
    'approve, then change what the body promises',
    TWO,
    async (at) => {
      await at.approve('ada');
      const key = cases.toString(16).padStart(64, 'a');
      await at.forge.update(at.number, { body: `Other\n\n${renderMarker({ key, digest: digestOf('c') })}\n` }, context);
      await at.approve('grace');
    },
  ],
  ['approve a content that was read elsewhere', {}, (at) => at.approve('ada', { digest: digestOf('d') })],
  [
    'an approval that expired',
    TWO,
    async (at) => {
      await at.approve('ada');
      at.wait(61);
      await at.approve('grace');
    },
  ],
  [
    'approvals that all expired before the check was green',
    { gate: 'none' },
    async (at) => {
      await at.approve('ada');
      at.wait(61);
      await at.gate((await at.forge.read(at.number, context)).headCommit);
    },
  ],
  [
    'one person twice',
    TWO,
    async (at) => {
      await at.approve('ada');
      await at.approve('ada');
    },
  ],
  [
    'one person in two spellings',
    TWO,
    async (at) => {
      await at.approve('ada');
      await at.approve('@ada');
    },
  ],
  [
    'one person in two letter cases',
    TWO,
    async (at) => {
      await at.approve('ada');
      await at.approve('Ada');
    },
  ],
  ['a comment is no approval', {}, (at) => at.approve('ada', { state: 'commented' })],
  [
    'another owner still objects',
    {},
    async (at) => {
      await at.approve('grace', { state: 'changes-requested' });
      await at.approve('ada');
    },
  ],
  [
    'an owner who objects later',
    TWO,
    async (at) => {
      await at.approve('ada');
      await at.approve('ada', { state: 'changes-requested' });
      await at.approve('grace');
    },
  ],
  ['the gate has said nothing', { gate: 'none' }, (at) => at.approve('ada')],
  ['the gate said no', { gate: 'failure' }, (at) => at.approve('ada')],
  ['the gate is still thinking', { gate: 'pending' }, (at) => at.approve('ada')],
  [
    'the gate said yes to an earlier commit',
    {},
    async (at) => {
      await at.push({ [at.file]: 'limit: 8\n' });
      await at.approve('ada');
    },
  ],
  [
    'a closed pull request is approved',
    {},
    async (at) => {
      await at.desk.closeByHuman(at.number, 'grace', 'no', context);
      await at.approve('ada');
    },
  ],
  ['a rule where rules approve nothing', {}, async (at) => standing(at, `rule:relief@${await mainCommit()}`)],
  ['a rule that nobody wrote', RULES, async (at) => standing(at, `rule:other@${await mainCommit()}`)],
  [
    'a rule of a commit that is not on the base branch',
    RULES,
    async (at) => standing(at, `rule:relief@${(await at.forge.read(at.number, context)).headCommit}`),
  ],
  ['a rule of a commit that does not exist', RULES, (at) => standing(at, `rule:relief@${'f'.repeat(40)}`)],
  ['a rule that approved another content', RULES, async (at) => standing(at, `rule:relief@${await mainCommit()}`, digestOf('e'))],
  ['a person who calls itself a rule', RULES, async (at) => at.approve(`rule:relief@${await mainCommit()}`)],
  ['a rule handed in as a person', RULES, (at) => standing(at, 'ada')],
  [
    'the same file was changed on the base meanwhile',
    {},
    async (at) => {
      await commit('main', { [at.file]: 'limit: 5\n' }, 'linus');
      await at.approve('ada');
    },
  ],
];

describe('attacks on approval: nothing is merged', () => {
  test('there are at least 40', () => expect(ATTACKS.length).toBeGreaterThanOrEqual(40));

  test.each(ATTACKS)('%s', async (_, setting, play) => {
    const before = await mainCommit();
    const at = await open(setting);
    await play(at);
    expect(await isMerged(at)).toBe(false);
    const after = await mainCommit();
    const changes = await mirror.commitsBetween(before, after, 10, context);
    expect(changes.filter((one) => one.message.includes(`#${at.number}`))).toEqual([]);
  });

  test.each([
    ['a freeze', `${POLICY}freezes: [{reason: audit, startsAt: "2026-01-01T00:00:00.000Z", endsAt: "2027-01-01T00:00:00.000Z"}]\n`],
    ['a policy that cannot be read', 'approvals: [\n'],
    ['a policy with a rule that was withdrawn', 'standingRules: []\n'],
    ['a policy with a rule that was tightened', POLICY.replace('maxBlastRadius: 5', 'maxBlastRadius: 1')],
  ])('%s on the base branch', async (name, policy) => {
    const signedAt = await mainCommit();
    await commit('main', { '.tier0/policy.yaml': policy }, 'linus');
    const at = await open(RULES);
    if (name.includes('rule')) await standing(at, `rule:relief@${signedAt}`);
    else await at.approve('ada');
    expect(await isMerged(at)).toBe(false);
    await commit('main', { '.tier0/policy.yaml': POLICY }, 'linus');
  });
});

describe('a freeze', () => {
  const FREEZE = `${POLICY}freezes: [{reason: audit, startsAt: "2026-01-01T00:00:00.000Z", endsAt: "2027-01-01T00:00:00.000Z"}]\n`;

  async function mergedThenFrozen(): Promise<{ readonly at: Case; readonly merge: string }> {
    const at = await open({ file: 'pay/frozen-N.yaml' });
    await at.approve('ada');
    const { state } = await at.forge.read(at.number, context);
    if (state.status !== 'merged') throw new Error(state.status);
    await commit('main', { '.tier0/policy.yaml': FREEZE });
    return { at, merge: state.commit };
  }

  test.each<[string, (at: Case) => Readonly<Record<string, string | undefined>>, boolean]>([
    ['lets a change be taken back', (at) => ({ [at.file]: undefined }), true],
    ['does not let more be taken along', (at) => ({ [at.file]: undefined, 'pay/base.yaml': 'limit: 0\n' }), false],
    ['does not let something else pass for it', (at) => ({ [at.file]: 'limit: 1000\n' }), false],
  ])('%s', async (_, files, merges) => {
    const { at, merge } = await mergedThenFrozen();
    const revert = await open({ files: files(at), message: `Revert\n\nTier0-Reverts: ${merge}` });
    await revert.approve('ada');
    expect(await isMerged(revert)).toBe(merges);
    await commit('main', { '.tier0/policy.yaml': POLICY });
  });
});

describe('standing rules that people sign', () => {
  const signer = createSshSigner({ privateKey: generateKeyPairSync('ed25519').privateKey });
  const signed = { protection: { allowStandingRules: true, allowedSigners: [{ principal: 'linus', publicKey: signer.publicKey }] } };

  test('a rule in a signed policy approves; one that was changed without a signature does not', async () => {
    const unsigned = await open(signed);
    await standing(unsigned, `rule:relief@${await mainCommit()}`);
    expect(await isMerged(unsigned)).toBe(false);
    await commit('main', { '.tier0/policy.yaml': `${POLICY}# signed\n` }, 'linus', { signer });
    const approved = await open(signed);
    await standing(approved, `rule:relief@${await mainCommit()}`);
    expect(await isMerged(approved)).toBe(true);
    await commit('main', { '.tier0/policy.yaml': `${POLICY}# by somebody\n` }, 'mallory');
    const forged = await open(signed);
    await standing(forged, `rule:relief@${await mainCommit()}`);
    expect(await isMerged(forged)).toBe(false);
    await commit('main', { '.tier0/policy.yaml': POLICY });
  });
});

const SPELLINGS = ['ada', '@ada', 'grace', '@grace'];

/** What people do every day, which must go through. */
const FLOWS: readonly (readonly [name: string, setting: Setting, play: Play])[] = [
  ...SPELLINGS.map((who) => [`${who} approves`, {}, (at: Case) => at.approve(who)] as const),
  ...SPELLINGS.map((who) => [`${who} approves what was read`, {}, (at: Case) => at.approve(who, { digest: digestOf('b') })] as const),
  ...(['merge', 'squash'] as const).map(
    (mergeMethod) => [`by ${mergeMethod}`, { protection: { mergeMethod } }, (at: Case) => at.approve('ada')] as const,
  ),
  [
    'two owners approve',
    TWO,
    async (at) => {
      await at.approve('ada');
      await at.approve('grace');
    },
  ],
  [
    'two owners approve, with a stranger between',
    TWO,
    async (at) => {
      await at.approve('ada');
      await at.approve('mallory');
      await at.approve('grace');
    },
  ],
  [
    'an owner and an owner of other paths make two',
    TWO,
    async (at) => {
      await at.approve('linus');
      await at.approve('ada');
    },
  ],
  [
    'the second owner comes before the gate',
    { ...TWO, gate: 'none' },
    async (at) => {
      await at.approve('ada');
      await at.approve('grace');
      await at.gate((await at.forge.read(at.number, context)).headCommit);
    },
  ],
  [
    'the gate comes after the approval',
    { gate: 'pending' },
    async (at) => {
      await at.approve('ada');
      await at.gate((await at.forge.read(at.number, context)).headCommit);
    },
  ],
  [
    'the gate said no first and yes later',
    { gate: 'failure' },
    async (at) => {
      await at.gate((await at.forge.read(at.number, context)).headCommit);
      await at.approve('ada');
    },
  ],
  [
    'an objection is taken back',
    {},
    async (at) => {
      await at.approve('ada', { state: 'changes-requested' });
      await at.approve('ada');
    },
  ],
  [
    'a comment takes no approval back',
    { gate: 'none' },
    async (at) => {
      await at.approve('ada');
      await at.approve('ada', { state: 'commented' });
      await at.gate((await at.forge.read(at.number, context)).headCommit);
    },
  ],
  [
    'amended, and approved again',
    {},
    async (at) => {
      await at.approve('mallory');
      await at.gate(await at.push({ [at.file]: 'limit: 4\n' }));
      await at.approve('ada');
    },
  ],
  [
    'rebased, and approved again',
    TWO,
    async (at) => {
      await at.approve('ada');
      await rebase(at, 'limit: 3\n');
      await at.approve('ada');
      await at.approve('grace');
    },
  ],
  [
    'expired, and approved again',
    TWO,
    async (at) => {
      await at.approve('ada');
      at.wait(61);
      await at.approve('ada');
      await at.approve('grace');
    },
  ],
  [
    'just before it expires',
    TWO,
    async (at) => {
      await at.approve('ada');
      at.wait(59);
      await at.approve('grace');
    },
  ],
  [
    'closed, reopened and approved',
    {},
    async (at) => {
      await at.desk.closeByHuman(at.number, 'grace', 'wait', context);
      await at.desk.reopen(at.number, context);
      await at.approve('ada');
    },
  ],
  [
    'others work on other files meanwhile',
    {},
    async (at) => {
      await commit('main', { 'docs/x.md': `${nowMs}\n` }, 'linus');
      await at.approve('ada');
    },
  ],
  [
    'others work in the same folder meanwhile',
    {},
    async (at) => {
      await commit('main', { 'pay/neighbour.yaml': `a: ${nowMs}\n` }, 'linus');
      await at.approve('ada');
    },
  ],
  [
    'owners of both paths approve',
    { files: { 'pay/both.yaml': 'a: 1\n', 'checkout/both.yaml': 'a: 1\n' } },
    async (at) => {
      await at.approve('ada');
      await at.approve('barbara');
    },
  ],
  ['a path that nobody owns, by anybody', { file: 'free/N.yaml' }, (at) => at.approve('mallory')],
  ['an owner named by e-mail address', { file: 'mail/N.yaml' }, (at) => at.approve('ada@example.com')],
  ['the last matching line decides', { file: 'checkout/N.yaml' }, (at) => at.approve('barbara')],
  ['everything else belongs to the platform', { file: 'else/N.yaml' }, (at) => at.approve('linus')],
  ['owners are not asked for', { protection: { requireCodeOwners: false } }, (at) => at.approve('mallory')],
  ['no check is asked for', { gate: 'none', protection: { requiredStatuses: [] } }, (at) => at.approve('ada')],
  ["a person's pull request", { author: 'grace' }, (at) => at.approve('ada')],
  ["a person's commits in the agent's pull request, approved by the other", { commitAuthor: 'grace' }, (at) => at.approve('ada')],
  [
    'a co-author who is somebody else',
    {},
    async (at) => {
      await commitSaying(at, 'x\n\nCo-authored-by: grace <grace@example.com>');
      await at.approve('ada');
    },
  ],
  [
    'several commits',
    {},
    async (at) => {
      await at.push({ [at.file]: 'limit: 5\n' });
      await at.gate(await at.push({ [at.file]: 'limit: 6\n' }));
      await at.approve('ada');
    },
  ],
  ['a file is taken away', { files: { 'pay/neighbour.yaml': undefined, 'pay/taken.yaml': 'a: 1\n' } }, (at) => at.approve('ada')],
  ['a file with a name of many languages', { file: 'pay/größe ☃ N.yaml' }, (at) => at.approve('ada')],
  ['a rule that people merged', RULES, async (at) => standing(at, `rule:relief@${await mainCommit()}`)],
  [
    'a rule, and a person besides',
    { protection: { allowStandingRules: true, minimumApprovals: 2 } },
    async (at) => {
      await standing(at, `rule:relief@${await mainCommit()}`);
      await at.approve('ada');
    },
  ],
  ['people where rules may approve too', RULES, (at) => at.approve('grace')],
  [
    'owners change their mind twice',
    {},
    async (at) => {
      await at.approve('grace', { state: 'changes-requested' });
      await at.approve('grace', { state: 'commented' });
      await at.approve('grace');
    },
  ],
];

describe('what people do every day: it is merged', () => {
  test('there are at least 40', () => expect(FLOWS.length).toBeGreaterThanOrEqual(40));

  test.each(FLOWS)('%s', async (_, setting, play) => {
    const at = await open(setting);
    await play(at);
    if (!(await isMerged(at))) expect.fail(JSON.stringify(await at.desk.settle(at.number, context)));
  });
});
