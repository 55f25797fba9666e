import { type JsonValue, readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { closestName } from '../objects/close-name.ts';
import { numberAt, textAt } from '../objects/read-object.ts';
import { editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { parseCron, previousDue, zoneOffsetMs } from './cron-schedule.ts';

/** The last day that a month has in every year. */
const LAST_DAY: Readonly<Record<string, number>> = { 2: 28, feb: 28, 4: 30, apr: 30, 6: 30, jun: 30, 9: 30, sep: 30, 11: 30, nov: 30 };

/** Corrects a schedule that never comes up, or that cannot be read, where only one reading is near. */
export function correctSchedule({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const cronJob = rootCause.subject;
  if (kindOf(cronJob) !== 'CronJob') return [];
  const schedule = textAt(reader.object(cronJob), 'spec', 'schedule') ?? '';
  const atMs = Date.parse(reader.at);
  const works = (text: string) => {
    const parsed = parseCron(text);
    return parsed !== undefined && previousDue(parsed, atMs) !== undefined;
  };
  const right = works(schedule)
    ? undefined
    : [lastDayOfMonth(schedule), withoutSeconds(schedule), inRange(schedule)].find((text) => text !== undefined && works(text));
  const zone = textAt(reader.object(cronJob), 'spec', 'timeZone');
  const isZoneWrong = zone !== undefined && zoneOffsetMs(zone, atMs) === undefined;
  const rightZone = isZoneWrong ? closestName(zone, Intl.supportedValuesOf('timeZone')) : undefined;
  const edits = [
    right === undefined ? undefined : editOf(reader, cronJob, ['spec', 'schedule'], right),
    rightZone === undefined ? undefined : editOf(reader, cronJob, ['spec', 'timeZone'], rightZone),
    startsTooLate(reader.object(cronJob)) ? editOf(reader, cronJob, ['spec', 'startingDeadlineSeconds'], undefined) : undefined,
  ].flatMap((edit) => edit ?? []);
  return remedyOf(edits, {
    id: 'correct-schedule',
    title: `Let ${nameOf(cronJob)} run at ${edits.map((edit) => (edit.value === undefined ? 'any delay' : `"${String(edit.value)}"`)).join(', ')}`,
    why: 'With what it says now it never runs.',
    precondition: 'That is the time that was meant: ask its owner.',
    risk: 'medium',
    verify: 'The next run starts at that time.',
    rollback: 'Set the schedule as it was.',
    assumption: 'the corrected time is the one that was meant',
  });
}

function startsTooLate(cronJob: unknown): boolean {
  const deadline = numberAt(cronJob, 'spec', 'startingDeadlineSeconds');
  return deadline !== undefined && deadline < 10;
}

/** A day that no year's month has becomes the last one that every year's has. */
function lastDayOfMonth(schedule: string): string | undefined {
  const fields = schedule.trim().split(/\s+/);
  const last = LAST_DAY[(fields[3] ?? '').toLowerCase().replace(/^0/, '')];
  if (fields.length !== 5 || last === undefined || !(Number(fields[2]) > last)) return undefined;
  return fields.with(2, String(last)).join(' ');
}

/** Other schedulers have a field of seconds before the five. */
function withoutSeconds(schedule: string): string | undefined {
  const fields = schedule.trim().split(/\s+/);
  return fields.length === 6 && /^[0*?]/.test(fields[0] ?? '') ? fields.slice(1).join(' ') : undefined;
}

/** Midnight is hour 0, a full hour minute 0, and Sunday day 0. */
function inRange(schedule: string): string | undefined {
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== 5) return undefined;
  const over: Readonly<Record<number, string>> = { 0: '60', 1: '24', 4: '7' };
  return fields.map((field, index) => (field === over[index] ? '0' : field)).join(' ');
}

/** Ends a run that hangs when the next one is due, instead of leaving the next one out. */
export function replaceHangingRun({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  if (kindOf(rootCause.subject) !== 'CronJob') return [];
  return remedyOf(editsOf(editOf(reader, rootCause.subject, ['spec', 'concurrencyPolicy'], 'Replace')), {
    id: 'replace-hanging-run',
    title: `Let the next run of ${nameOf(rootCause.subject)} end one that has not finished`,
    why: 'A run hangs, and all that were due after it were left out.',
    precondition: 'The hanging run does no work any more, and may be ended half-way.',
    risk: 'high',
    verify: 'The next run starts when it is due and finishes.',
    rollback: 'Forbid concurrent runs again.',
    assumption: 'the next run does not hang as well',
  });
}

/** Lets a run that takes longer than the schedule end, in place of being replaced by the next. */
export function letRunsEnd({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const isReplacing = textAt(reader.object(rootCause.subject), 'spec', 'concurrencyPolicy') === 'Replace';
  if (kindOf(rootCause.subject) !== 'CronJob' || !isReplacing) return [];
  return remedyOf(editsOf(editOf(reader, rootCause.subject, ['spec', 'concurrencyPolicy'], 'Forbid')), {
    id: 'let-runs-end',
    title: `Let each run of ${nameOf(rootCause.subject)} end before the next one starts`,
    why: 'Each run is ended half-way by the next start.',
    precondition: 'A start that is left out does no harm: the schedule comes up more often than a run takes.',
    risk: 'medium',
    verify: 'A run completes.',
    rollback: 'Let runs replace each other again.',
    assumption: 'a run ends by itself when it is left alone',
  });
}

/** Gives a job twice the time, where it was ended by its deadline. */
export function extendDeadline({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const { subject } = rootCause;
  const path = kindOf(subject) === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'activeDeadlineSeconds'] : ['spec', 'activeDeadlineSeconds'];
  const seconds = readField(reader.object(subject), path);
  if (typeof seconds !== 'number') return [];
  return remedyOf(editsOf(editOf(reader, subject, path, (seconds * 2) as JsonValue)), {
    id: 'extend-deadline',
    title: `Give ${nameOf(subject)} ${seconds * 2} seconds`,
    why: `It was ended after ${seconds} seconds, before it was done.`,
    precondition: 'It makes progress and can be run again: a Job that has failed is made anew.',
    risk: 'medium',
    verify: 'The job completes.',
    rollback: `Set the deadline to ${seconds} seconds again.`,
    assumption: 'it is done within twice the time',
  });
}
