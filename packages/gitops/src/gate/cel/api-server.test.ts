import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CelCost } from './cost.ts';
import { runCel } from './expression.ts';
import { showValue } from './testing/show-value.ts';
import { CelRecord, CelUndecidable, CelUnknown, toCel } from './values/value.ts';

/** Answers of the API server's own CEL (Kubernetes 1.34), recorded by `pnpm bench policies --part cel`. */
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/api-server-answers.json'), 'utf8')) as {
  readonly object: unknown;
  readonly answers: readonly (readonly [expression: string, answer: 'error' | { readonly value: unknown }])[];
};

/** Both sides write doubles and moments in their own way. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      if (key === 'double') return [key, String(Number(String(entry).replace(/^\+?(-?)Inf$/, '$1Infinity')))];
      if (key === 'timestamp') return [key, new Date(String(entry)).toISOString().slice(0, 19)];
      return [key, key === 'opaque' && !String(entry).includes('.') ? 'type' : plain(entry)];
    }),
  );
}

test('every recorded expression is worth what it is worth to the API server', () => {
  const object = toCel(recorded.object);
  const different = recorded.answers.flatMap(([expression, answer]) => {
    const result = runCel(expression, new Map([['object', object]]));
    const found = result.status === 'error' ? (result.unknown ? result.reason : 'error') : { value: plain(withZ(showValue(result.value))) };
    const wanted = answer === 'error' ? answer : { value: plain(answer.value) };
    return JSON.stringify(sorted(found)) === JSON.stringify(sorted(wanted)) ? [] : [{ expression, found, wanted }];
  });
  expect(recorded.answers.length).toBeGreaterThan(500);
  expect(different).toEqual([]);
});

function withZ(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, entry) => (typeof entry === 'number' && !Number.isFinite(entry) ? String(entry) : entry)).replace(
      /("timestamp":"[^"]+)"/g,
      '$1Z"',
    ),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, entry]) => [key, sorted(entry)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

test('a function that nobody here knows is named, and nothing is decided', () => {
  for (const expression of ['nope(1)', 'true || nope(1)', 'object.x.nope()', 'sets.nope([1])', 'resource.Get("v1", "pods", "a", "b")']) {
    expect(runCel(expression, new Map())).toEqual({
      status: 'error',
      unknown: true,
      reason: expect.stringMatching(/^the function .*(nope|resource\.Get) is not known here$/),
    });
  }
});

test('what is not known outweighs what fails, and yields to what decides', () => {
  const variables = new Map([['who', new CelUnknown('who')]]);
  const outcome = (expression: string) => runCel(expression, variables);
  expect(outcome('who.name == "a" || true')).toEqual({ status: 'value', value: true });
  expect(outcome('false && who.name == "a"')).toEqual({ status: 'value', value: false });
  expect(outcome('[1].all(x, who.name == "a" && {}["b"] == 1)')).toMatchObject({ status: 'error', unknown: true });
  expect(outcome('{}["b"] == 1 || who.name == "a"')).toMatchObject({ status: 'error', unknown: true });
  expect(outcome('{}["b"] == 1')).toEqual({ status: 'error', reason: 'no such key: b' });
});

test('a variable is worked out when it is reached, once', () => {
  let count = 0;
  const fields = new Map([
    ['counted', () => BigInt(++count)],
    [
      'failing',
      () => {
        throw new CelUndecidable('never');
      },
    ],
  ]);
  const variables = new Map([['variables', new CelRecord(fields)]]);
  expect(runCel('true ? variables.counted + variables.counted : variables.failing', variables)).toEqual({ status: 'value', value: 2n });
  expect(count).toBe(1);
});

test('an expression that costs more than the API server allows ends in an error', () => {
  const list = new Map([['l', toCel(Array.from({ length: 300 }, (_, index) => index))]]);
  const expression = 'l.all(a, l.all(b, l.all(c, a + b + c >= 0)))';
  expect(runCel(expression, list)).toEqual({ status: 'error', reason: expect.stringContaining('cost limit') });
  expect(runCel('l.all(a, a >= 0)', list, new CelCost(100))).toEqual({ status: 'error', reason: expect.stringContaining('cost limit') });
  expect(runCel('l.all(a, a >= 0)', list)).toEqual({ status: 'value', value: true });
});
