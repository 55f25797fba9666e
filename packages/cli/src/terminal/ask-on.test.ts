import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askOn } from './ask-on.ts';

const signal = new AbortController().signal;

function conversation(typed: string | undefined) {
  const input = new PassThrough();
  const output = new PassThrough();
  input.end(typed);
  return { input, output };
}

test.each([
  ['y\n', 'y'],
  ['no, not tonight\n', 'no, not tonight'],
  ['\n', ''],
  [undefined, ''],
])('who types %j answers %j: an input that ends is no answer, and nobody waits for one', async (typed, answer) => {
  const there = conversation(typed);
  expect(await askOn(there, 'Approve? ', signal)).toBe(answer);
  expect(there.output.read().toString()).toBe('Approve? ');
});

test('answers that a script sends at once answer one question each, and then the input has ended', async () => {
  const there = conversation('one\n\nthree\n');
  const answers: string[] = [];
  for (const question of ['a', 'b', 'c', 'd']) answers.push(await askOn(there, question, signal));
  expect(answers).toEqual(['one', '', 'three', '']);
});

test('an input that has ended already is the empty answer too', async () => {
  const there = conversation(undefined);
  there.input.resume();
  await new Promise((resolve) => there.input.once('end', resolve));
  expect(await askOn(there, 'Approve? ', signal)).toBe('');
});

test('who interrupts is not taken for a no', async () => {
  const stopping = new AbortController();
  const asked = askOn({ input: new PassThrough(), output: new PassThrough() }, 'Approve? ', stopping.signal);
  setTimeout(() => stopping.abort(new Error('stop')), 20);
  await expect(asked).rejects.toThrow();
});
