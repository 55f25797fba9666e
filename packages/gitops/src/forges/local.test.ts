import { describeForge } from '@tier0/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { runGit } from '../git/git.ts';
import { renderMarker } from '../governance/marker.ts';
import { type GitHttpServer, startGitHttpServer } from '../testing/git-http-server.ts';
import { anyContext, createTestRepository, type TestRepository } from '../testing/repository.ts';
import { createLocalForge, type LocalForgeOptions } from './local.ts';
import { createLocalForgeDesk } from './local-desk.ts';

const context = anyContext();
const opened: { remove(): Promise<void> }[] = [];
const servers: GitHttpServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await Promise.all(opened.splice(0).map((repository) => repository.remove()));
});

const POLICY = `approvals: {low: 1, medium: 1, high: 2, critical: 2}
standingRules:
  - {id: relief, remedy: raise-memory-limit, pattern: leak, maxRisk: medium, maxBlastRadius: 5, minSuccessRate: 0.8, fields: [limits.memory]}
`;
const deployment = (memory: string) =>
  `apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec: {template: {spec: {containers: [{name: cart, image: "cart:1", resources: {limits: {memory: ${memory}}}}]}}}
`;
const FILES = {
  'shop/cart.yaml': deployment('256Mi'),
  'shop/payment.yaml': 'limit: 1\n',
  'shop/checkout.yaml': 'limit: 1\n',
  CODEOWNERS: '* @platform\n/shop/payment.yaml @payments\n/shop/free.yaml\n',
  '.tier0/policy.yaml': POLICY,
};
const MEMBERS = { payments: ['ada', 'grace'], platform: ['linus'] };

async function setUp(options: Partial<LocalForgeOptions> = {}) {
  const repository = await createTestRepository(FILES);
  opened.push(repository);
  const all: LocalForgeOptions = { mirror: repository.newMirror(), members: MEMBERS, ...options };
  return { repository, forge: createLocalForge(all), desk: createLocalForgeDesk(all) };
}

const KEY = 'a'.repeat(64);
const DIGEST = 'b'.repeat(64);

interface Place {
  readonly repository: TestRepository;
  readonly forge: ReturnType<typeof createLocalForge>;
}

type Files = Readonly<Record<string, string | undefined>>;

/** A proposal: one commit that names its digest, shown by a body that names it too. */
async function open(at: Place, files: Files, author = 'tier0') {
  const { mirror } = at.repository;
  const main = (await mirror.resolve('main', context)) as string;
  const commit = await mirror.commitFiles(
    {
      parents: [main],
      files: new Map(Object.entries(files)),
      message: `T\n\nWhy\n\nTier0-Key: ${KEY}\nTier0-Proposal: ${DIGEST}\n`,
      author: { name: author, email: `${author}@example.com` },
      date: '2026-11-22T11:00:00.000Z',
    },
    context,
  );
  await mirror.push([{ ref: 'refs/heads/tier0/x', commit, expected: undefined }], context);
  return openPullRequest(at, commit, `B\n\n${renderMarker({ key: KEY, digest: DIGEST })}\n`);
}

/** A person's pull request of as many commits as its branch has: it shows no proposal. */
async function openByHand(at: Place, files: Files) {
  return openPullRequest(at, await at.repository.commit('tier0/x', files, 'tier0'), 'B\n');
}

async function openPullRequest(at: Place, commit: string, body: string) {
  const draft = { key: KEY, title: 'T', body, author: 'tier0', labels: [], reviewers: [] };
  const { pullRequest } = await at.forge.create({ ...draft, sourceBranch: 'tier0/x', targetBranch: 'main' }, context);
  await at.forge.status(commit, { context: 'tier0/gate', state: 'success', description: 'fine' }, context);
  return pullRequest;
}

