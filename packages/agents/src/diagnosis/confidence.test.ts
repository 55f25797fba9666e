import { type Finding, makeEvidence } from '@tier0/core';
import { expect, test } from 'vitest';
import { confidenceOf, hitRate, MEASURED, type Proof } from './confidence.ts';

const WEB = 'kubernetes:c/shop/Deployment/web';

function finding(source: 'logs' | 'cmdb', rest: Partial<Finding> = {}): Finding {
  const evidence = [makeEvidence({ source, query: 'q', fromMs: 0, toMs: 0, text: 'text' })];
  const own = {
    code: 'T0-X-001',
    cause: 'wrong-command',
    depth: 0,
    severity: 'fault',
    subject: WEB,
    message: 'm',
    fingerprint: 'f',
  } as const;
  return { ...own, evidence, explainedBy: [], ...rest };
}

test('what the log alone says is never more than seven in ten sure, however much it explains', () => {
  expect(confidenceOf(finding('logs'), { hasChange: false, symptoms: 9 }).value).toBeLessThanOrEqual(0.7);
  expect(confidenceOf(finding('logs'), { hasChange: true, symptoms: 9 }).value).toBeGreaterThan(0.7);
});

/** It explains much, and nothing changed. */
const MANY = { hasChange: false, symptoms: 9 };

test('a line that leads to an object other than its speaker is borne out by that object', () => {
  const tied = finding('logs', { subject: 'kubernetes:c/shop/ConfigMap/web', seenOn: [WEB] });
  expect(confidenceOf(tied, MANY).value).toBeGreaterThan(confidenceOf(finding('logs', { seenOn: [WEB] }), MANY).value);
});

test('what an object states is surer than what a program says, and that than what is merely seen', () => {
  const order: readonly Proof[] = ['stated', 'said', 'seen', 'bare'];
  const rates = order.map(hitRate);
  expect(rates).toEqual(rates.toSorted((a, b) => b - a));
});

test('a maker with few recordings counts as much as one with many', () => {
  const each = MEASURED.seen.map(({ right, of }) => (right + 1) / (of + 2));
  expect(hitRate('seen')).toBeCloseTo(each.reduce((sum, rate) => sum + rate, 0) / each.length);
});

test('nobody is certain', () => {
  expect(confidenceOf(finding('cmdb'), { hasChange: true, symptoms: 50 }).value).toBeLessThanOrEqual(0.95);
});
