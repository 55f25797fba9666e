import type { JsonValue } from '@tier0/core';
import { expect, test } from 'vitest';
import { disprove, partOf } from './yaml-proof.ts';
import { meaningOf, parseYaml, readYaml, type YamlText } from './yaml-source.ts';
import type { Splice } from './yaml-splice.ts';
import { applySplices } from './yaml-splice.ts';

const STREAMS = [
  'a: 1\nb: [x, y]\n---\nc: "q"\nd: |\n  text\n\n---\n- e\n- f: {g: 1}\n',
  '# head\n---\na: >-\n  one\n  two\n--- # note\nb: {c: 1,\n  d: 2}\n---\nlast: 1',
  '---\r\na: 1\r\n---\r\nb:\r\n  - c\r\n---\r\nd: |+\r\n  x\r\n\r\n',
  'a: &x 1\nb: *x\n---\nc: 1\n',
  '%YAML 1.1\n---\na: yes\n---\nb: yes\n',
  'a: 1\n...\n%YAML 1.1\n---\nb: yes\n',
];
/** What may go wrong at an edge: markers, open quotes and brackets, comments, indentation, nothing. */
const PIECES = [
  '',
  '\n',
  '---\n',
  '\n---\n',
  '...\n',
  '"',
  "'",
  '[',
  '{',
  '|',
  '# ',
  ' ',
  '\n  ',
  'z: 1\n',
  '%YAML 1.1\n',
  '&x ',
  '*x',
  ': ',
  '- ',
];

function meanings(text: string): readonly unknown[] | undefined {
  const reading = readYaml(text);
  return reading.status === 'read' ? reading.source.values : undefined;
}

/** Every piece put at every place, and put in for every character: 6,000 edits, good and bad. */
function* claims(stream: string) {
  const source = parseYaml(stream) as YamlText;
  for (const [index, document] of source.documents.entries()) {
    const end = source.documents[index + 1]?.range[0] ?? stream.length;
    for (let at = document.range[0]; at <= end; at++) {
      for (const piece of PIECES) {
        for (const splices of [[{ start: at, end: at, text: piece }], [{ start: at, end: at + 1, text: piece }]] as Splice[][]) {
          yield { source, index, splices, text: applySplices(stream, splices) };
        }
      }
    }
  }
}

test('reading the touched document alone proves what reading everything proves, and never more', () => {
  let alone = 0;
  let proved = 0;
  for (const stream of STREAMS) {
    for (const { source, index, splices, text } of claims(stream)) {
      // The most that the part can say for itself: that it means what it reads as.
      const part = partOf({ source, index, splices, text, intended: null, path: [] });
      const [intended] = (part === undefined ? undefined : meanings(part)) ?? [];
      if (intended === undefined) continue;
      alone++;
      if (disprove({ source, index, splices, text, intended: intended as JsonValue, path: ['nothing'] }) !== undefined) continue;
      proved++;
      expect(meanings(text), JSON.stringify(text)).toEqual(source.documents.map((one, n) => (n === index ? intended : meaningOf(one))));
    }
  }
  expect(alone).toBeGreaterThan(3000);
  expect(proved).toBeGreaterThan(1000);
});