/** A pull request's branch whose second parent is somebody's work. */
async function mergedIn(repository: TestRepository, author: string) {
  const { mirror } = repository;
  const side = await repository.commit('side', { 'shop/free.yaml': 'a: 1\n' }, author);
  const main = (await mirror.resolve('main', context)) as string;
  const person = { name: 'tier0', email: 'tier0@example.com' };
  const merge = { parents: [main, side], files: new Map([['shop/free.yaml', 'a: 1\n']]), message: 'merge', author: person };
  const commit = await mirror.commitFiles({ ...merge, date: '2026-11-22T11:00:00.000Z' }, context);
  await mirror.push([{ ref: 'refs/heads/tier0/x', commit, expected: undefined }], context);
}

/** A pull request's branch of many commits, the first of them by somebody else. */
async function manyCommits(repository: TestRepository, count: number, firstAuthor: string) {
  const commits = Array.from({ length: count }, (_, index) => {
    const from = index === 0 ? 'from refs/heads/main^0\n' : '';
    const author = index === 0 ? firstAuthor : 'tier0';
    return `commit refs/heads/tier0/x\nauthor ${author} <${author}@example.com> ${1_763_800_000 + index} +0000\ncommitter t <t> ${1_763_800_000 + index} +0000\ndata 1\nx\n${from}\n`;
  });
  await runGit({ args: ['fast-import', '--quiet'], directory: repository.url, input: commits.join('') });
}

describeForge('local', async () => {
  const repository = await createTestRepository();
  opened.push(repository);
  const options = { mirror: repository.newMirror() };
  const desk = createLocalForgeDesk(options);
  let pushes = 0;
  return {
    forge: createLocalForge(options),
    baseBranch: 'main',
    push: (branch) => repository.commit(branch, { [`${branch}.txt`]: `${++pushes}\n` }, 'tier0'),
    review: async (number, review) => void (await desk.submitReview({ number, ...review }, context)),
    closeAsPerson: async (number, by) => void (await desk.closeByHuman(number, by, 'no', context)),
  };
});

