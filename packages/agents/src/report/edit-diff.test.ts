import { type JsonValue, parseFieldPath } from '@tier0/core';
import { expect, test } from 'vitest';
import { editDiff, editLineText } from './edit-diff.ts';

function shown(path: string, before: JsonValue | undefined, after: JsonValue | undefined): readonly string[] {
  return editDiff({ path: parseFieldPath(path), before, after }).map(editLineText);
}

test('a plain value is one line that goes and one that comes, in the quotes that YAML asks for', () => {
  expect(shown('spec.replicas', 1, 3)).toEqual(['- replicas: 1', '+ replicas: 3']);
  expect(shown('data["app.port"]', '8080', '9090')).toEqual(['- app.port: "8080"', '+ app.port: "9090"']);
});

test('a value that becomes text of the same letters is seen to change', () => {
  expect(shown('data.on', true, 'true')).toEqual(['- on: true', '+ on: "true"']);
});

test('of a list only the entries that differ are told apart, with the lines around them', () => {
  const args = ['--a', '--b', '--c', '--d', '--e', '--f', '--g', '--h'];
  const changed = args.with(5, '--F');
  expect(shown('spec.args', args, changed)).toEqual(['    - --d', '    - --e', '-   - --f', '+   - --F', '    - --g', '    - --h']);
  expect(shown('spec.args', args, changed.toSpliced(0, 1))).toEqual([
    '  args:',
    '-   - --a',
    '    - --b',
    '    - --c',
    '    - --d',
    '    - --e',
    '-   - --f',
    '+   - --F',
    '    - --g',
    '    - --h',
  ]);
});

test('what lies between two far changes is left out, and said to be', () => {
  const lines = Array.from({ length: 20 }, (_, at) => `v${at}`);
  const diff = shown('spec.args', lines, lines.with(0, 'first').with(19, 'last'));
  expect(diff).toContain('  ...');
  expect(diff).not.toContain('    - v9');
});

test('a field that is added or removed has lines of one side only', () => {
  expect(shown('spec.tolerations', undefined, [{ key: 'stage', operator: 'Exists' }])).toEqual([
    '+ tolerations:',
    '+   - key: stage',
    '+     operator: Exists',
  ]);
  expect(shown('spec.env[name=DESK]', { name: 'DESK', value: '' }, undefined)).toEqual(['- - name: DESK', '-   value: ""']);
});

test('a text of several lines changes by its lines', () => {
  expect(shown('data["a.conf"]', 'one\ntwo\n', 'one\n2\n')).toEqual(['  a.conf: |', '    one', '-   two', '+   2']);
});

test('a text without its last line end says so', () => {
  expect(shown('data.a', 'one\ntwo', 'one\ntwo\n')).toEqual(['- a: |-', '+ a: |', '    one', '    two']);
});

test('an object whose keys merely stand in another order loses nothing', () => {
  expect(shown('spec.selector', { app: 'a', tier: 'b' }, { tier: 'b', app: 'a' }).toSorted()).toEqual(
    ['    tier: b', '  selector:', '+   app: a', '-   app: a'].toSorted(),
  );
});

test('two long texts that have nothing in common are shown whole, and soon', () => {
  const lines = (word: string) => Array.from({ length: 5_000 }, (_, at) => `${word} ${at}`).join('\n');
  const diff = editDiff({ path: ['data', 'a'], before: lines('old'), after: lines('new') });
  expect(diff.filter(({ change }) => change === 'removed')).toHaveLength(5_001);
  expect(diff.filter(({ change }) => change === 'added')).toHaveLength(5_001);
});
