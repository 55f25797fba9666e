import { describe, expect, test } from 'vitest';
import type { Forge, PullRequestDraft } from '../ports/forge.ts';
import { testContext } from './call-context.ts';

/** A forge with a repository behind it, and the people's side that the port leaves out. */
export interface ForgeUnderTest {
  readonly forge: Forge;
  /** A branch that pull requests may target. */
  readonly baseBranch: string;
  /** Makes (or adds a commit to) a branch that differs from the base branch, and returns its tip. */
  push(branch: string): Promise<string>;
  /** A person's review of the pull request as it is now; who approves also merges it, where the forge leaves that to people and allows it. */
  review(number: number, review: { readonly reviewer: string; readonly state: 'approved' | 'changes-requested' }): Promise<void>;
  /** Closes the pull request unmerged, in the name of a person. */
  closeAsPerson(number: number, by: string): Promise<void>;
}

const BODY = 'Why.\n';

function draft(on: ForgeUnderTest, sourceBranch: string, key = 'k1'): PullRequestDraft {
  return {
    key,
    title: 'Raise a limit',
    body: BODY,
    author: 'tier0',
    sourceBranch,
    targetBranch: on.baseBranch,
    labels: ['tier0'],
    reviewers: [],
  };
}

/** What every `Forge` must do. `make` returns a forge whose pull requests need the check `tier0/gate` and one approval to merge. */
export function describeForge(name: string, make: () => Promise<ForgeUnderTest>): void {
  const context = testContext('2026-01-01T00:00:00.000Z');

  describe(`Forge contract: ${name}`, () => {
    test('gives a pull request back as it was opened, with the tip of its branch', async () => {
      const on = await make();
      const tip = await on.push('tier0/a');
      const { outcome, pullRequest } = await on.forge.create(draft(on, 'tier0/a'), context);
      expect(outcome).toBe('created');
      expect(pullRequest).toMatchObject({
        title: 'Raise a limit',
        body: BODY,
        author: 'tier0',
        headCommit: tip,
        state: { status: 'open' },
      });
      expect(await on.forge.read(pullRequest.number, context)).toEqual(pullRequest);
      expect(await on.forge.find({ key: 'k1' }, context)).toEqual([pullRequest]);
      expect(await on.forge.find({ sourceBranch: 'tier0/a' }, context)).toEqual([pullRequest]);
      expect(await on.forge.find({ key: 'other' }, context)).toEqual([]);
      expect(await on.forge.find({ author: pullRequest.author, status: 'open' }, context)).toEqual([pullRequest]);
      expect(await on.forge.find({ author: pullRequest.author, status: 'merged' }, context)).toEqual([]);
    });

    test('opening the same branches again finds the open one', async () => {
      const on = await make();
      await on.push('tier0/a');
      const first = await on.forge.create(draft(on, 'tier0/a'), context);
      const second = await on.forge.create(draft(on, 'tier0/a'), context);
      expect(second).toEqual({ outcome: 'exists', pullRequest: first.pullRequest });
    });

    test('two runs that open the same pull request at once make one', async () => {
      const on = await make();
      await on.push('tier0/a');
      const results = await Promise.all([1, 2, 3].map(() => on.forge.create(draft(on, 'tier0/a'), context)));
      expect(new Set(results.map((result) => result.pullRequest.number)).size).toBe(1);
      expect(await on.forge.find({ sourceBranch: 'tier0/a' }, context)).toHaveLength(1);
    });

    test('what is not there is said', async () => {
      const on = await make();
      await expect(on.forge.create(draft(on, 'tier0/none'), context)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(on.forge.read(99_999, context)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    test('title and body change while it is open, and not after', async () => {
      const on = await make();
      await on.push('tier0/a');
      const { number } = (await on.forge.create(draft(on, 'tier0/a'), context)).pullRequest;
      expect(await on.forge.update(number, { title: 'Other' }, context)).toMatchObject({ title: 'Other', body: BODY });
      await on.forge.closePullRequest(number, 'not wanted', context);
      await on.forge.closePullRequest(number, 'not wanted', context);
      await expect(on.forge.update(number, { title: 'Third' }, context)).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    test('who closed it can be told apart', async () => {
      const on = await make();
      await on.push('tier0/a');
      await on.push('tier0/b');
      const mine = (await on.forge.create(draft(on, 'tier0/a'), context)).pullRequest.number;
      const theirs = (await on.forge.create(draft(on, 'tier0/b', 'k2'), context)).pullRequest.number;
      await on.forge.closePullRequest(mine, 'not wanted', context);
      await on.closeAsPerson(theirs, 'ada');
      expect((await on.forge.read(mine, context)).state).toMatchObject({ status: 'closed', by: 'tier0' });
      expect((await on.forge.read(theirs, context)).state).toMatchObject({ status: 'closed', by: 'ada' });
    });

    test('a closed one does not stand in the way of a new one', async () => {
      const on = await make();
      await on.push('tier0/a');
      const first = (await on.forge.create(draft(on, 'tier0/a'), context)).pullRequest.number;
      await on.forge.closePullRequest(first, 'again', context);
      const second = await on.forge.create(draft(on, 'tier0/a'), context);
      expect(second.outcome).toBe('created');
      expect((await on.forge.find({ key: 'k1' }, context)).map((one) => one.number)).toEqual([second.pullRequest.number, first]);
    });

    test('it merges when somebody else approved and the check is there, and only then', async () => {
      const on = await make();
      const tip = await on.push('tier0/a');
      const { number } = (await on.forge.create(draft(on, 'tier0/a'), context)).pullRequest;
      await on.review(number, { reviewer: 'ada', state: 'approved' });
      expect((await on.forge.read(number, context)).state.status).toBe('open');
      await on.forge.status(tip, { context: 'tier0/gate', state: 'success', description: 'fine' }, context);
      await on.review(number, { reviewer: 'grace', state: 'approved' }).catch(() => undefined);
      const merged = await on.forge.read(number, context);
      expect(merged).toMatchObject({ state: { status: 'merged' }, headCommit: tip });
      expect((await on.forge.reviews(number, context))[0]).toMatchObject({ reviewer: 'ada', state: 'approved', commit: tip });
      await expect(on.forge.closePullRequest(number, 'late', context)).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    test('asked to, it merges by itself once its rules are satisfied, and not before', async () => {
      const on = await make();
      const tip = await on.push('tier0/a');
      const { pullRequest } = await on.forge.create({ ...draft(on, 'tier0/a'), autoMerge: true }, context);
      expect(pullRequest).toMatchObject({ autoMerge: true, state: { status: 'open' } });
      await on.review(pullRequest.number, { reviewer: 'ada', state: 'approved' });
      expect((await on.forge.read(pullRequest.number, context)).state.status).toBe('open');
      await on.forge.status(tip, { context: 'tier0/gate', state: 'success', description: 'fine' }, context);
      expect((await on.forge.read(pullRequest.number, context)).state.status).toBe('merged');
    });

    test('a draft does not merge, whoever approves', async () => {
      const on = await make();
      const tip = await on.push('tier0/a');
      const { pullRequest } = await on.forge.create({ ...draft(on, 'tier0/a'), draft: true }, context);
      expect(pullRequest).toMatchObject({ title: 'Raise a limit', draft: true });
      await on.forge.status(tip, { context: 'tier0/gate', state: 'success', description: 'fine' }, context);
      await on.review(pullRequest.number, { reviewer: 'ada', state: 'approved' });
      expect((await on.forge.read(pullRequest.number, context)).state.status).toBe('open');
    });

    test('a status said again, or changed, is taken', async () => {
      const on = await make();
      const tip = await on.push('tier0/a');
      const { number } = (await on.forge.create(draft(on, 'tier0/a'), context)).pullRequest;
      for (const state of ['pending', 'pending', 'success', 'success'] as const)
        await on.forge.status(tip, { context: 'tier0/gate', state, description: 'said' }, context);
      await on.review(number, { reviewer: 'ada', state: 'approved' });
      expect((await on.forge.read(number, context)).state.status).toBe('merged');
    });

    test('an approval of an earlier commit merges nothing', async () => {
      const on = await make();
      await on.push('tier0/a');
      const { number } = (await on.forge.create(draft(on, 'tier0/a'), context)).pullRequest;
      await on.review(number, { reviewer: 'ada', state: 'approved' });
      const amended = await on.push('tier0/a');
      await on.forge.status(amended, { context: 'tier0/gate', state: 'success', description: 'fine' }, context);
      expect(await on.forge.read(number, context)).toMatchObject({ state: { status: 'open' }, headCommit: amended });
    });

    test('the author cannot approve', async () => {
      const on = await make();
      const tip = await on.push('tier0/a');
      const { number } = (await on.forge.create(draft(on, 'tier0/a'), context)).pullRequest;
      await on.forge.status(tip, { context: 'tier0/gate', state: 'success', description: 'fine' }, context);
      await expect(on.review(number, { reviewer: 'tier0', state: 'approved' })).rejects.toThrow();
      expect((await on.forge.read(number, context)).state.status).toBe('open');
    });

    test('comments with the same topic replace each other', async () => {
      const on = await make();
      await on.push('tier0/a');
      const { number } = (await on.forge.create(draft(on, 'tier0/a'), context)).pullRequest;
      await on.forge.comment(number, { topic: 'outcome', body: 'waiting' }, context);
      await on.forge.comment(number, { topic: 'outcome', body: 'done' }, context);
      expect(await on.forge.read(number, context)).toMatchObject({ body: BODY, state: { status: 'open' } });
    });

    test('has no way to merge', async () => {
      const { forge } = await make();
      expect(Object.keys(forge).filter((verb) => /merge/i.test(verb))).toEqual([]);
    });
  });
}
