import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { eventsAbout, type ObjectEvent } from '../objects/events.ts';
import { siblingId } from '../objects/existence.ts';
import { indexed } from '../objects/indexed.ts';
import { patienceMs } from '../objects/patience.ts';
import { nameOf } from '../objects/pod-view.ts';
import { conditionOf, instantAt, listAt, numberAt, textAt } from '../objects/read-object.ts';
import { tellingWords } from '../objects/telling-words.ts';
import { nextDue, parseCron, previousDue, zoneOffsetMs } from './cron-schedule.ts';
import { starvingBeside } from './starving.ts';

/** CronJobs that do not run when they should. One that is suspended was meant to be. */
export const cronjobRule: Rule = {
  name: 'cronjob',
  check: (reader) =>
    reader
      .items({ kind: 'CronJob' })
      .items.flatMap(({ id }) =>
        readField(reader.object(id), ['spec', 'suspend']) === true
          ? suspended(reader, id)
          : [...wrongSchedule(reader, id), ...missed(reader, id), ...replaced(reader, id)],
      ),
};

function suspended(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const starving = starvingBeside(reader, id);
  const evidence = [quote(reader, id, ['spec', 'suspend'])];
  if (starving === undefined) return [{ code: 'T0-CRONJOB-004', subject: id, facts: { cronJob: nameOf(id) }, evidence }];
  const { dueMs, workloads, shared } = starving;
  const message = `${nameOf(id)}: it was suspended since it was applied (suspend: true), has left out its runs since ${new Date(dueMs).toISOString()}, and ${workloads.map(nameOf).join(', ')}, which uses ${shared.join(', ')} as it does, is not ready any more`;
  return [
    {
      code: 'T0-CRONJOB-007',
      subject: id,
      message,
      sinceMs: dueMs,
      evidence: [...evidence, quote(reader, id, ['status'])],
      seenOn: workloads,
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

/** Two times in a row passed without a run: blocked by the run before, or nobody starts them. */
function missed(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const schedule = parseCron(textAt(object, 'spec', 'schedule') ?? '');
  const nowMs = Date.parse(reader.at);
  const zone = textAt(object, 'spec', 'timeZone');
  const offsetMs = zone === undefined ? 0 : zoneOffsetMs(zone, nowMs);
  // Without a status nothing is known of its runs.
  if (!schedule || offsetMs === undefined || readField(object, ['status']) === undefined) return [];
  const lastDueMs = previousDue(schedule, nowMs - patienceMs('cron-run'), offsetMs);
  const missedMs = lastDueMs === undefined ? undefined : previousDue(schedule, lastDueMs - 60_000, offsetMs);
  const createdMs = instantAt(object, 'metadata', 'creationTimestamp') ?? nowMs;
  const ranMs = instantAt(object, 'status', 'lastScheduleTime');
  const running = unfinishedJobs(reader).filter((job) => reader.relations(job, 'out', 'managedBy')[0]?.to === id);
  const refused = eventsAbout(reader, id).find(
    ({ reason, lastMs, count }) => reason === 'FailedCreate' && count >= REFUSED_OFTEN && (lastMs ?? 0) > (ranMs ?? 0),
  );
  if (refused !== undefined) return notCreated(reader, id, refused);
  const toldMs = blockedSinceMs(reader, { cronJob: id, ranMs, running });
  const isMissed = missedMs !== undefined && missedMs > Math.max(createdMs, ranMs ?? 0);
  const dueMs = isMissed ? missedMs : toldMs;
  if (dueMs === undefined) return [];
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
  const told = eventsAbout(reader, id).find(({ reason, lastMs }) => CANNOT_START.test(reason) && (lastMs ?? 0) > (ranMs ?? 0));
  const firstMs = ranMs === undefined ? dueMs : (nextDue(schedule, { afterMs: ranMs, untilMs: nowMs, offsetMs }) ?? dueMs);
  const why = told === undefined ? '' : `: ${tellingWords(told.message)}`;
  const message = `${nameOf(id)}: has not run since ${new Date(firstMs).toISOString()}, when it was due${ranMs === undefined ? '; it never has' : ''}${why}`;
  // Times of the past may have been lost to a restart or a change of the schedule; many in a row, or a reason told, were not.
  const isLong =
    ranMs !== undefined && dueMs - firstMs >= MANY_MISSED * (dueMs - (previousDue(schedule, dueMs - 60_000, offsetMs) ?? dueMs));
  const severity = ranMs === undefined || told !== undefined || isLong ? undefined : ('degraded' as const);
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

/** Runs ended by the next one, in a row. */
const REPLACED = 2;

/** Concurrency policy Replace, and each run is ended half-way by the next start: none has ended by itself since the first that was. */
function replaced(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const object = reader.object(id);
  if (textAt(object, 'spec', 'concurrencyPolicy') !== 'Replace' || listAt(object, 'status', 'active').length === 0) return [];
  const ends = eventsAbout(reader, id)
    .filter(({ reason, message }) => reason === 'SuccessfulDelete' && message.includes(`${nameOf(id)}-`))
    .flatMap(({ lastMs }) => lastMs ?? [])
    .sort((a, b) => b - a);
  const sinceMs = ends[REPLACED - 1];
  const succeededMs = instantAt(object, 'status', 'lastSuccessfulTime');
  const others = reader.relations(id, 'in', 'managedBy').map(({ from }) => reader.object(from));
  const isFailing = others.some((job) => textAt(conditionOf(job, 'Failed'), 'status') === 'True');
  if (sinceMs === undefined || isFailing || (succeededMs ?? 0) >= sinceMs) return [];
  const schedule = textAt(object, 'spec', 'schedule') ?? '';
  const message = `${nameOf(id)}: no run ever ends: each takes longer than the schedule "${schedule}" leaves it, and with concurrencyPolicy Replace the next start ends it half-way`;
  const evidence = [quote(reader, id, ['spec', 'concurrencyPolicy']), quote(reader, id, ['status'])];
  return [{ code: 'T0-CRONJOB-006', subject: id, message, sinceMs: ends.at(-1), evidence }];
}

/** A refusal said this often is no accident of the moment: the controller tries again every few seconds. */
const REFUSED_OFTEN = 2;

/** The API server refuses the Jobs of a CronJob; where it is a quota, that is the place. */
function notCreated(reader: CmdbReader, id: string, { message: said, firstMs }: ObjectEvent): readonly FindingDraft[] {
  const exceeded = /exceeded quota: ([^,\s]+)/i.exec(said)?.[1];
  const evidence = [quote(reader, id, ['status'])];
  const message = `${nameOf(id)}: its Jobs are not created: ${tellingWords(said)}`;
  const own: FindingDraft = { code: 'T0-CRONJOB-005', subject: id, message, sinceMs: firstMs, evidence };
  if (exceeded === undefined) return [own];
  const quota = siblingId(id, 'ResourceQuota', exceeded);
  const full = `quota ${exceeded} is used up, and CronJob ${nameOf(id)} gets no Jobs because of it`;
  return [
    {
      code: 'T0-RESOURCEQUOTA-001',
      subject: quota,
      message: full,
      sinceMs: firstMs,
      evidence: [quote(reader, quota, ['status']), ...evidence],
    },
    { ...own, suspects: [quota] },
  ];
}

/** Starts missed in a row that no restart of the controller accounts for. */
const MANY_MISSED = 10;
/** How the controller says that it gives up on a start. */
const CANNOT_START = /^(?:FailedNeedsStart|TooManyMissedTimes|UnparseableCronJobSchedule|InvalidSchedule|UnknownTimeZone|FailedCreate)$/;

/** The controller has said twice or more that the run before keeps the next from starting, and that run is no ordinary one. */
function blockedSinceMs(
  reader: CmdbReader,
  { cronJob, ranMs, running }: { readonly cronJob: string; readonly ranMs: number | undefined; readonly running: readonly string[] },
): number | undefined {
  const told = eventsAbout(reader, cronJob).find(({ reason, lastMs }) => reason === 'JobAlreadyActive' && (lastMs ?? 0) > (ranMs ?? 0));
  if (told === undefined || told.count < 2) return undefined;
  const lasted = finishedRunsMs(reader, cronJob);
  const runningMs = running.map((job) => Date.parse(reader.at) - (instantAt(reader.object(job), 'status', 'startTime') ?? Number.NaN));
  const isUsual = lasted.length > 0 && runningMs.every((ms) => !(ms > 2 * Math.max(...lasted)));
  return isUsual ? undefined : Math.max(told.firstMs ?? 0, ranMs ?? 0);
}

/** How long finished runs of a CronJob took, milliseconds. */
function finishedRunsMs(reader: CmdbReader, cronJob: string): readonly number[] {
  const jobs = reader.relations(cronJob, 'in', 'managedBy').map(({ from }) => reader.object(from));
  return jobs.flatMap((job) => {
    const [fromMs, toMs] = [instantAt(job, 'status', 'startTime'), instantAt(job, 'status', 'completionTime')];
    return fromMs === undefined || toMs === undefined ? [] : [toMs - fromMs];
  });
}

const unfinishedJobs = indexed((reader) =>
  reader
    .items({ kind: 'Job' })
    .items.map(({ id }) => id)
    .filter((id) => ['Complete', 'Failed', 'Suspended'].every((type) => textAt(conditionOf(reader.object(id), type), 'status') !== 'True')),
);
