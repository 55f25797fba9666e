import { describe, expect, test } from 'vitest';
import { harmlessTexts } from './fixtures/harmless-texts.ts';
import { secretSeeds } from './fixtures/secret-seeds.ts';
import { redact, secretSpans, secretSpansEverywhere } from './redact.ts';

const texts = [
  ...secretSeeds(2, 5).map(({ name, text }) => `${name}: ${text}`),
  ...harmlessTexts(4).map(({ name, text }) => `${name}=${text}`),
];
const PAD = 'an ordinary line of a log, number 17 of 400, took 3ms and said nothing\n';

/** Texts in heaps of different sizes, with ordinary lines between them or none: a match may reach from one to the next. */
function heaps(size: number, join: (parts: readonly string[]) => string): readonly string[] {
  return Array.from({ length: Math.ceil(texts.length / size) }, (_, at) => join(texts.slice(at * size, at * size + size)));
}

describe('looking only where a name may stand passes nothing over', () => {
  test.each([
    ['each alone', texts],
    ['lines', heaps(7, (parts) => parts.join('\n'))],
    ['lines far apart', heaps(3, (parts) => parts.join(`\n${PAD.repeat(12)}`))],
    ['one long line', heaps(11, (parts) => parts.join(' ').replaceAll('\n', ' '))],
    ['JSON', heaps(13, (parts) => JSON.stringify({ log: parts }))],
  ])('%s', (_, all) => {
    for (const text of all) expect(secretSpans(text), text.slice(0, 200)).toEqual(secretSpansEverywhere(text));
  });
});

describe('kinds that were once seen', () => {
  const value = ['Zx9', 'kQ2mT7', 'wRb4'].join('');
  test.each([
    ['a printed Secret', `apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  anything: ${value}\n`],
    ['a printed Secret in JSON', JSON.stringify({ apiVersion: 'v1', kind: 'Secret', data: { anything: value } })],
    ['an announced password', `the generated password is ${value}`],
    ['one on the line below', `Please use the following password to proceed:\n\n${value}\n\n`],
    ['a cell of a table', `| password | ${value} |`],
    ['a list below a name', `initialPasswords:\n- ${value}\n`],
    ['a value above its name', `- value: "${value}"\n  name: MYSQL_ROOT_PASSWORD`],
    ['an address in an address', `https://sso.example/login?next=${encodeURIComponent(`postgres://app:${value}@db/x`)}`],
    ['HTML', `password=&quot;${value}&quot;`],
    ['colours', `\u001b[36mpassword\u001b[0m=\u001b[33m${value}\u001b[0m`],
    ['another language', `пароль: ${value}`],
    ['SQL with a letter before the quote', `CREATE LOGIN a WITH PASSWORD = N'${value}'`],
    ['braces of ODBC', `Driver={x};Uid=a;Pwd={${value}};`],
    ['a probe', `{"command":["redis-cli","-a","${value}","ping"]}`],
    ['a password with an @', `mysql://app:a@${value}@db.example:3306/x`],
    ['an answer to a challenge', `Authorization: Digest username="a", realm="x", response="${value}"`],
  ])('%s', (_, text) => expect(redact(text)).not.toContain(value.slice(-9)));

  test.each([
    'secrets "shop-token-x2b4q" not found',
    'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf',
    'at com.shop.PasswordEncoder.matches(PasswordEncoder.java:42)',
    'docker run -p 8080:80 shop',
    '--- PASS: TestPassword (0.00s)',
    'adminPasswordSecretKey: admin-password',
    'passwordSecret: shop-db',
    'remoteRef: {key: prod/shop/db, property: password}',
    'ssl_certificate_key /etc/nginx/tls/tls.key;',
  ])('%s stays', (text) => expect(redact(text)).toBe(text));
});