describe('protection', () => {
  test('only owners of the touched files count, and the base branch says who they are', async () => {
    const at = await setUp();
    const { number } = await open(at, { 'shop/payment.yaml': 'limit: 2\n', CODEOWNERS: '* @mallory\n' });
    const stranger = await at.desk.submitReview({ number, reviewer: 'mallory', state: 'approved' }, context);
    expect(stranger).toMatchObject({
      status: 'waiting',
      reasons: expect.arrayContaining([expect.stringContaining('@payments'), expect.stringContaining('@platform')]),
    });
    const one = await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, context);
    expect(one).toMatchObject({ status: 'waiting', reasons: [expect.stringContaining('@platform')] });
    expect(await at.desk.submitReview({ number, reviewer: 'linus', state: 'approved' }, context)).toMatchObject({ status: 'merged' });
    expect(await at.repository.read('main', 'shop/payment.yaml')).toBe('limit: 2\n');
  });

  test('who wrote a part of the change cannot approve it, as author or as co-author', async () => {
    const at = await setUp();
    const { number } = await open(at, { 'shop/payment.yaml': 'limit: 2\n' }, 'ada');
    const own = await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, context);
    expect(own).toMatchObject({ status: 'waiting', reasons: expect.arrayContaining([expect.stringContaining('authors cannot approve')]) });
    const self = at.desk.submitReview({ number, reviewer: '@tier0', state: 'approved' }, context);
    await expect(self).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  test('who wrote a commit of a merged-in branch, or one far back, cannot approve it either', async () => {
    for (const history of ['merged', 'long'] as const) {
      const at = await setUp();
      await (history === 'merged' ? mergedIn(at.repository, 'ada') : manyCommits(at.repository, 60, 'ada'));
      const { number } = await openByHand(at, { 'shop/payment.yaml': 'limit: 2\n' });
      const own = await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, context);
      expect(own).toMatchObject({
        status: 'waiting',
        reasons: expect.arrayContaining([expect.stringContaining('authors cannot approve')]),
      });
    }
  });

  test('a pull request of more commits than are looked at is not approvable', async () => {
    const at = await setUp();
    await manyCommits(at.repository, 500, 'mallory');
    const { number } = await openByHand(at, { 'shop/payment.yaml': 'limit: 2\n' });
    const result = await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, context);
    expect(result).toMatchObject({
      status: 'waiting',
      reasons: expect.arrayContaining([expect.stringContaining('more than 500 commits')]),
    });
  });

  test('a request for changes blocks until it is taken back', async () => {
    const at = await setUp();
    const { number } = await open(at, { 'shop/payment.yaml': 'limit: 2\n' });
    await at.desk.submitReview({ number, reviewer: 'grace', state: 'changes-requested' }, context);
    expect(await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, context)).toMatchObject({ status: 'waiting' });
    expect(await at.desk.submitReview({ number, reviewer: 'grace', state: 'approved' }, context)).toMatchObject({ status: 'merged' });
  });

  test('an approval of another content is refused, and a changed body voids the ones given', async () => {
    const at = await setUp({ protection: { minimumApprovals: 2 } });
    const { number } = await open(at, { 'shop/payment.yaml': 'limit: 2\n' });
    const other = at.desk.submitReview({ number, reviewer: 'ada', state: 'approved', digest: 'c'.repeat(64) }, context);
    await expect(other).rejects.toMatchObject({ code: 'CONFLICT' });
    await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved', digest: DIGEST }, context);
    await at.forge.update(number, { body: `other\n\n${renderMarker({ key: KEY, digest: 'c'.repeat(64) })}\n` }, context);
    const result = await at.desk.submitReview({ number, reviewer: 'grace', state: 'approved' }, context);
    expect(result).toMatchObject({ status: 'waiting', reasons: expect.arrayContaining([expect.stringContaining('another content')]) });
  });

  test('a commit added to a proposal makes it another change, which nobody approves in its name', async () => {
    const at = await setUp();
    const { number } = await open(at, { 'shop/payment.yaml': 'limit: 2\n' });
    const added = await at.repository.commit('tier0/x', { 'shop/payment.yaml': 'limit: 3\n' }, 'mallory');
    await at.forge.status(added, { context: 'tier0/gate', state: 'success', description: 'fine' }, context);
    const result = await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, context);
    expect(result).toEqual({ status: 'waiting', reasons: [expect.stringContaining('something else than the proposal')] });
  });

  test('an approval expires', async () => {
    const at = await setUp({ protection: { minimumApprovals: 2 } });
    const { number } = await open(at, { 'shop/payment.yaml': 'limit: 2\n' });
    await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, context);
    const later = { ...context, now: () => Date.now() + 25 * 60 * 60 * 1000 };
    const result = await at.desk.submitReview({ number, reviewer: 'grace', state: 'approved' }, later);
    expect(result).toMatchObject({ status: 'waiting', reasons: expect.arrayContaining([expect.stringContaining('expired')]) });
  });
});

