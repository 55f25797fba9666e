import { expect, test } from 'vitest';
import type { Attack } from './attack.ts';
import { attacks as escapes } from './escapes.ts';
import { attacks as answers } from './hostile-api.ts';
import { attacks as paths } from './hostile-paths.ts';

async function notHeld(attacks: readonly Attack[]): Promise<readonly string[]> {
  const outcomes: string[] = [];
  for (const { kind, name, run } of attacks) await run().catch((error: Error) => outcomes.push(`${kind}: ${name}: ${error.message}`));
  return outcomes;
}

test('no writer leaves its folder, whatever it is told to write', async () => {
  expect(await notHeld(paths)).toEqual([]);
}, 120_000);

test('no text of a stranger reaches people with a character that does something', async () => {
  expect(await notHeld(escapes)).toEqual([]);
}, 120_000);

test('an API that answers anything: recording ends, says what it lacks, and keeps the rest', async () => {
  expect(await notHeld(answers)).toEqual([]);
}, 240_000);
