import { expect, test } from 'vitest';
import { DiagnosisSchema } from './diagnosis.ts';
import { distinctGaps, type Gap, GapSchema } from './gap.ts';

const PODS: Gap = { source: 'kubernetes', kind: 'Pod', namespace: 'shop', code: 'forbidden', message: 'could not check Pod in shop: 403' };

test('what says the same is one gap, in the order given', () => {
  const other: Gap = { source: 'rules', code: 'not-asked', message: 'not part of what was read: Node' };
  expect(distinctGaps([other, PODS, { ...PODS, source: 'snapshot' }])).toEqual([other, PODS]);
});

test('a gap needs a known reason, and an unknown field is refused', () => {
  expect(GapSchema.parse(PODS)).toEqual(PODS);
  expect(GapSchema.safeParse({ ...PODS, code: 'lost' }).success).toBe(false);
  expect(GapSchema.safeParse({ ...PODS, why: 'x' }).success).toBe(false);
});

test('a diagnosis that was recorded when gaps were lines is still read', () => {
  const recorded = {
    takenAt: '2026-11-22T02:00:00.000Z',
    rootCauses: [],
    findings: [],
    evidence: [],
    unknowns: ['could not check Pod: 403', PODS],
  };
  expect(DiagnosisSchema.parse(recorded).unknowns).toEqual([
    { source: 'record', code: 'failed', message: 'could not check Pod: 403' },
    PODS,
  ]);
});
