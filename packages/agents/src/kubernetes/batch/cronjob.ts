import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { indexed } from '../objects/indexed.ts';
import { nameOf } from '../objects/pod-view.ts';
import { conditionOf, instantAt, listAt, numberAt, textAt } from '../objects/read-object.ts';
import { parseCron, previousDue, zoneOffsetMs } from './cron-schedule.ts';

/** CronJobs that do not run when they should. One that is suspended was meant to be. */
export const cronjobRule: Rule = {
  name: 'cronjob',
  check: (reader) =>
    reader
      .items({ kind: 'CronJob' })
      .items.flatMap(({ id }) =>
        readField(reader.object(id), ['spec', 'suspend']) === true
          ? suspended(reader, id)
          : [...wrongSchedule(reader, id), ...missed(reader, id)],
      ),
};

function suspended(reader: CmdbReader, id: string): readonly FindingDraft[] {
  return [
    {
      code: 'T0-CRONJOB-004',
      subject: id,
      message: `${nameOf(id)}: the CronJob is suspended`,
      evidence: [quote(reader, id, ['spec', 'suspend'])],
    },
  ];
}

function wrongSchedule(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const text = textAt(object, 'spec', 'schedule');
  if (text === undefined) return [];
  const zone = textAt(object, 'spec', 'timeZone');
  const schedule = parseCron(text);
  const deadline = numberAt(object, 'spec', 'startingDeadlineSeconds');
  const wrong = [
    schedule ? '' : `the schedule "${text}" cannot be read`,
    schedule && previousDue(schedule, Date.parse(reader.at)) === undefined ? `the schedule "${text}" never comes up` : '',
    zone !== undefined && zoneOffsetMs(zone, Date.parse(reader.at)) === undefined ? `there is no time zone "${zone}"` : '',
    deadline !== undefined && deadline < 0 ? `its starting deadline is ${deadline} seconds` : '',
  ].filter((text) => text !== '');
  if (wrong.length === 0) return [];
  const evidence = [quote(reader, id, ['spec', 'schedule']), quote(reader, id, ['spec', 'timeZone'])];
  return [{ code: 'T0-CRONJOB-001', subject: id, message: `${nameOf(id)}: ${wrong.join(', ')}`, evidence }];
}

/** The controller looks every 10 s; a run that is this late was missed. */
const LATE_MS = 2 * 60_000;

/** Two times in a row passed without a run: blocked by the run before, or nobody starts them. */
function missed(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const schedule = parseCron(textAt(object, 'spec', 'schedule') ?? '');
  const nowMs = Date.parse(reader.at);
  const zone = textAt(object, 'spec', 'timeZone');
  const offsetMs = zone === undefined ? 0 : zoneOffsetMs(zone, nowMs);
  // Without a status nothing is known of its runs.
  if (!schedule || offsetMs === undefined || readField(object, ['status']) === undefined) return [];
  const lastDueMs = previousDue(schedule, nowMs - LATE_MS, offsetMs);
  const dueMs = lastDueMs === undefined ? undefined : previousDue(schedule, lastDueMs - 60_000, offsetMs);
  const createdMs = instantAt(object, 'metadata', 'creationTimestamp') ?? nowMs;
  const ranMs = instantAt(object, 'status', 'lastScheduleTime');
  if (dueMs === undefined || dueMs <= Math.max(createdMs, ranMs ?? 0)) return [];
  const running = unfinishedJobs(reader).filter((job) => reader.relations(job, 'out', 'managedBy')[0]?.to === id);
  const active = running.length > 0 || listAt(object, 'status', 'active').length > 0;
  const since = new Date(dueMs).toISOString();
  if (active && textAt(object, 'spec', 'concurrencyPolicy') === 'Forbid') {
    const name = running[0] ? nameOf(running[0]) : (textAt(listAt(object, 'status', 'active')[0], 'name') ?? 'an earlier run');
    const message = `${nameOf(id)}: runs have been left out since ${since}, because Job ${name} has not ended and runs may not overlap`;
    return [
      {
        code: 'T0-CRONJOB-003',
        subject: id,
        message,
        sinceMs: dueMs,
        evidence: [quote(reader, id, ['spec', 'concurrencyPolicy']), quote(reader, id, ['status'])],
      },
    ];
  }
  if (active) return [];
  const deadline = numberAt(object, 'spec', 'startingDeadlineSeconds');
  if (ranMs === undefined && deadline !== undefined && deadline >= 0 && deadline < 10) {
    const message = `${nameOf(id)}: never runs, since it may start ${deadline} seconds late at most and the controller looks every 10 seconds`;
    return [
      {
        code: 'T0-CRONJOB-001',
        subject: id,
        message,
        sinceMs: dueMs,
        evidence: [quote(reader, id, ['spec', 'startingDeadlineSeconds'])],
      },
    ];
  }
  const message = `${nameOf(id)}: was due at ${since} and did not run${ranMs === undefined ? '; it never has' : ''}`;
  // Times of the past may have been lost to a restart or a change of the schedule; one that never ran has a reason.
  const severity = ranMs === undefined ? undefined : ('degraded' as const);
  return [
    {
      code: 'T0-CRONJOB-002',
      subject: id,
      message,
      severity,
      sinceMs: dueMs,
      evidence: [quote(reader, id, ['spec', 'schedule']), quote(reader, id, ['status'])],
    },
  ];
}

const unfinishedJobs = indexed((reader) =>
  reader
    .items({ kind: 'Job' })
    .items.map(({ id }) => id)
    .filter((id) => ['Complete', 'Failed', 'Suspended'].every((type) => textAt(conditionOf(reader.object(id), type), 'status') !== 'True')),
);
