import { describe, expect, test } from 'vitest';
import type { Pattern } from '../model/pattern.ts';
import type { PatternLibrary } from '../ports/pattern-library.ts';
import { testContext } from './call-context.ts';

const pattern = (id: string, versions: string): Pattern => ({
  id,
  title: id,
  signature: { cause: 'memory-leak', software: 'frame', versions, keywords: ['memory'] },
  remedy: 'raise-memory-limit',
  parameters: {},
  fix: 'Upgrade.',
  occurrences: [],
});
const PATTERNS = [pattern('fitting', '>=1.2.0 <1.3.0'), pattern('other-version', '>=2.0.0 <3.0.0')];

/** The contract of every pattern library. `make` gives one that holds exactly these patterns. */
export function describePatternLibrary(
  name: string,
  make: (patterns: readonly Pattern[]) => PatternLibrary | Promise<PatternLibrary>,
): void {
  describe(`${name} is a pattern library`, () => {
    test('only patterns whose software and versions fit are found, with reasons', async () => {
      const library = await make(PATTERNS);
      const found = await library.search({ cause: 'memory-leak', software: { frame: '1.2.7' }, text: 'memory grows' }, testContext());
      expect(found.map((match) => match.pattern.id)).toEqual(['fitting']);
      expect(found[0]?.reasons.length).toBeGreaterThan(0);
      expect(found[0]?.score).toBeLessThanOrEqual(1);
      expect(await library.search({ cause: 'memory-leak', software: {}, text: 'memory' }, testContext())).toEqual([]);
    });

    test('recording the same incident twice counts once', async () => {
      const library = await make(PATTERNS);
      const occurrence = { incident: 'INC-1', at: '2026-11-22T12:00:00.000Z', succeeded: true };
      await Promise.all([library.record('fitting', occurrence, testContext()), library.record('fitting', occurrence, testContext())]);
      await library.record('fitting', { ...occurrence, incident: 'INC-2', succeeded: false }, testContext());
      const { occurrences = [] } = (await library.get('fitting', testContext())) ?? {};
      expect(occurrences.map((one) => one.incident)).toEqual(['INC-1', 'INC-2']);
    });

    test('a new pattern is found from then on, and no other takes its id', async (task) => {
      const library = await make(PATTERNS);
      if (!library.add || !library.list) return task.skip('it takes in no new patterns');
      await library.add(pattern('founded', '>=1.0.0'), testContext());
      expect((await library.list(testContext())).map(({ id }) => id)).toEqual(['fitting', 'other-version', 'founded']);
      expect((await library.get('founded', testContext()))?.title).toBe('founded');
      await expect(library.add(pattern('founded', '>=1.0.0'), testContext())).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    test('an unknown pattern cannot be recorded', async () => {
      const library = await make(PATTERNS);
      const occurrence = { incident: 'INC-1', at: '2026-11-22T12:00:00.000Z', succeeded: true };
      await expect(library.record('none', occurrence, testContext())).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await library.get('none', testContext())).toBeUndefined();
    });
  });
}
