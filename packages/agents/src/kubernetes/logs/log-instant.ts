/** Where an instant stands, if a line has one, and where in an access log. */
const HEAD = 40;
const ACCESS_HEAD = 120;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH = '(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const CLOCK = String.raw`(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?`;
const ZONE = String.raw`(?:\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)\b)?`;

/** ISO 8601 and RFC 3339; with slashes as Go and nginx write it. */
const YEAR_FIRST = new RegExp(String.raw`(?<![\d.])(\d{4})[-/](\d\d)[-/](\d\d)(?:[T ]{1,2}| - )${CLOCK}${ZONE}`);
/** Redis, PHP, Tomcat. */
const DAY_FIRST = new RegExp(String.raw`(?<!\d)(\d{1,2})[- ]${MONTH}[- ](\d{4})[ :]${CLOCK}${ZONE}`);
/** NCSA: `[01/Dec/2026:01:24:34 +0000]`. */
const ACCESS = new RegExp(String.raw`\[(\d{1,2})/${MONTH}/(\d{4}):${CLOCK}${ZONE}`);
/** RFC 3164, and with the year behind it as Apache writes it. */
const MONTH_FIRST = new RegExp(String.raw`\b${MONTH} {1,2}(\d{1,2}) ${CLOCK}(?: (\d{4}))?`);
/** Header of k8s.io/klog, which has no year. */
const KLOG = new RegExp(String.raw`^[IWEF](\d\d)(\d\d) ${CLOCK}`);
/** A time of day at the head of the line. */
const CLOCK_ONLY = new RegExp(String.raw`^[\[(]?${CLOCK}\b`);

/** A clock may go before the one of the cluster by this much; an instant without a zone that lies later is of another zone. */
const AHEAD_MS = 120_000;
const DAY_MS = 86_400_000;

/**
 * The instant at the head of a line of a log, milliseconds since the epoch; UTC where it names no zone, as containers have it. A year or a day
 * that is not written is taken from `nowMs`, the latest that is not in the future; undefined without it, and where there is no instant.
 */
export function instantAtHead(line: string, nowMs?: number | undefined): number | undefined {
  const head = line.slice(0, HEAD + CLOCK_LENGTH);
  const found = yearFirst(head) ?? dayFirst(DAY_FIRST.exec(head)) ?? dayFirst(ACCESS.exec(line.slice(0, ACCESS_HEAD)));
  if (found !== undefined) return found.hasZone || nowMs === undefined || found.atMs <= nowMs + AHEAD_MS ? found.atMs : undefined;
  return withoutYear(line, nowMs);
}

/** Characters of the longest form. */
const CLOCK_LENGTH = 36;

interface Found {
  readonly atMs: number;
  readonly hasZone: boolean;
}

function yearFirst(head: string): Found | undefined {
  const match = YEAR_FIRST.exec(head);
  if (match === null || match.index > HEAD) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  return toInstant([Number(year), Number(month) - 1, Number(day)], [hour, minute, second, fraction], zone);
}

function dayFirst(match: RegExpExecArray | null): Found | undefined {
  if (match === null) return undefined;
  const [, day, month = '', year, hour, minute, second, fraction, zone] = match;
  return toInstant([Number(year), MONTHS.indexOf(month.toLowerCase()), Number(day)], [hour, minute, second, fraction], zone);
}

type Clock = readonly (string | undefined)[];

function toInstant([year, month, day]: readonly [number, number, number], clock: Clock, zone: string | undefined): Found | undefined {
  const atMs = Date.UTC(year, month, day) + clockMs(clock) - zoneMs(zone);
  return Number.isNaN(atMs) ? undefined : { atMs, hasZone: zone !== undefined };
}

function clockMs([hour, minute, second, fraction = '']: Clock): number {
  return (Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1000 + Number(`${fraction}000`.slice(0, 3));
}

function zoneMs(zone: string | undefined): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone ?? '') ?? [];
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

function withoutYear(line: string, nowMs: number | undefined): number | undefined {
  const klog = KLOG.exec(line);
  if (klog !== null) return latestOf([Number(klog[1]) - 1, Number(klog[2])], klog.slice(3), nowMs);
  const named = MONTH_FIRST.exec(line.slice(0, HEAD));
  if (named !== null) {
    const [, month = '', day, hour, minute, second, fraction, year] = named;
    const date = [MONTHS.indexOf(month.toLowerCase()), Number(day)] as const;
    const clock = [hour, minute, second, fraction];
    return year === undefined ? latestOf(date, clock, nowMs) : toInstant([Number(year), ...date], clock, undefined)?.atMs;
  }
  const clock = CLOCK_ONLY.exec(line);
  if (clock === null || nowMs === undefined) return undefined;
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS + clockMs(clock.slice(1));
  return today <= nowMs + AHEAD_MS ? today : today - DAY_MS;
}

/** The latest year in which a day and a time are not in the future. */
function latestOf([month, day]: readonly [number, number], clock: Clock, nowMs: number | undefined): number | undefined {
  if (nowMs === undefined || month < 0 || month > 11) return undefined;
  const year = new Date(nowMs).getUTCFullYear();
  const thisYear = Date.UTC(year, month, day) + clockMs(clock);
  return thisYear <= nowMs + AHEAD_MS ? thisYear : Date.UTC(year - 1, month, day) + clockMs(clock);
}