describe('the policy on the base branch', () => {
  const afterwards = (ms: number) => ({ ...context, now: () => Date.now() + ms });
  const HOUR = 60 * 60 * 1000;

  test('a freeze that began after the proposal blocks the merge until it is over, approved or not', async () => {
    const at = await setUp();
    const { number } = await open(at, { 'shop/payment.yaml': 'limit: 2\n' });
    const [startsAt, endsAt] = [-HOUR, HOUR].map((ms) => new Date(Date.now() + ms).toISOString());
    const freeze = `freezes: [{reason: sale, startsAt: '${startsAt}', endsAt: '${endsAt}'}]\n`;
    await at.repository.commit('main', { '.tier0/policy.yaml': POLICY + freeze });
    const frozen = await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, context);
    expect(frozen).toEqual({ status: 'waiting', reasons: [`changes are frozen until ${endsAt}: sale`] });
    const over = await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, afterwards(HOUR));
    expect(over).toMatchObject({ status: 'merged' });
  });

  test('one that cannot be read blocks the merge, and says why', async () => {
    const at = await setUp();
    const { number } = await open(at, { 'shop/payment.yaml': 'limit: 2\n' });
    await at.repository.commit('main', { '.tier0/policy.yaml': 'freezes: soon\n' });
    const result = await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, context);
    expect(result).toMatchObject({ status: 'waiting', reasons: [expect.stringContaining('.tier0/policy.yaml is not a policy: freezes')] });
  });

  test.each([
    ['one hour by the policy', 1, undefined, true],
    ['one hour by the policy, more by the option', 1, 48, true],
    ['two days by the policy', 48, undefined, false],
    ['two days by the policy, less by the option', 48, 1, true],
  ])('decides how long an approval is valid: %s', async (_, policyHours, optionHours, isExpired) => {
    const approvalValidMs = optionHours && optionHours * HOUR;
    const at = await setUp({ protection: { minimumApprovals: 2, approvalValidMs } });
    await at.repository.commit('main', { '.tier0/policy.yaml': `${POLICY}approvalValidMs: ${policyHours * HOUR}\n` });
    const { number } = await open(at, { 'shop/payment.yaml': 'limit: 2\n' });
    await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, context);
    const result = await at.desk.submitReview({ number, reviewer: 'grace', state: 'approved' }, afterwards(30 * HOUR));
    if (isExpired)
      expect(result).toMatchObject({ reasons: expect.arrayContaining([expect.stringContaining('ada does not count: it expired')]) });
    else expect(result).toMatchObject({ status: 'merged' });
  });
});

