import { expect, test } from 'vitest';
import { type AutonomyFacts, compareWithPeople, DEFAULT_PROMISE, decideAutonomy, type PastChange, upperFailureBound } from './autonomy.ts';

const good: PastChange = { at: '2026-11-22T12:00:00.000Z', decision: 'approved', succeeded: true };
const facts = (history: readonly PastChange[], other: Partial<AutonomyFacts> = {}): AutonomyFacts => ({
  team: 'storage',
  kind: 'raise-memory-limit',
  history,
  similarity: 0.95,
  risk: { level: 'low', score: 10, factors: [] },
  blastRadius: { subject: 's', items: [], truncated: false },
  production: false,
  reversible: true,
  ...other,
});
const promise = { ...DEFAULT_PROMISE, shadow: false };
const clean = (count: number) => Array.from({ length: count }, () => good);

test('autonomy is earned step by step, and one failure, rejection or edit takes it away', () => {
  expect(decideAutonomy(facts([]), promise).level).toBe('observe');
  expect(decideAutonomy(facts(clean(1)), promise).level).toBe('suggest');
  expect(decideAutonomy(facts(clean(3)), promise).level).toBe('propose');
  expect(decideAutonomy(facts(clean(535)), promise).level).toBe('propose');
  expect(decideAutonomy(facts(clean(536)), promise).level).toBe('auto-approve');
  for (const wrong of [
    { ...good, succeeded: false },
    { ...good, decision: 'rejected' },
    { ...good, decision: 'edited' },
  ] as const) {
    expect(decideAutonomy(facts([...clean(5000), wrong]), promise).level).toBe('suggest');
    expect(decideAutonomy(facts([...clean(5000), wrong, ...clean(535)]), promise).level).toBe('propose');
  }
});

test.each([
  ['another case', { similarity: 0.6 }],
  ['an unknown likeness', { similarity: Number.NaN }],
  ['an unknown risk', { risk: undefined }],
  ['a medium risk', { risk: { level: 'medium', score: 30, factors: [] } }],
  ['an unknown reach', { blastRadius: undefined }],
  ['a reach that could not be walked', { blastRadius: { subject: 's', items: [], truncated: true } }],
  ['production', { production: true }],
  ['an unknown environment', { production: undefined }],
  ['what cannot be taken back', { reversible: false }],
] as const)('no record makes up for %s', (_what, other) => {
  const decision = decideAutonomy(facts(clean(100_000), other as Partial<AutonomyFacts>), promise);
  expect(decision.wouldAutoApprove).toBe(false);
  expect(decision.level).not.toBe('auto-approve');
});

test('shadow mode says what it would do, with the numbers, and leaves it to people', () => {
  const decision = decideAutonomy(facts(clean(600)));
  expect(decision).toMatchObject({ level: 'propose', wouldAutoApprove: true });
  expect(decision.explanation).toBe(
    'storage has seen 600 changes of the kind raise-memory-limit; the last 600 in a row succeeded as proposed, so with 99 % certainty at most 0.9 % of them fail. Level propose: it would be approved automatically (promised are 1.0 % failures), but this is shadow mode and a person decides.',
  );
  expect(
    compareWithPeople([
      { wouldAutoApprove: true, change: good },
      { wouldAutoApprove: true, change: { ...good, decision: 'rejected', succeeded: undefined } },
      { wouldAutoApprove: false, change: good },
    ]),
  ).toEqual({ wouldHave: 2, agreed: 1, wrong: 1 });
  expect(upperFailureBound(0)).toBe(1);
});

/** Chance of failure at a point of time from 0 to 1, in ways that truth drifts. */
const DRIFTS: Readonly<Record<string, (t: number) => number>> = {
  'slowly worse': (t) => 0.0005 + 0.04 * t * t,
  'suddenly bad, then good again': (t) => (t > 0.5 && t < 0.7 ? 0.2 : 0.001),
  'in waves': (t) => 0.0105 + 0.01 * Math.sin(12 * Math.PI * t),
  'always good': () => 0.0005,
};

test.each(Object.entries(DRIFTS))(
  'over 10,000 changes whose truth drifts (%s), at most 1 %% of what nobody looked at fails',
  (_name, chance) => {
    let automatic = 0;
    let failed = 0;
    for (let seed = 1; seed <= 3; seed++) {
      let state = seed * 7919;
      const history: PastChange[] = [];
      for (let change = 0; change < 10_000; change++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const succeeded = state / 2 ** 32 >= chance(change / 10_000);
        const isAutomatic = decideAutonomy(facts(history), promise).level === 'auto-approve';
        if (isAutomatic) automatic++;
        if (isAutomatic && !succeeded) failed++;
        history.push({ ...good, decision: isAutomatic ? 'none' : 'approved', succeeded });
      }
    }
    expect(failed).toBeLessThanOrEqual(0.01 * automatic);
    if (chance(0.5) < 0.001) expect(automatic).toBeGreaterThan(20_000);
  },
);
