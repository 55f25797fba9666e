/** A schedule as a CronJob has it: five fields, or one of the short names. */
export interface CronSchedule {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>;
  /** A day that is named in both ways is due when either holds. */
  readonly eitherDay: boolean;
  /** Set for `@every`: milliseconds between runs. */
  readonly everyMs?: number | undefined;
}

const SHORT: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Reads a schedule; undefined when the controller could not either. Fields and names as in robfig/cron, the parser of kube-controller-manager. */
export function parseCron(text: string): CronSchedule | undefined {
  const trimmed = text.trim().replace(/^(?:CRON_)?TZ=\S+\s+/, '');
  const every = /^@every ((?:\d+(?:\.\d+)?(?:ms|s|m|h))+)$/.exec(trimmed)?.[1];
  if (every !== undefined) return { ...(parseCron('* * * * *') as CronSchedule), everyMs: durationMs(every) };
  const fields = (SHORT[trimmed] ?? trimmed).split(/\s+/);
  if (fields.length !== 5) return undefined;
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  const minutes = fieldValues(minute, 0, 59);
  const hours = fieldValues(hour, 0, 23);
  const days = fieldValues(day, 1, 31);
  const months = fieldValues(month, 1, 12, MONTHS);
  const weekdays = fieldValues(weekday, 0, 6, WEEKDAYS);
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  const isNamed = (field: string) => !/^[*?]/.test(field);
  return { minutes, hours, days, months, weekdays, eitherDay: isNamed(day) && isNamed(weekday) };
}

function durationMs(text: string): number {
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0),
    0,
  );
}

function fieldValues(field: string, least: number, most: number, names: readonly string[] = []): ReadonlySet<number> | undefined {
  const values = new Set<number>();
  for (const part of field.toLowerCase().split(',')) {
    const match = /^(\*|\?|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d+))?$/.exec(part);
    if (!match) return undefined;
    const [, from = '', to, step] = match;
    const isAny = from === '*' || from === '?';
    const first = isAny ? least : fieldNumber(from, least, names);
    const last = to !== undefined ? fieldNumber(to, least, names) : isAny || step !== undefined ? most : first;
    if (first === undefined || last === undefined || first < least || last > most || first > last || step === '0') return undefined;
    for (let value = first; value <= last; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

function fieldNumber(text: string, least: number, names: readonly string[]): number | undefined {
  const named = names.indexOf(text);
  if (named !== -1) return named + least;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

const DAY_MS = 24 * 3_600_000;
/** Two leap years apart: what does not come up in this time never does. */
const HORIZON_DAYS = 8 * 366;

/** The newest instant at or before `beforeMs` at which the schedule is due, in whole minutes; undefined when it never is. */
export function previousDue(schedule: CronSchedule, beforeMs: number, offsetMs = 0): number | undefined {
  if (schedule.everyMs !== undefined) return beforeMs - schedule.everyMs;
  const localMs = Math.floor((beforeMs + offsetMs) / 60_000) * 60_000;
  const hours = [...schedule.hours].sort((a, b) => b - a);
  const minutes = [...schedule.minutes].sort((a, b) => b - a);
  for (let back = 0; back < HORIZON_DAYS; back++) {
    const dayMs = Math.floor(localMs / DAY_MS) * DAY_MS - back * DAY_MS;
    if (!isDueDay(schedule, new Date(dayMs))) continue;
    for (const hour of hours) {
      for (const minute of minutes) {
        const dueMs = dayMs + hour * 3_600_000 + minute * 60_000;
        if (dueMs <= localMs) return dueMs - offsetMs;
      }
    }
  }
  return undefined;
}

function isDueDay(schedule: CronSchedule, day: Date): boolean {
  if (!schedule.months.has(day.getUTCMonth() + 1)) return false;
  const byDay = schedule.days.has(day.getUTCDate());
  const byWeekday = schedule.weekdays.has(day.getUTCDay());
  return schedule.eitherDay ? byDay || byWeekday : byDay && byWeekday;
}

/** How far a time zone is ahead of UTC at an instant, milliseconds; undefined when there is no such zone. */
export function zoneOffsetMs(timeZone: string, atMs: number): number | undefined {
  try {
    const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(atMs);
    const [, sign = '+', hours = '0', minutes = '0'] =
      /GMT(?:([+-])(\d\d):(\d\d))?/.exec(parts.find(({ type }) => type === 'timeZoneName')?.value ?? '') ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * 3_600_000 + Number(minutes) * 60_000);
  } catch {
    return undefined;
  }
}

/** First time after an instant that a schedule came up, milliseconds since the epoch: searched back from the end. */
export function nextDue(
  schedule: CronSchedule,
  { afterMs, untilMs, offsetMs }: { readonly afterMs: number; readonly untilMs: number; readonly offsetMs: number },
): number | undefined {
  const lastMs = previousDue(schedule, untilMs, offsetMs);
  if (lastMs === undefined || lastMs <= afterMs) return undefined;
  const beforeMs = previousDue(schedule, lastMs - 60_000, offsetMs);
  const stepMs = beforeMs === undefined ? 0 : lastMs - beforeMs;
  if (stepMs <= 0 || beforeMs === undefined || beforeMs <= afterMs) return lastMs;
  // Even steps are counted; uneven schedules are walked back a bounded way.
  for (let at = lastMs, hops = 0; hops < 500; hops++) {
    const earlier = previousDue(schedule, at - 60_000, offsetMs);
    if (earlier === undefined || earlier <= afterMs) return at;
    at = earlier;
  }
  return afterMs + stepMs;
}