describe('standing rules', () => {
  const approvalBy = (approver: string) => ({
    approver,
    proposalDigest: DIGEST,
    at: '2026-11-22T10:00:00.000Z',
    expiresAt: '2036-01-01T00:00:00.000Z',
  });
  const tip = async (at: Awaited<ReturnType<typeof setUp>>) => (await at.repository.mirror.resolve('main', context)) as string;

  test('a rule that people merged approves, where the repository allows it', async () => {
    const at = await setUp({ protection: { allowStandingRules: true } });
    const { number } = await open(at, { 'shop/cart.yaml': deployment('512Mi') });
    const result = await at.desk.submitStandingApproval(number, approvalBy(`rule:relief@${await tip(at)}`), context);
    expect(result).toMatchObject({ status: 'merged' });
  });

  test('a rule does not approve what the change does besides, whatever it is called', async () => {
    const at = await setUp({ protection: { allowStandingRules: true } });
    const { number } = await open(at, { 'shop/cart.yaml': deployment('512Mi').replace('cart:1', 'cart:2') });
    const result = await at.desk.submitStandingApproval(number, approvalBy(`rule:relief@${await tip(at)}`), context);
    expect(result).toMatchObject({
      status: 'waiting',
      reasons: expect.arrayContaining([expect.stringContaining('is not a field of the rule')]),
    });
  });

  test.each([
    [
      'where the repository does not allow it',
      {},
      async (at: Awaited<ReturnType<typeof setUp>>) => `rule:relief@${await tip(at)}`,
      'takes no approvals',
    ],
    [
      'that is not in the file',
      { allowStandingRules: true },
      async (at: Awaited<ReturnType<typeof setUp>>) => `rule:other@${await tip(at)}`,
      'has no rule',
    ],
    [
      'from a branch that nobody merged',
      { allowStandingRules: true },
      async (at: Awaited<ReturnType<typeof setUp>>) =>
        `rule:own@${await at.repository.commit('agent', { '.tier0/policy.yaml': POLICY.replace('relief', 'own') })}`,
      'not part of main',
    ],
    [
      'that was withdrawn since',
      { allowStandingRules: true },
      async (at: Awaited<ReturnType<typeof setUp>>) => {
        const before = await tip(at);
        await at.repository.commit('main', { '.tier0/policy.yaml': POLICY.replace('0.8', '0.99') });
        return `rule:relief@${before}`;
      },
      'changed or withdrawn',
    ],
  ])('not a rule %s', async (_, protection, approver, words) => {
    const at = await setUp({ protection });
    const { number } = await open(at, { 'shop/cart.yaml': deployment('512Mi') });
    const result = await at.desk.submitStandingApproval(number, approvalBy(await approver(at)), context);
    expect(result).toMatchObject({ status: 'waiting', reasons: expect.arrayContaining([expect.stringContaining(words)]) });
  });

  test('the way for rules is no way for people, and the other way round', async () => {
    const at = await setUp({ protection: { allowStandingRules: true } });
    const { number } = await open(at, { 'shop/cart.yaml': deployment('512Mi') });
    await expect(async () => at.desk.submitStandingApproval(number, approvalBy('ada'), context)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    await expect(async () =>
      at.desk.submitReview({ number, reviewer: `rule:relief@${await tip(at)}`, state: 'approved' }, context),
    ).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  });
});

describe('merging', () => {
  test('work that others merged meanwhile stays, when it is in other files', async () => {
    const at = await setUp();
    const { number } = await open(at, { 'shop/payment.yaml': 'limit: 2\n' });
    await at.repository.commit('main', { 'shop/checkout.yaml': 'limit: 9\n' });
    expect(await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, context)).toMatchObject({ status: 'merged' });
    expect(await at.repository.read('main', 'shop/checkout.yaml')).toBe('limit: 9\n');
    expect(await at.repository.read('main', 'shop/payment.yaml')).toBe('limit: 2\n');
  });

  test('a conflict is said, and nothing is merged', async () => {
    const at = await setUp();
    const { number } = await open(at, { 'shop/payment.yaml': 'limit: 2\n' });
    await at.repository.commit('main', { 'shop/payment.yaml': 'limit: 7\n' });
    const result = await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, context);
    expect(result).toMatchObject({ status: 'waiting', reasons: [expect.stringContaining('conflict: shop/payment.yaml')] });
    expect(await at.repository.read('main', 'shop/payment.yaml')).toBe('limit: 7\n');
  });

  test('a squash merge has one parent and keeps the trailers', async () => {
    const at = await setUp({ protection: { mergeMethod: 'squash' } });
    const { number } = await open(at, { 'shop/payment.yaml': 'limit: 2\n' });
    const result = await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, context);
    if (result.status !== 'merged') throw new Error(result.status);
    await at.repository.mirror.fetch(context);
    const { parents, message } = await at.repository.mirror.readCommit(result.commit, context);
    expect(parents).toHaveLength(1);
    expect(message).toContain(`Tier0-Proposal: ${DIGEST}`);
  });

  test('reviewing, closing and reopening leave a history that plain git shows', async () => {
    const at = await setUp();
    const { number } = await open(at, { 'shop/payment.yaml': 'limit: 2\n' });
    await at.desk.closeByHuman(number, 'ada', 'not now', context);
    expect((await at.desk.reopen(number, context)).state.status).toBe('open');
    await at.repository.mirror.fetch(context);
    const newest = (await at.repository.mirror.resolve(`refs/tier0/prs/${number}`, context)) as string;
    const [before] = (await at.repository.mirror.readCommit(newest, context)).parents;
    expect((await at.repository.mirror.readCommit(before as string, context)).message).toBe(`Pull request ${number}: closed`);
  });

  test('everything works over HTTP too', async () => {
    const repository = await createTestRepository(FILES);
    opened.push(repository);
    const server = await startGitHttpServer(repository.directory);
    servers.push(server);
    const options = { mirror: repository.newMirror(`${server.url}/remote.git`), members: MEMBERS };
    const at = { repository, forge: createLocalForge(options), desk: createLocalForgeDesk(options) };
    const { number } = await open(at, { 'shop/payment.yaml': 'limit: 2\n' });
    expect(await at.desk.submitReview({ number, reviewer: 'ada', state: 'approved' }, context)).toMatchObject({ status: 'merged' });
    expect(await repository.read('main', 'shop/payment.yaml')).toBe('limit: 2\n');
  });
});
