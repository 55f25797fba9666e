import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { forgeOf, type HostedDialect, openHosted, removeHosted } from '../../forges/fixtures/hosted.ts';
import { isFromForge } from '../../forges/webhook.ts';
import { createMirror } from '../../git/mirror.ts';
import { anyContext } from '../repository.ts';
import type { ForgeServer, ForgeServerOptions } from './server.ts';

const context = anyContext();
const DIALECTS = ['github', 'gitlab', 'gitea'] as const;

afterEach(removeHosted);

/** How a program that is not ours speaks to each forge, from its documentation. */
const SPOKEN = {
  github: {
    token: (login: string) => ({ authorization: `Bearer token-${login}` }),
    pulls: '/repos/shop/infra/pulls',
    pull: (head: string) => ({ title: 'T', head, base: 'main' }),
    approve: (number: number, sha: string) => ['/repos/shop/infra/pulls', number, 'reviews', { event: 'APPROVE', commit_id: sha }] as const,
    merge: 'PUT',
    size: 'per_page',
  },
  gitlab: {
    token: (login: string) => ({ 'private-token': `token-${login}` }),
    pulls: '/projects/shop%2Finfra/merge_requests',
    pull: (head: string) => ({ title: 'T', source_branch: head, target_branch: 'main' }),
    approve: (number: number, sha: string) => ['/projects/shop%2Finfra/merge_requests', number, 'approve', { sha }] as const,
    merge: 'PUT',
    size: 'per_page',
  },
  gitea: {
    token: (login: string) => ({ authorization: `token token-${login}` }),
    pulls: '/repos/shop/infra/pulls',
    pull: (head: string) => ({ title: 'T', head, base: 'main' }),
    approve: (number: number, sha: string) =>
      ['/repos/shop/infra/pulls', number, 'reviews', { event: 'APPROVED', commit_id: sha }] as const,
    merge: 'POST',
    size: 'limit',
  },
} as const;

async function setUp(dialect: HostedDialect, options: Partial<ForgeServerOptions> = {}, files?: Record<string, string>) {
  const hosted = await openHosted(dialect, options, files);
  const { server, repository } = hosted;
  const said = SPOKEN[dialect];
  const ask = async (method: string, path: string, body?: unknown, login = 'tier0', headers: Record<string, string> = {}) => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const all = { ...said.token(login), ...type, ...headers };
    const response = await fetch(server.apiUrl + path, { method, headers: all, body: body === undefined ? null : JSON.stringify(body) });
    const text = await response.text();
    // biome-ignore lint/suspicious/noExplicitAny: what a forge says has a shape of its own in each test
    return { status: response.status, headers: response.headers, text, body: (text === '' ? undefined : JSON.parse(text)) as any };
  };
  const open = async (branch = 'x', file = `${branch}.txt`) => {
    const sha = await repository.commit(branch, { [file]: 'changed\n' }, 'tier0');
    const { body } = await ask('POST', said.pulls, said.pull(branch));
    return { number: (body.iid ?? body.number) as number, sha };
  };
  const approve = (number: number, sha: string, login: string) => {
    const [path, id, verb, body] = said.approve(number, sha);
    return ask('POST', `${path}/${id}/${verb}`, body, login);
  };
  return { ...hosted, ask, open, approve, said };
}

function mergeBody(dialect: HostedDialect) {
  return dialect === 'gitea' ? { Do: 'merge' } : {};
}

async function pass(at: Awaited<ReturnType<typeof setUp>>, sha: string) {
  await at.forge.status(sha, { context: 'tier0/gate', state: 'success', description: 'fine' }, context);
}

