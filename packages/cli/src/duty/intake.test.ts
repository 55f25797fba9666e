import type { Alert } from '@tier0/core';
import { describe, expect, test } from 'vitest';
import { type IntakeQuestion, judgeIntake, type KnownIncident, type Sighting, updateSightings } from './intake.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse('2026-03-20T08:00:00Z');

function alertAbout(item: string, fingerprint = `f-${item}`): Alert {
  return {
    fingerprint,
    labels: { alertname: 'Finding' },
    summary: `${item} is broken`,
    severity: 'fault',
    item,
    startsAt: new Date(NOW).toISOString(),
    evidence: [],
    source: 'findings',
  };
}

/** Seen since `minutes` ago, without a break. */
function seen(groups: readonly (readonly Alert[])[], minutes: number, returned = false): ReadonlyMap<string, Sighting> {
  return new Map(groups.flat().map(({ fingerprint }) => [fingerprint, { firstMs: NOW - minutes * MINUTE, lastMs: NOW, returned }]));
}

function judge(groups: readonly (readonly Alert[])[], further: Partial<IntakeQuestion> = {}) {
  return judgeIntake({
    groups,
    known: [],
    sightings: seen(groups, 5),
    patience: { confirmMs: MINUTE, clearMs: 5 * MINUTE, respectMs: 24 * HOUR },
    room: 10,
    distance: () => undefined,
    nowMs: NOW,
    ...further,
  });
}

function ended(status: 'resolved' | 'rolled-back' | 'handed-over' | 'failed', hoursAgo: number, reason = ''): KnownIncident {
  const atMs = NOW - hoursAgo * HOUR;
  return { id: `inc-${hoursAgo}`, fingerprints: ['f-web'], items: ['web'], openedAtMs: atMs - MINUTE, ended: { status, atMs, reason } };
}

const web = [alertAbout('web')];

describe('what is new', () => {
  test('opens once it has lasted, not before', () => {
    expect(judge([web], { sightings: seen([web], 0.5) })[0]).toMatchObject({ kind: 'waits', untilMs: NOW + MINUTE / 2 });
    expect(judge([web])[0]).toMatchObject({ kind: 'opens', why: 'it is new' });
  });

  test('waits where as many are carried as may be', () => {
    expect(judge([web], { room: 0 })[0]?.kind).toBe('waits');
    const two = [web, [alertAbout('db')]];
    expect(judge(two, { room: 1, sightings: seen(two, 5) }).map(({ kind }) => kind)).toEqual(['opens', 'waits']);
  });
});

describe('what belongs together', () => {
  const dbReaches = (from: string, to: string) => (from === 'db' && to.startsWith('app-') ? 1 : undefined);
  const dependents = Array.from({ length: 300 }, (_, index) => [alertAbout(`app-${index}`)]);
  const db = [alertAbout('db')];

  test.each([
    ['first', [db, ...dependents]],
    ['in the middle', [...dependents.slice(0, 150), db, ...dependents.slice(150)]],
    ['last', [...dependents, db]],
  ])('300 dependents of one failing database are one incident, the database told %s', (_, groups) => {
    const verdicts = judge(groups, { sightings: seen(groups, 5), distance: dbReaches });
    expect(verdicts.filter(({ kind }) => kind === 'opens').map(({ alerts }) => alerts)).toEqual([db]);
    expect(verdicts.filter(({ kind }) => kind === 'joins')).toHaveLength(300);
  });

  test('what may come from something that has not lasted yet waits for it, however long it lasts itself', () => {
    const sightings = new Map([...seen([dependents[0]!], 5), ...seen([db], 0.5)]);
    const verdicts = judge([dependents[0]!, db], { sightings, distance: dbReaches });
    expect(verdicts.map(({ kind, alerts }) => [kind, alerts[0]?.item])).toEqual([
      ['waits', 'db'],
      ['waits', 'app-0'],
    ]);
    expect(verdicts[1]).toMatchObject({ untilMs: NOW + MINUTE / 2, why: expect.stringContaining('db is broken') });
  });

  test('of two open incidents that reach it, the nearer one gets it', () => {
    const open = (id: string, item: string): KnownIncident => ({ id, fingerprints: [], items: [item], openedAtMs: NOW - HOUR });
    const distance = (from: string, to: string) => (to === 'web' ? { node: 3, db: 1 }[from] : undefined);
    expect(judge([web], { known: [open('far', 'node'), open('near', 'db')], distance })[0]).toMatchObject({
      kind: 'joins',
      incident: 'near',
    });
  });

  test('two that reach each other are decided in the order they came; a chain begins at its root, whatever its order', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => [alertAbout(name)]) as [Alert[], Alert[], Alert[]];
    expect(judge([b, a], { sightings: seen([a, b], 5), distance: () => 1 }).map(({ kind }) => kind)).toEqual(['opens', 'joins']);
    const order = 'abc';
    const chain = (from: string, to: string) =>
      order.indexOf(from) < order.indexOf(to) ? order.indexOf(to) - order.indexOf(from) : undefined;
    for (const groups of [
      [a, b, c],
      [c, b, a],
      [b, c, a],
      [c, a, b],
    ]) {
      const verdicts = judge(groups, { sightings: seen(groups, 5), distance: chain });
      expect(verdicts.filter(({ kind }) => kind === 'opens').map(({ alerts }) => alerts[0]?.item)).toEqual(['a']);
    }
  });

  test('another alert about what an open incident is about joins it', () => {
    const open: KnownIncident = { id: 'inc-1', fingerprints: ['f-x'], items: ['web'], openedAtMs: NOW - HOUR };
    expect(judge([web], { known: [open] })[0]).toMatchObject({ kind: 'joins', incident: 'inc-1' });
  });

  test('an incident that has ended draws nothing in: another fault of the same thing is news', () => {
    const other = [alertAbout('web', 'f-another')];
    expect(judge([other], { known: [ended('handed-over', 1)], sightings: seen([other], 5) })[0]?.kind).toBe('opens');
  });
});

