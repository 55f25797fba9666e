import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { goJson, QueryError, UndecidableQuery } from './jmespath/query-value.ts';
import { searchData } from './jmespath/search.ts';
import { conditionHolds } from './operators.ts';

/** What the code of Kyverno 1.15 itself said: for operators a letter for each pair of operands (yes, no, error), for queries their value where there is one. */
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/kyverno-answers.json'), 'utf8')) as {
  readonly data: unknown;
  readonly operands: readonly unknown[];
  readonly operators: Readonly<Record<string, string>>;
  readonly queries: readonly (readonly [query: string, answer: { readonly value?: unknown }])[];
};

function letterOf(operator: string, key: unknown, value: unknown): string {
  try {
    return conditionHolds(operator, key, value) ? 'y' : 'n';
  } catch (error) {
    if (error instanceof UndecidableQuery) return '?';
    throw error;
  }
}

test.each(Object.keys(recorded.operators))('%s holds of the same pairs as in Kyverno', (operator) => {
  const said = recorded.operators[operator] ?? '';
  const { operands } = recorded;
  const found = operands.flatMap((key) => operands.map((value) => letterOf(operator, key, value)));
  const different = found.flatMap((letter, index) => {
    const pair = [operands[Math.floor(index / operands.length)], operands[index % operands.length]];
    return letter === '?' || letter === said[index] ? [] : [`${JSON.stringify(pair)}: ${letter}, Kyverno says ${said[index]}`];
  });
  expect(different).toEqual([]);
  expect(said).toHaveLength(operands.length ** 2);
  // What is left open is what Kyverno itself breaks on, and numbers that nobody writes.
  expect(found.filter((letter) => letter === '?').length).toBeLessThan(found.length / 10);
});

function answerTo(query: string): string {
  try {
    return goJson(searchData(query, recorded.data));
  } catch (error) {
    if (error instanceof QueryError) return 'error';
    if (error instanceof UndecidableQuery) return 'undecided';
    throw error;
  }
}

test('queries have the value that they have in Kyverno, or fail as they fail there', () => {
  const answers = recorded.queries.map(([query, answer]) => ({
    query,
    found: answerTo(query),
    said: 'value' in answer ? goJson(answer.value) : 'error',
  }));
  expect(answers.filter(({ found, said }) => found !== said && found !== 'undecided')).toEqual([]);
  expect(answers.filter(({ found }) => found === 'undecided').length).toBeLessThan(answers.length / 20);
  expect(answers.length).toBeGreaterThan(300);
});
