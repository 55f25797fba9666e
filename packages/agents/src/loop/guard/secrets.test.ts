import { findRedactions, type JsonValue, redact } from '@tier0/core';
import { expect, test } from 'vitest';
import { redactJson } from '../../models/wire/redact-request.ts';
import { pick, seededRandom } from './testing/seeded-random.ts';

const random = seededRandom(99);
const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const word = (length: number) => Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('');

/** Secrets as they are written in objects, logs, command lines and addresses. */
const WRITTEN: readonly (readonly [string, () => readonly [text: string, secret: string]])[] = [
  ['env', () => with_(word(14), (s) => `DB_PASSWORD=${s}`)],
  ['yaml', () => with_(word(14), (s) => `  apiToken: "${s}"`)],
  ['json', () => with_(word(14), (s) => `{"client_secret":"${s}","id":1}`)],
  ['named value', () => with_(word(14), (s) => `- name: STRIPE_SECRET_KEY\n  value: ${s}`)],
  ['bearer', () => with_(word(30), (s) => `Authorization: Bearer ${s}`)],
  ['url', () => with_(word(12), (s) => `postgres://app:${s}@db.shop:5432/shop`)],
  ['flag', () => with_(word(12), (s) => `mysql --password=${s} -h db`)],
  ['forge token', () => with_(`${'ghp'}_${word(36)}`, (s) => `cloning with ${s} now`)],
  [
    'aws key',
    () =>
      with_(
        `AKIA${word(16)
          .toUpperCase()
          .replace(/[^0-9A-Z]/g, 'X')}`,
        (s) => `key ${s} denied`,
      ),
  ],
  ['jwt', () => with_(`eyJ${word(20)}.eyJ${word(30)}.${word(20)}`, (s) => `token is ${s}`)],
  ['private key', () => with_(word(64), (s) => `-----BEGIN PRIVATE KEY-----\n${s}\n-----END PRIVATE KEY-----`)],
  ['cookie', () => with_(word(24), (s) => `Set-Cookie: session=${s}; Path=/`)],
];

function with_(secret: string, write: (secret: string) => string): readonly [string, string] {
  return [write(secret), secret];
}

const AROUND = ['2026-11-22T10:00:00Z level=error msg="', 'kubelet: ', '    ', 'stderr F ', '> '];

test('of 1,200 secrets written in every way at least 99 % are removed', () => {
  const left = Array.from({ length: 1_200 }, (_, n) => {
    const [kind, write] = WRITTEN[n % WRITTEN.length] as (typeof WRITTEN)[number];
    const [text, secret] = write();
    return redact(`${pick(random, AROUND)}${text}`).includes(secret) ? kind : undefined;
  }).filter((kind) => kind !== undefined);
  expect(left.length, left.join(', ')).toBeLessThanOrEqual(12);
});

test('secrets under a telling key are removed from arguments of calls at any depth', () => {
  const keys = ['password', 'apiKey', 'api_key', 'client_secret', 'accessToken', 'private_key', 'credential', 'passphrase'];
  const left = keys.filter((key) => {
    const secret = word(12);
    const value: JsonValue = { spec: { list: [{ [key]: secret }], name: 'kept' } };
    const clean = JSON.stringify(redactJson(value));
    return clean.includes(secret) || !clean.includes('kept');
  });
  expect(left).toEqual([]);
});

/** Digits of a digest, a commit or a trace. */
function hex(length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
}

/** Ordinary operations text that only resembles secrets. */
const ORDINARY = (): string =>
  pick(random, [
    () => `OOMKilled: container payment exceeded ${Math.floor(random() * 900)}Mi, exit code 137`,
    () => `pulling image registry.shop/payment@sha256:${hex(64)}`,
    () => `pod payment-${word(10).toLowerCase()} restarted ${Math.floor(random() * 20)} times`,
    () => `GET /api/v1/tokens/count 200 ${Math.floor(random() * 900)}ms`,
    () => `secret "shop-tls" not found`,
    () => `password authentication failed for user app`,
    () => `certificate expired at 2026-10-01T00:00:00Z serial ${word(16)}`,
    () => `trace_id=${hex(32)} span_id=${hex(16)}`,
    () => `MountVolume.SetUp failed for volume "kube-api-access-${word(5).toLowerCase()}"`,
    () => `reconcile ${word(8).toLowerCase()}: no changes; commit ${hex(40)}`,
  ])();

test('of 1,000 ordinary lines at most 2 % are touched', () => {
  const touched = Array.from({ length: 1_000 }, ORDINARY).filter((line) => findRedactions(line).length > 0);
  expect(touched.length, touched.slice(0, 5).join('\n')).toBeLessThanOrEqual(20);
});
