import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCallers } from './callers.ts';
import { createOidc, type Oidc } from './oidc.ts';

/** A strict issuer on this machine: discovery, keys that it changes, and nothing else. */
async function startIssuer() {
  let pairs = [await generateKeyPair('RS256')];
  let kid = 'k0';
  let asked = 0;
  let isAway = false;
  const server = createServer(async (request, response) => {
    asked++;
    if (isAway) return void response.writeHead(503).end();
    const { url } = request;
    if (url === '/.well-known/openid-configuration') return void response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }));
    if (url === '/imposter/.well-known/openid-configuration')
      return void response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }));
    if (url !== '/keys') return void response.writeHead(404).end();
    response.end(JSON.stringify({ keys: [{ ...(await exportJWK(pairs[0]!.publicKey)), kid, alg: 'RS256', use: 'sig' }] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    asked: () => asked,
    setAway: (next: boolean) => {
      isAway = next;
    },
    key: () => ({ privateKey: pairs[0]!.privateKey, kid }),
    async rotate() {
      pairs = [await generateKeyPair('RS256')];
      kid = `k${Date.now()}`;
    },
    close: () => server.close(),
  };
}

let issuer: Awaited<ReturnType<typeof startIssuer>>;
let oidc: Oidc;
beforeAll(async () => {
  issuer = await startIssuer();
  oidc = createOidc({ issuer: issuer.issuer, audience: 'tier0', nameClaim: 'preferred_username' });
});
afterAll(() => issuer.close());

const claims = (further: JWTPayload = {}): JWTPayload => {
  const seconds = Math.floor(Date.now() / 1000);
  const mine = { preferred_username: 'ines', scope: 'openid tier0:read tier0:approve', sub: 'u-1', aud: 'tier0', iss: issuer.issuer };
  return { ...mine, iat: seconds, exp: seconds + 300, ...further };
};
const sign = (payload: JWTPayload, { privateKey, kid } = issuer.key()) =>
  new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);

describe('tokens of an OpenID Connect issuer', () => {
  test('say who it is, and what that one may do', async () => {
    expect(await oidc.callerOf(await sign(claims()))).toMatchObject({ caller: { name: 'ines', scopes: ['read', 'approve'] } });
    const listed = await sign(claims({ scope: ['tier0:operate', 'tier0:everything', 'approve'] }));
    expect((await oidc.callerOf(listed))?.caller.scopes).toEqual(['operate']);
    expect((await oidc.callerOf(await sign(claims({ scope: undefined }))))?.caller.scopes).toEqual([]);
  });

  const past = Math.floor(Date.now() / 1000) - 3_600;
  test.each<[string, JWTPayload]>([
    ['for another audience', { aud: 'another' }],
    ['of another issuer', { iss: 'https://elsewhere.example' }],
    ['that has run out', { exp: past }],
    ['that never runs out', { exp: undefined }],
    ['that is not valid yet', { nbf: past + 7_200 }],
    ['without a subject', { sub: undefined }],
    ['without a name', { preferred_username: undefined }],
    ['whose name is no text', { preferred_username: { is: 'ines' } }],
  ])('one %s is refused', async (_, bent) => {
    expect(await oidc.callerOf(await sign(claims(bent)))).toBeUndefined();
  });

  test('one that somebody else signed, that is not signed, or that was signed with the public key as a secret is refused', async () => {
    const { kid } = issuer.key();
    const other = await generateKeyPair('RS256');
    expect(await oidc.callerOf(await sign(claims(), { privateKey: other.privateKey, kid }))).toBeUndefined();
    expect(await oidc.callerOf(new UnsecuredJWT(claims()).encode())).toBeUndefined();
    const shared = await new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid }).sign(new TextEncoder().encode(kid.repeat(20)));
    expect(await oidc.callerOf(shared)).toBeUndefined();
    const [head, , signature] = (await sign(claims())).split('.');
    const forged = Buffer.from(JSON.stringify(claims({ scope: 'tier0:operate' }))).toString('base64url');
    expect(await oidc.callerOf(`${head}.${forged}.${signature}`)).toBeUndefined();
  });

  test('an address that nobody has shown to be theirs is no account', async () => {
    const byEmail = createOidc({ issuer: issuer.issuer, audience: 'tier0', nameClaim: 'email' });
    const email = { email: 'ines@example.com' };
    expect(await byEmail.callerOf(await sign(claims(email)))).toBeUndefined();
    expect((await byEmail.callerOf(await sign(claims({ ...email, email_verified: true }))))?.caller.name).toBe('ines@example.com');
  });

  test('an issuer that is away, or describes another, vouches for nobody; it is asked no more than now and then', async () => {
    const token = await sign(claims());
    const another = createOidc({ issuer: `${issuer.issuer}/imposter`, audience: 'tier0' });
    expect(await another.callerOf(await sign(claims({ iss: `${issuer.issuer}/imposter` })))).toBeUndefined();
    const fresh = createOidc({ issuer: issuer.issuer, audience: 'tier0' });
    issuer.setAway(true);
    const before = issuer.asked();
    for (let tries = 0; tries < 20; tries++) expect(await fresh.callerOf(token)).toBeUndefined();
    issuer.setAway(false);
    expect(issuer.asked() - before).toBe(1);
    for (const odd of ['', 'x', 'a.b', 'not a token', 'a'.repeat(20_000)]) expect(await fresh.callerOf(odd)).toBeUndefined();
    expect(issuer.asked() - before).toBe(1);
  });

  test('an issuer without TLS is refused at once', () => {
    expect(() => createOidc({ issuer: 'http://login.example.com', audience: 'tier0' })).toThrow(/not https/);
  });
});

test('callers: such a token opens what its scopes say, a session with it ends with it, and without one nobody looks', async () => {
  let now = Date.now();
  const callers = createCallers([], () => now, oidc);
  const request = (headers: Record<string, string>) => new Request('http://127.0.0.1/', { headers });
  expect(callers.needsToken).toBe(true);
  expect(callers.of(request({}))).toBeUndefined();
  const asked = request({ authorization: `Bearer ${await sign(claims())}` });
  expect(callers.of(asked)).toBeUndefined();
  await callers.recognise(asked);
  expect(callers.of(asked)).toEqual({ name: 'ines', scopes: ['read', 'approve'] });
  const cookie = { cookie: `tier0_session=${await callers.begin(await sign(claims()))}` };
  expect(callers.of(request(cookie))?.name).toBe('ines');
  now += 301_000;
  expect(callers.of(request(cookie))).toBeUndefined();
  expect(await callers.begin('nothing')).toBeUndefined();
});