describe('what people have', () => {
  const rejected = ended('handed-over', 2, 'ines rejected the pull request: not tonight');

  test('what they said no to is left to them for a day, whether it went away meanwhile or not', () => {
    for (const returned of [false, true]) {
      expect(judge([web], { known: [rejected], sightings: seen([web], 5, returned) })[0]).toMatchObject({
        kind: 'left-to-people',
        untilMs: NOW + 22 * HOUR,
      });
    }
    expect(judge([web], { known: [ended('handed-over', 25, rejected.ended?.reason)] })[0]?.kind).toBe('opens');
  });

  test('what they were given is theirs while it lasts, and news once it has come back', () => {
    expect(judge([web], { known: [ended('handed-over', 2)] })[0]?.kind).toBe('left-to-people');
    expect(judge([web], { known: [ended('rolled-back', 2)] })[0]?.kind).toBe('left-to-people');
    expect(judge([web], { known: [ended('handed-over', 2)], sightings: seen([web], 5, true) })[0]?.kind).toBe('opens');
  });

  test('what was resolved and is back opens again, three times in six hours, then it is flapping', () => {
    expect(judge([web], { known: [ended('resolved', 1)] })[0]).toMatchObject({ kind: 'opens', why: expect.stringContaining('it is back') });
    const often = [ended('resolved', 1), ended('resolved', 2), ended('resolved', 3)];
    expect(judge([web], { known: often })[0]).toMatchObject({ kind: 'left-to-people', why: expect.stringContaining('comes and goes') });
    expect(judge([web], { known: [...often.slice(0, 2), ended('resolved', 8)] })[0]?.kind).toBe('opens');
  });
});

describe('sightings', () => {
  const update = (before: ReadonlyMap<string, Sighting>, keys: readonly string[], nowMs: number) =>
    updateSightings(before, keys, { nowMs, clearMs: 5 * MINUTE });

  test('a short gap is none, a long one begins anew', () => {
    const first = update(new Map(), ['a'], NOW);
    const gap = update(update(first, [], NOW + MINUTE), ['a'], NOW + 4 * MINUTE);
    expect(gap.get('a')).toEqual({ firstMs: NOW, lastMs: NOW + 4 * MINUTE, returned: false });
    const back = update(update(gap, [], NOW + 6 * MINUTE), ['a'], NOW + 20 * MINUTE);
    expect(back.get('a')).toEqual({ firstMs: NOW + 20 * MINUTE, lastMs: NOW + 20 * MINUTE, returned: true });
  });

  test('what every look saw was never away, however rare the looks are', () => {
    let sightings = update(new Map(), ['a'], NOW);
    for (const minutes of [6, 12, 18]) sightings = update(sightings, ['a'], NOW + minutes * MINUTE);
    expect(sightings.get('a')).toEqual({ firstMs: NOW, lastMs: NOW + 18 * MINUTE, returned: false });
    expect(judge([[alertAbout('web', 'a')]], { sightings, nowMs: NOW + 18 * MINUTE })[0]?.kind).toBe('opens');
  });

  test('an alert that joins others begins nothing anew', () => {
    const joined = [alertAbout('web', 'a'), alertAbout('web', 'late')];
    const sightings = update(update(new Map(), ['a'], NOW), ['a', 'late'], NOW + 2 * MINUTE);
    expect(judge([joined], { sightings, nowMs: NOW + 2 * MINUTE })[0]?.kind).toBe('opens');
  });

  test('what was away for hours is forgotten', () => {
    expect(update(update(new Map(), ['a'], NOW), [], NOW + 7 * HOUR).size).toBe(0);
  });
});
