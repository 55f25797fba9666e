import type { Diagnosis, Finding, Pattern, RootCause } from '@tier0/core';
import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { signatureOf } from '../patterns/learn/incident-shape.ts';
import { createMemoryPatternLibrary } from '../patterns/memory.ts';
import { seenAndSolved, withExperience } from './seen-and-solved.ts';

const DAY_MS = 86_400_000;
const context = testContext();
const daysAgo = (days: number) => new Date(context.now() - days * DAY_MS).toISOString();

function diagnosisOf(name: string, cause = 'image-not-found'): Diagnosis {
  const subject = `kubernetes:c/${name}-ns/Deployment/${name}`;
  const message = `${name}: image registry/${name}:1 cannot be pulled: the registry does not have it`;
  const finding = {
    code: 'T0-POD-001',
    cause,
    subject,
    message,
    severity: 'fault',
    depth: 1,
    evidence: [],
    explainedBy: [],
    fingerprint: name,
  };
  const rootCause = {
    cause,
    subject,
    message,
    confidence: 0.9,
    basis: 'rule',
    path: [subject],
    evidenceFor: ['e'],
    evidenceAgainst: [],
    finding: name,
  };
  return {
    takenAt: daysAgo(0),
    rootCauses: [rootCause as unknown as RootCause],
    findings: [finding as unknown as Finding],
    evidence: [],
    unknowns: [],
  };
}

function patternOf(occurrences: Pattern['occurrences']): Pattern {
  const { rootCauses, findings } = diagnosisOf('basket');
  const { cause, shape } = signatureOf({ rootCause: rootCauses[0] as RootCause, findings });
  return {
    id: 'p',
    title: 't',
    signature: { cause: cause as 'image-not-found', keywords: [], shape },
    remedy: 'r',
    parameters: {},
    fix: '',
    occurrences,
  };
}

const once = (succeeded: boolean, days = 1, incident = 'INC-1') => ({ incident, at: daysAgo(days), succeeded });

test.each([
  ['it worked the last time', [once(true)], true],
  ['it was never tried', [], false],
  ['it failed the last time', [once(true, 9), once(false, 1, 'INC-2')], false],
  ['it failed before and has worked since', [once(false, 9), once(true, 1, 'INC-2')], true],
  ['a reviewer changed the last one', [{ ...once(true), review: 'edited' as const }], false],
  ['it worked once, two years ago', [once(true, 730)], false],
])('a model is spared where an incident is known: %s', async (_why, occurrences, expected) => {
  const library = createMemoryPatternLibrary({ patterns: [patternOf(occurrences)] });
  expect((await seenAndSolved(library, diagnosisOf('ledger'), context)) !== undefined).toBe(expected);
});

test('another cause, no cause and no library spare nothing; what is spared is said', async () => {
  const library = createMemoryPatternLibrary({ patterns: [patternOf([once(true)])] });
  expect(await seenAndSolved(library, diagnosisOf('ledger', 'image-pull-denied'), context)).toBeUndefined();
  expect(await seenAndSolved(library, { ...diagnosisOf('ledger'), rootCauses: [] }, context)).toBeUndefined();
  expect(await seenAndSolved(undefined, diagnosisOf('ledger'), context)).toBeUndefined();
  expect(withExperience(diagnosisOf('ledger'), patternOf([once(true)])).rootCauses[0]?.basis).toBe(
    'rule; seen before (p, worked 1 of 1 times), so no model was asked',
  );
});
