import type { Alert } from '@tier0/core';
import { expect, test } from 'vitest';
import { updateQuiet, whyOver } from './ended-alerts.ts';
import type { KnownIncident } from './intake.ts';

const incident: KnownIncident = { id: 'inc-1', fingerprints: ['f'], items: ['web'], openedAtMs: 0 };
const about = (item: string) => [[{ fingerprint: `of ${item}`, item } as Alert]];

test('an incident is over once nothing of it was seen for as long as it takes to clear, not before', () => {
  const quiet = updateQuiet(new Map(), [incident], { groups: about('another'), nowMs: 1_000 });
  const later = updateQuiet(quiet, [incident], { groups: [], nowMs: 50_000 });
  expect(whyOver(later.get('inc-1'), { nowMs: 60_000, clearMs: 60_000 })).toBeUndefined();
  expect(whyOver(later.get('inc-1'), { nowMs: 61_000, clearMs: 60_000 })).toBe('it ended by itself: nothing of it was seen for 60 s');
});

test('what is seen of it again, also under another name, ends the quiet', () => {
  const quiet = updateQuiet(new Map(), [incident], { groups: [], nowMs: 1_000 });
  const back = updateQuiet(quiet, [incident], { groups: about('web'), nowMs: 30_000 });
  expect(whyOver(back.get('inc-1'), { nowMs: 200_000, clearMs: 60_000 })).toBeUndefined();
  expect(updateQuiet(back, [incident], { groups: [], nowMs: 40_000 }).get('inc-1')).toBe(40_000);
});

test('an incident that is closed is forgotten', () => {
  const quiet = updateQuiet(new Map(), [incident], { groups: [], nowMs: 1_000 });
  expect(updateQuiet(quiet, [], { groups: [], nowMs: 2_000 }).size).toBe(0);
});
