import { describe, expect, test } from 'vitest';
import { matchPattern } from './pattern.ts';
import { matchesScalar } from './scalars/scalar-pattern.ts';

test.each([
  ['*', 'x', true],
  ['?*', '', false],
  ['?*', undefined, false],
  ['!*:latest', 'web:latest', false],
  ['!*:latest', 'web:1', true],
  ['*:* & !*:latest', 'web:1', true],
  ['a | b', 'b', true],
  ['>=2 & <=5', 3, true],
  ['>5', 3, false],
  ['<=1Gi', '512Mi', true],
  ['<=1Gi', '2G', false],
  ['1Gi', '1024Mi', true],
  ['10-20', 15, true],
  ['10!-20', 15, false],
  ['>1', 'many', false],
  [true, true, true],
  [true, 'true', false],
  [null, undefined, true],
  [null, 'x', false],
  [3, '3', true],
] as const)('the pattern %j on %j is %s', (pattern, value, expected) => {
  expect(matchesScalar(value, pattern)).toBe(expected);
});

const pod = {
  metadata: { annotations: { 'example.com/a': 'x', 'fluxcd.io/b': 'y' } },
  spec: {
    hostNetwork: true,
    containers: [
      { name: 'a', image: 'web:latest', securityContext: { runAsNonRoot: true } },
      { name: 'b', image: 'web:1' },
    ],
  },
};

describe('anchors', () => {
  test.each<[string, unknown, 'matched' | 'skipped' | 'differs']>([
    ['a field that is named must be there', { spec: { dnsPolicy: '?*' } }, 'differs'],
    ['a condition that does not hold silences the rest', { spec: { '(hostNetwork)': false, dnsPolicy: '?*' } }, 'skipped'],
    ['a condition that holds lets the rest speak', { spec: { '(hostNetwork)': true, dnsPolicy: '?*' } }, 'differs'],
    ['a condition on what is not there', { spec: { '(hostPID)': true, dnsPolicy: '?*' } }, 'skipped'],
    ['where it is there it must match', { spec: { '=(hostNetwork)': false } }, 'differs'],
    ['where it is not there it need not', { spec: { '=(hostPID)': false } }, 'matched'],
    ['it must not be there', { spec: { 'X(hostNetwork)': null } }, 'differs'],
    ['it is not there', { spec: { 'X(hostPID)': null } }, 'matched'],
    ['one entry must match', { spec: { '^(containers)': [{ image: 'web:1' }] } }, 'matched'],
    ['no entry does', { spec: { '^(containers)': [{ image: 'db' }] } }, 'differs'],
    ['every entry must match', { spec: { containers: [{ image: '!*:latest' }] } }, 'differs'],
    ['entries that a condition picks', { spec: { containers: [{ '(name)': 'b', image: '!*:latest' }] } }, 'matched'],
    ['keys with wildcards, forbidden', { metadata: { annotations: { 'X(fluxcd.io/*)': '*' } } }, 'differs'],
    ['keys with wildcards, where they are there', { metadata: { annotations: { '=(fluxcd.io/*)': 'z' } } }, 'differs'],
    ['keys with wildcards that are not there', { metadata: { annotations: { '=(argo.io/*)': 'z' } } }, 'matched'],
  ])('%s', (_, pattern, expected) => {
    const verdict = matchPattern(pod, pattern);
    expect(typeof verdict === 'object' ? 'differs' : verdict).toBe(expected);
  });
});