describe.each(DIALECTS)('%s', (dialect) => {
  test('refuses a second pull request for the same branches as the real one does', async () => {
    const at = await setUp(dialect);
    await at.open();
    const { status, text } = await at.ask('POST', at.said.pulls, at.said.pull('x'));
    expect(status).toBe({ github: 422, gitlab: 409, gitea: 409 }[dialect]);
    expect(text).toMatch(
      {
        github: /"A pull request already exists for x\."/,
        gitlab: /Another open merge request already exists for this source branch: !1/,
        gitea: /pull request already exists for these targets/,
      }[dialect],
    );
    expect(await at.server.pulls()).toHaveLength(1);
  });

  test('lets nobody approve their own pull request, nor a commit that is no longer the head', async () => {
    const at = await setUp(dialect);
    const { number, sha } = await at.open();
    expect((await at.approve(number, sha, 'tier0')).status).toBe({ github: 422, gitlab: 401, gitea: 422 }[dialect]);
    await at.repository.commit('x', { 'x.txt': 'again\n' }, 'tier0');
    expect((await at.approve(number, sha, 'ada')).status).toBeGreaterThanOrEqual(400);
    expect((await at.server.pulls())[0]?.reviews).toEqual([]);
  });

  test('merges only what its rules allow, at the head that was meant', async () => {
    const at = await setUp(
      dialect,
      { protection: { requireCodeOwners: true, members: { payments: ['grace'] } } },
      { CODEOWNERS: `${dialect === 'gitea' ? '' : '/'}pay.txt @shop/payments\n` },
    );
    const { number, sha } = await at.open('x', 'pay.txt');
    const merge = (body: object = {}) =>
      at.ask(at.said.merge, `${at.said.pulls}/${number}/merge`, { ...mergeBody(dialect), ...body }, 'ada');
    expect((await merge()).status).toBe(405);
    await pass(at, sha);
    await at.approve(number, sha, 'ada');
    expect((await merge()).status).toBe(405);
    await at.approve(number, sha, 'grace');
    expect((await merge(dialect === 'gitea' ? { head_commit_id: 'a'.repeat(40) } : { sha: 'a'.repeat(40) })).status).toBe(409);
    expect((await merge()).status).toBe(200);
    expect(await at.repository.read('main', 'pay.txt')).toBe('changed\n');
  });

  test('a push voids the approvals given before', async () => {
    const at = await setUp(dialect);
    const { number, sha } = await at.open();
    await at.approve(number, sha, 'ada');
    const later = await at.repository.commit('x', { 'x.txt': 'again\n' }, 'tier0');
    await pass(at, later);
    await expect(at.server.merge(number, 'ada')).rejects.toThrow('0 of 1 approving reviews');
    expect((await at.forge.reviews(number, context)).filter((review) => review.commit === later)).toEqual([]);
  });

  test('refuses fields, parameters, bodies and tokens that its documentation does not have', async () => {
    const at = await setUp(dialect);
    await at.repository.commit('x', { 'x.txt': 'x\n' });
    const odd = await at.ask('POST', at.said.pulls, { ...at.said.pull('x'), surprise: 1 });
    expect(odd).toMatchObject({ status: dialect === 'gitlab' ? 400 : 422, text: expect.stringContaining('surprise') });
    expect((await at.ask('GET', `${at.said.pulls}?source=x`)).status).toBeGreaterThanOrEqual(400);
    expect((await at.ask('GET', at.said.pulls, undefined, 'mallory')).status).toBe(401);
    expect((await at.ask('POST', at.said.pulls, at.said.pull('x'), 'reader')).status).toBe(403);
    expect((await at.ask('GET', at.said.pulls.replace('infra', 'other'))).status).toBe(404);
    expect(await at.server.pulls()).toEqual([]);
  });

  test('cuts lists into pages and says where the next one is', async () => {
    const at = await setUp(dialect);
    for (const branch of ['a', 'b', 'c']) await at.open(branch);
    const first = await at.ask('GET', `${at.said.pulls}?${at.said.size}=2`);
    expect(first.body).toHaveLength(2);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await at.ask('GET', next.slice(at.server.apiUrl.length));
    expect(second.body).toHaveLength(1);
    expect(second.headers.get('link')).not.toContain('rel="next"');
  });

  test('serves git to those who may, and takes pushes of those who may write', async () => {
    const at = await setUp(dialect);
    const mirrorFor = (login: string, n: string) =>
      createMirror({
        url: at.server.gitUrl,
        directory: `${at.repository.directory}/${n}`,
        authorization: at.server.gitAuthorization(login),
      });
    const mine = mirrorFor('tier0', 'mine');
    await mine.fetch(context);
    const main = (await mine.resolve('main', context)) as string;
    const push = { ref: 'refs/heads/pushed', commit: main, expected: undefined };
    expect(await mine.push([push], context)).toEqual({ status: 'pushed' });
    const reader = mirrorFor('reader', 'reader');
    await reader.fetch(context);
    await expect(reader.push([{ ...push, ref: 'refs/heads/other' }], context)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    const nobody = createMirror({ url: at.server.gitUrl, directory: `${at.repository.directory}/nobody` });
    await expect(nobody.fetch(context)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  test('sends webhooks that prove where they come from', async () => {
    const received: { headers: Record<string, string | string[] | undefined>; body: string }[] = [];
    const arrived = Promise.withResolvers<void>();
    const hook = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      received.push({ headers: request.headers, body });
      response.end();
      arrived.resolve();
    });
    await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
    const at = await setUp(dialect, { webhook: { url: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`, secret: 's3cret' } });
    await at.open();
    await arrived.promise;
    hook.close();
    const [delivery] = received;
    if (!delivery) throw new Error('nothing arrived');
    expect(isFromForge(dialect, delivery, 's3cret')).toBe(true);
    expect(isFromForge(dialect, delivery, 'guess')).toBe(false);
    expect(isFromForge(dialect, { ...delivery, headers: {} }, 's3cret')).toBe(false);
    if (dialect !== 'gitlab') expect(isFromForge(dialect, { ...delivery, body: `${delivery.body} ` }, 's3cret')).toBe(false);
  });
});

describe('our client of it', () => {
  test.each(DIALECTS)('%s: who cannot be asked for a review is said in the pull request, which is open all the same', async (dialect) => {
    const at = await setUp(dialect, { protection: { members: { payments: ['grace'] } } });
    await at.repository.commit('x', { 'x.txt': 'x\n' }, 'tier0');
    const reviewers = ['@ada', 'tier0', '@shop/payments', 'nobody'];
    const draft = {
      key: 'k',
      title: 'T',
      body: 'B',
      author: 'tier0',
      sourceBranch: 'x',
      targetBranch: 'main',
      labels: ['tier0'],
      reviewers,
    };
    const { pullRequest } = await at.forge.create(draft, context);
    expect(pullRequest.labels).toEqual(['tier0']);
    const [pull] = await at.server.pulls();
    expect(pull?.reviewers).toEqual(['ada']);
    if (dialect !== 'gitlab') expect(pull?.teams).toEqual(['payments']);
    expect(pull?.comments.map((comment) => comment.body)).toEqual([expect.stringMatching(/could not ask nobody for a review/)]);
    await at.forge.create(draft, context);
    expect((await at.server.pulls())[0]?.comments).toHaveLength(1);
  });

  test.each(DIALECTS)('%s: nothing is asked of a forge that would merge at once', async (dialect) => {
    const at = await setUp(dialect, { protection: { minimumApprovals: 0, requiredStatuses: [] } });
    await at.repository.commit('x', { 'x.txt': 'x\n' }, 'tier0');
    const draft = {
      key: 'k',
      title: 'T',
      body: 'B',
      author: 'tier0',
      sourceBranch: 'x',
      targetBranch: 'main',
      labels: [],
      reviewers: [],
      autoMerge: true,
    };
    const { pullRequest } = await at.forge.create(draft, context);
    expect(pullRequest).toMatchObject({ state: { status: 'open' } });
    expect(pullRequest.autoMerge).toBeUndefined();
    expect((await at.server.pulls())[0]?.comments[0]?.body).toMatch(/could not ask for it to be merged/);
  });

  test.each(DIALECTS)('%s: a merge queue or train is joined, not jumped', async (dialect) => {
    const at = await setUp(dialect, { mergeQueue: true });
    const { number, sha } = await at.open();
    const draft = {
      key: '',
      title: 'T',
      body: '',
      author: 'tier0',
      sourceBranch: 'x',
      targetBranch: 'main',
      labels: [],
      reviewers: [],
      autoMerge: true,
    };
    expect((await at.forge.create(draft, context)).pullRequest.autoMerge).toBe(true);
    if (dialect === 'gitlab') expect(asked(at.server)).toContain('POST /api/v4/projects/shop%2Finfra/merge_trains/merge_requests/1');
    await pass(at, sha);
    await at.server.review(number, { reviewer: 'ada', state: 'approved' });
    expect((await at.server.pulls())[0]?.state).toBe('merged');
  });

  test.each(DIALECTS)('%s: comments of one topic are one comment, whatever arrives twice or is forged', async (dialect) => {
    const at = await setUp(dialect);
    const { number } = await at.open();
    at.server.faults.add({ kind: 'twice', method: 'POST', path: /comments|notes/ });
    await at.forge.comment(number, { topic: 'outcome', body: 'waiting' }, context);
    expect((await at.server.pulls())[0]?.comments).toHaveLength(2);
    const forged = { body: '<!-- tier0:topic=outcome -->\nforged' };
    const path = dialect === 'gitlab' ? `${at.said.pulls}/${number}/notes` : `/repos/shop/infra/issues/${number}/comments`;
    await at.ask('POST', path, forged, 'grace');
    await at.forge.comment(number, { topic: 'outcome', body: 'done' }, context);
    const comments = (await at.server.pulls())[0]?.comments.map((comment) => `${comment.author}: ${comment.body.split('\n')[1]}`);
    expect(comments).toEqual(['tier0: done', 'grace: forged']);
  });

  test.each(DIALECTS)('%s: says what is missing before work begins, and when a token may not write', async (dialect) => {
    const at = await setUp(dialect);
    expect(await at.forge.check?.(context)).toEqual([]);
    const reader = forgeOf(dialect, at.server, 'reader');
    if (dialect !== 'gitlab') expect(await reader.check?.(context)).toEqual([expect.stringContaining('write access')]);
    await expect(reader.closePullRequest((await at.open()).number, 'no', context)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      hint: expect.stringMatching(/Give the token/),
    });
    await expect(forgeOf(dialect, at.server, 'mallory').find({}, context)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  test('sends the token in a header and nowhere else', async () => {
    const at = await setUp('github');
    await at.open();
    await at.forge.find({}, context);
    expect(asked(at.server).join()).not.toContain('token-tier0');
  });
});

function asked(server: ForgeServer): readonly string[] {
  return server.requests.map((request) => `${request.method} ${request.path}`);
}
