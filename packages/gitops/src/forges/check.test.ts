import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testContext } from '@tier0/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { forgeOf, openHosted, removeHosted } from './fixtures/hosted.ts';
import { createGitHubForge } from './github.ts';
import { createGitLabForge } from './gitlab.ts';

const context = testContext();
const closing: (() => void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await removeHosted();
});

describe.each(['github', 'gitlab', 'gitea'] as const)('a token of %s', (dialect) => {
  test('that may write lacks nothing', async () => {
    expect(await (await openHosted(dialect)).forge.check?.(context)).toEqual([]);
  });

  test('that may only read is told what it lacks', async () => {
    const { server } = await openHosted(dialect, { accounts: [{ login: 'guest', token: 'token-guest', scope: 'read' }] });
    const [missing = ''] = (await forgeOf(dialect, server, 'guest').check?.(context)) ?? [];
    expect(missing).toMatch(dialect === 'gitlab' ? /scope "api"; it has read_api/ : /account write access to shop\/infra/);
  });

  test('that nobody has is refused as that', async () => {
    const { server } = await openHosted(dialect);
    await expect(forgeOf(dialect, server, 'nobody').check?.(context)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });
});

/** An API that answers each path with a body and headers, and 404 for all others. */
async function api(
  answers: Readonly<Record<string, readonly [body: object, headers?: Readonly<Record<string, string>>]>>,
): Promise<string> {
  const server = createServer((request, response) => {
    const [body, headers = {}] = answers[decodeURIComponent(request.url ?? '')] ?? [];
    response.writeHead(body ? 200 : 404, headers).end(JSON.stringify(body ?? { message: '404 Not Found' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each([
  ['repo, read:org', true, []],
  ['public_repo', false, []],
  ['public_repo', true, ['Give the token the scope "repo"; it has public_repo.']],
  ['', false, ['Give the token the scope "repo"; it has none.']],
  [undefined, true, []],
])('a classic token of GitHub with the scopes "%s" for a repository that is private: %s', async (scopes, isPrivate, missing) => {
  const headers: Record<string, string> = scopes === undefined ? {} : { 'x-oauth-scopes': scopes };
  const apiUrl = await api({ '/repos/shop/infra': [{ private: isPrivate, permissions: { push: true } }, headers] });
  expect(await createGitHubForge({ repository: 'shop/infra', token: 't', apiUrl }).check?.(context)).toEqual(missing);
});

test.each([
  [{ project_access: { access_level: 20 }, group_access: null }, ["Give the token's account the role Developer in shop/infra."]],
  [{ project_access: { access_level: 20 }, group_access: { access_level: 40 } }, []],
  [{ project_access: null, group_access: null }, []],
])('the role on GitLab is the higher one of project and group: %j', async (permissions, missing) => {
  const apiUrl = await api({ '/projects/shop/infra': [{ id: 1, permissions }] });
  expect(await createGitLabForge({ project: 'shop/infra', token: 't', apiUrl }).check?.(context)).toEqual(missing);
});
