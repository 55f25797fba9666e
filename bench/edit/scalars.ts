import type { JsonValue } from '@tier0/core';
import type { Random } from './random.ts';

/** Scalars on one line, as people and machines write them; all of them stand in block context. */
const BLOCK = [
  'nginx',
  '512Mi',
  '100m',
  'two words',
  'http://example.com:8080/a?b=1',
  'registry.example.com/app:1.2.3@sha256:00ff',
  '1',
  '-1',
  '0755',
  '0x1F',
  '0o17',
  '1e3',
  '.5',
  '+1',
  '1_000',
  '12:30',
  '2026-11-22',
  'null',
  '~',
  'Null',
  'true',
  'False',
  'yes',
  'on',
  '.inf',
  'a#b',
  'a:b',
  "it's",
  '-x',
  '日本 語',
  'é\u2028ü',
  "'it''s'",
  "'a: b # c'",
  "''",
  '""',
  '"a\\tb\\u00e9 \\"q\\""',
  '"{{ .Values.x }}"',
  "'{{ x }}'",
  '!!str 123',
  '!!int "3"',
  '"trailing  "',
  '>=1.2',
  'a, b',
  '[x',
  '{a b',
];

const FLOW = BLOCK.filter((text) => !/^[[{]|,/.test(text));
const JSON_SCALARS = ['"nginx"', '"512Mi"', '1', '-1.5', '1e3', 'true', 'false', 'null', '""', '"a\\"b\\u00e9\\n"', '"{{ x }}"', '"é"'];

/** One scalar as text, for a place in a block, in a flow collection or in JSON. */
export function scalarText(random: Random, place: 'block' | 'flow' | 'json'): string {
  return random.pick(place === 'block' ? BLOCK.slice(0, -2) : place === 'flow' ? FLOW : JSON_SCALARS);
}

/** A scalar over several lines, indented by `pad`. */
export function longScalarText(random: Random, pad: string, eol: string): string {
  const lines = random.pick([
    ['first', 'second line', 'third'],
    ['"first', 'second \\', 'third"'],
    ["'first", '', "it''s third'"],
    ['one', '', '', 'two'],
  ]);
  return lines.map((line, index) => (index === 0 || line === '' ? line : pad + line)).join(eol);
}

/** A block scalar: its header, and its lines below, `spaces` deeper than its parent. */
export function blockScalarText(random: Random, parent: number, spaces: number, eol: string): string {
  const pad = ' '.repeat(parent + spaces);
  const indicator = random.chance(0.3) ? String(spaces) : '';
  const lines = random.pick([
    ['#!/bin/sh', 'set -e', '', 'exec "$0"'],
    ['one'],
    ['- a: {{ x }}', '  # not a comment', '---x'],
    ['text', '', '   deeper', 'out'],
    ['a: b', 'c: |', '  d'],
  ]);
  const body = indicator ? [` ${lines[0]}`, ...lines.slice(1)] : lines;
  const chomping = random.pick(['', '', '-', '+']);
  const comment = random.chance(0.15) ? ' # block' : '';
  const tail = random.chance(0.2) ? eol.repeat(1 + random.below(2)) : '';
  const order = random.chance(0.5) ? indicator + chomping : chomping + indicator;
  return `${random.pick(['|', '|', '>'])}${order}${comment}${eol}${body.map((line) => (line === '' ? '' : pad + line)).join(eol)}${eol}${tail}`;
}

const NEW_STRINGS = [
  '1Gi',
  'nginx:1.27',
  'yes',
  'no',
  'on',
  'y',
  '0755',
  '0x1F',
  '0X1F',
  '1e3',
  '12:30',
  '190:20:30',
  '2026-11-22',
  '2026-11-22T10:00:00Z',
  'null',
  '~',
  '',
  ' ',
  'true',
  '.5',
  '+1',
  '1_000',
  '0b11',
  '0o17',
  '.inf',
  '<<',
  '=',
  '-',
  '---',
  '...',
  '?',
  ': x',
  'x # y',
  'a: b',
  'a, b',
  '[x]',
  '{x}',
  '*x',
  '&x',
  '!x',
  '|',
  '>',
  '%x',
  '@x',
  '`x`',
  "it's",
  '"q"',
  '\\',
  'tab\tx',
  'trailing ',
  ' leading',
  'é',
  '日本',
  'a\u2028b',
  'a\u0085b',
  'a\u00a0b',
  '\ufeffx',
  'nul\u0000',
  'bell\u0007',
  'two\nlines',
  'two\nlines\n',
  'three\n\nlines\n\n',
  '\nfirst empty',
  '  indented\nless\n',
  'cr\rx',
  'crlf\r\nx',
  '😀',
  'x'.repeat(200),
  '{{ .Values.x }}',
];

const NEW_OTHERS: readonly JsonValue[] = [
  0,
  1,
  -1,
  8080,
  0.5,
  1e21,
  1e-7,
  true,
  false,
  null,
  {},
  [],
  { memory: '1Gi' },
  { yes: 'no', '1': 'a', 'a b': ['x', { y: null }], '': 0 },
  [1, 'two', { three: [] }],
  [['nested'], [], {}],
  { script: 'a\n  b\nc\n' },
];

/** A value to write. */
export function newValue(random: Random): JsonValue {
  return random.chance(0.7) ? random.pick(NEW_STRINGS) : random.pick(NEW_OTHERS);
}

/** A key to add that no generated map has. */
export function newKey(random: Random): string {
  return random.pick([
    'added',
    'new-key',
    'example.com/added',
    'yes',
    '9090',
    'new space',
    'q"uote',
    'новый',
    '0x1',
    'a: b',
    '#x',
    '<',
    '-',
  ]);
}
