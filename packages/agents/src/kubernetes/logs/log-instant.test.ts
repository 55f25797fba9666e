import { expect, test } from 'vitest';
import { instantAtHead } from './log-instant.ts';

const NOW = Date.parse('2026-12-01T01:26:00Z');

test.each([
  ['2026-12-01T01:25:14.453Z INFO up', '2026-12-01T01:25:14.453Z'],
  ['[2026-12-01 01:25:14,453] ERROR no (kafka.Kafka$)', '2026-12-01T01:25:14.453Z'],
  ['[2026-12-01 01:25:15.355: ERROR/MainProcess] no', '2026-12-01T01:25:15.355Z'],
  ['2026/12/01 01:25:14 [emerg] 1#1: no', '2026-12-01T01:25:14Z'],
  ['2026-12-01 01:25:14.453 UTC [1] FATAL:  no', '2026-12-01T01:25:14.453Z'],
  ['2026-12-01T02:25:14.453+01:00 no', '2026-12-01T01:25:14.453Z'],
  ['2026-12-01 01:25:14.319000+00:00 [error] <0.1184.0> no', '2026-12-01T01:25:14.319Z'],
  ['1:M 01 Dec 2026 01:25:14.453 # no', '2026-12-01T01:25:14.453Z'],
  ['[01-Dec-2026 01:25:14 UTC] PHP Fatal error:  no', '2026-12-01T01:25:14Z'],
  ['01-Dec-2026 01:25:14.453 SEVERE [main] no', '2026-12-01T01:25:14.453Z'],
  ['10.1.2.3 - - [01/Dec/2026:01:25:14 +0000] "GET / HTTP/1.1" 502 157', '2026-12-01T01:25:14Z'],
  ['[Tue Dec 01 01:25:14.123456 2026] [core:error] [pid 1:tid 2] no', '2026-12-01T01:25:14.123Z'],
  ['E, [2026-12-01T01:25:14.453 #1] ERROR -- : no', '2026-12-01T01:25:14.453Z'],
  ['ERROR [main] 2026-12-01 01:25:14,453 CassandraDaemon.java:123 - no', '2026-12-01T01:25:14.453Z'],
  ['[GIN] 2026/12/01 - 01:25:14 | 500', '2026-12-01T01:25:14Z'],
  ['E1201 01:25:14.453000       1 main.go:5] no', '2026-12-01T01:25:14.453Z'],
  ['E1202 01:25:14.453000       1 main.go:5] of last year', '2025-12-02T01:25:14.453Z'],
  ['Dec  1 01:25:14 host app: no', '2026-12-01T01:25:14Z'],
  ['[01:25:14 ERR] no', '2026-12-01T01:25:14Z'],
  ['23:59:59.100 [error] of yesterday', '2026-11-30T23:59:59.100Z'],
  ['2026-12-01 09:25:14 ERROR of another zone', undefined],
  ['x509: certificate has expired or is not yet valid: current time 2026-12-01T01:25:14Z is after', undefined],
  ['took 01:25:14 in all', undefined],
  ['nothing', undefined],
])('%s', (line, at) => {
  const found = instantAtHead(line, NOW);
  expect(found === undefined ? undefined : new Date(found).toISOString()).toBe(at === undefined ? undefined : new Date(at).toISOString());
});

test('a year or a day that is not written is not guessed without the present', () => {
  expect(['E1201 01:25:14.453 1 a.go:5] no', '01:25:14 no', 'Dec  1 01:25:14 no'].map((line) => instantAtHead(line))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
