import { expect, test } from 'vitest';
import { compareFields } from './compare-fields.ts';

const env = (...entries: readonly (readonly [string, string])[]) => ({ env: entries.map(([name, value]) => ({ name, value })) });

test('entries of a list are told apart by their names, in whatever order they stand', () => {
  expect(compareFields(env(['PORT', '80'], ['LOG', 'x']), env(['LOG', 'x'], ['PORT', '81']))).toEqual([
    { path: ['env', { key: 'name', value: 'PORT' }, 'value'], from: '80', to: '81' },
  ]);
});

test('a list in which a name stands twice is compared as a whole: of two entries of one name the last one wins', () => {
  const [before, after] = [env(['PORT', '80']), env(['PORT', '80'], ['PORT', '8090'])];
  expect(compareFields(before, after)).toEqual([{ path: ['env'], from: before.env, to: after.env }]);
});
