import { expect, test } from 'vitest';
import { type BlastRadius, reachInWords } from '../model/blast-radius.ts';
import { widestRadius } from './widest-radius.ts';

function radius(subject: string, kinds: readonly string[], truncated = false): BlastRadius {
  const items = kinds.map((kind, index) => ({
    item: `kubernetes:c/shop/${kind}/${index}`,
    distance: 1,
    path: [subject, `kubernetes:c/shop/${kind}/${index}`],
    via: ['uses' as const],
  }));
  return { subject, items, truncated };
}

const edit = (item: string) => ({ item, fieldPath: ['spec'], expectOld: 1, value: 2 });

test('the item with the most other workloads counts, not the one with the most pods; an open end comes first', () => {
  const radii: Readonly<Record<string, BlastRadius>> = {
    subject: radius('subject', ['Pod', 'Pod', 'Pod', 'Deployment']),
    edited: radius('edited', ['Deployment', 'StatefulSet']),
    endless: radius('endless', ['Pod'], true),
  };
  const reader = { impact: (item: string) => radii[item] as BlastRadius };
  expect(widestRadius({ subject: 'subject', edits: [edit('edited')] }, reader).subject).toBe('edited');
  expect(widestRadius({ subject: 'subject', edits: [edit('subject')] }, reader).subject).toBe('subject');
  expect(widestRadius({ subject: 'edited', edits: [edit('endless')] }, reader).subject).toBe('endless');
});

test.each([
  [radius('s', ['Pod', 'Service']), 'no other workloads'],
  [radius('s', ['Pod', 'Deployment']), '1 other workload'],
  [radius('s', ['CronJob', 'Deployment']), '2 other workloads'],
  [radius('s', ['CronJob'], true), 'at least 1 other workload'],
  [radius('s', [], true), 'an unknown number of other workloads'],
])('the reach in words', (one, words) => {
  expect(reachInWords(one)).toBe(words);
});
