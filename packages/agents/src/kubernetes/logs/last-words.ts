import { parseKubernetesItemId, readField } from '@tier0/core';
import { isClusterDns } from '../network/cluster-dns.ts';
import { containersOf, type PodView, restartsOf, terminationOf } from '../objects/pod-view.ts';
import { instantAt } from '../objects/read-object.ts';
import { revisionOf } from '../objects/revisions.ts';
import { changedFields } from '../objects/template-change.ts';
import { readingsOf } from './classify.ts';
import { CONSEQUENCE, DEMANDS, GIVES_UP, isComplaining, ORDINARY_END } from './complaint.ts';
import { INIT_ENDS, saidBy } from './facts.ts';
import { dnsRightMissing } from './log-access.ts';
import { serverNamed } from './log-dependency.ts';
import type { SignDraft } from './log-reading.ts';
import { badValue, variableSpokenOf } from './log-variable.ts';
import { isJustNow, shapeOf } from './pace.ts';
import { complaintsAbove, inQuotes, LINE_HEAD, quoteBelow } from './quote-lines.ts';
import type { LogEntry } from './read-log.ts';

/** What a container said, to be told where nothing more precise is known. */
export interface Words {
  readonly draft: SignDraft;
  readonly entry: LogEntry;
  readonly count: number;
}

/** The log of one container. */
export interface Said {
  readonly pod: PodView;
  readonly container: string;
  readonly entries: readonly LogEntry[];
}

/** Lines looked at from the end. */
const LAST = 12;

/** The last line by which a container that ended gives a reason; undefined when it gives none. */
export function lastWords({ pod, container, entries }: Said): Words | undefined {
  const view = containersOf(pod).find(({ name }) => name === container);
  const ended = view && terminationOf(view);
  if (view === undefined || (ended !== undefined && ended.exitCode === 0)) return undefined;
  if (ended === undefined && restartsOf(view) === 0) return repeatedWords({ pod, container, entries });
  const last = entries.slice(-LAST).filter(({ level, message }) => level !== 'info' && level !== 'debug' && !ORDINARY_END.test(message));
  const fatal = last.findLast(({ level }) => level === 'fatal');
  const spoken =
    fatal ??
    last.findLast(isComplaining) ??
    last.findLast(({ level, message }) => level === undefined && DEMANDS.test(message)) ??
    (ENDED_BY_OTHERS.has(ended?.exitCode) ? undefined : (lastWarning(entries) ?? lastSaid(last, ended !== undefined)));
  if (spoken === undefined) return undefined;
  const isDns = isClusterDns(pod);
  const changed = (changedFields({ pod, name: container, spec: view.spec }) ?? []).filter(
    (field) => field !== 'image' && !/Probe\b/.test(field),
  );
  const plain = view.isInit ? 'T0-LOG-078' : 'T0-LOG-033';
  const code = isDns ? 'T0-LOG-034' : changed.length > 0 ? 'T0-LOG-038' : plain;
  const since = isDns || changed.length === 0 ? '' : `, since its revision changed ${changed.join(', ')}`;
  const count = entries.filter(({ message }) => message === spoken.message).length;
  const above = CONSEQUENCE.test(spoken.message) ? saidAbove(entries, spoken) : complaintsAbove(entries, spoken);
  const told = withFirst(entries, spoken, above);
  const decisive = told.findLast(isComplaining) ?? told.at(-1) ?? spoken;
  const variable = isDns ? undefined : variableSpokenOf({ pod, container, message: decisive.message });
  if (variable !== undefined) return { draft: variable, entry: decisive, count };
  const before = told.length === 0 ? '' : `${inQuotes(told)}, then `;
  const quoted = `${before}${quoteBelow(entries, spoken)}`;
  if (code === 'T0-LOG-078') return { draft: { code, key: '', ...saidBy(INIT_ENDS, { said: quoted }) }, entry: spoken, count };
  return { draft: { code, key: '', text: `${quoted}, and ends${since}` }, entry: spoken, count };
}

/** The first error of a run tells what the later ones follow from. */
function withFirst(entries: readonly LogEntry[], spoken: LogEntry, above: readonly LogEntry[]): readonly LogEntry[] {
  const first = entries.find(
    (entry) =>
      (entry.level === 'error' || entry.level === 'fatal') &&
      /[a-z]{3} .*[a-z]{3}/i.test(entry.message.replace(LINE_HEAD, '')) &&
      !ORDINARY_END.test(entry.message),
  );
  if (first === undefined || entries.indexOf(first) >= entries.indexOf(spoken) || shapeOf(first.message) === shapeOf(spoken.message))
    return above;
  return above.some((entry) => shapeOf(entry.message) === shapeOf(first.message)) ? above : [first, ...above];
}

/** Exit codes of a container that was killed (137) or asked to end (143): what it said last need not be why. */
const ENDED_BY_OTHERS: ReadonlySet<number | undefined> = new Set([137, 143]);

/** A warning after which a program that ended by itself said nothing of its work any more. */
function lastWarning(entries: readonly LogEntry[]): LogEntry | undefined {
  const entry = entries.findLast(({ level }) => level !== undefined);
  return entry?.level === 'warn' && (GIVES_UP.test(entry.message) || DEMANDS.test(entry.message)) ? entry : undefined;
}

/** The very last line of a program that ended by itself with an error, where it is a sentence: it stopped over it. */
function lastSaid(last: readonly LogEntry[], isEnded: boolean): LogEntry | undefined {
  const entry = last.at(-1);
  return isEnded && entry !== undefined && entry.level === undefined && SENTENCE.test(entry.message) ? entry : undefined;
}

/** Five words in a row, at least. */
const SENTENCE = /(?:[A-Za-z'-]{2,}[,:;]? +){4,}[A-Za-z'-]{2,}/;

/**
 * What stands right above a line that is only a consequence: the complaints where the program gives its lines a level, else all that was
 * said. Frames and rules of characters are left out.
 */
function saidAbove(entries: readonly LogEntry[], entry: LogEntry): readonly LogEntry[] {
  const index = entries.indexOf(entry);
  const said = entries
    .slice(Math.max(0, index - LAST), index)
    .filter(({ message, level }) => /[a-z]{3}/i.test(message) && level !== 'info' && level !== 'debug' && !ORDINARY_END.test(message));
  const complaints = said.filter((line) => isComplaining(line) && !CONSEQUENCE.test(line.message));
  return complaints.some(({ level }) => level !== undefined) ? complaints : said;
}

/** How often a program must say what no rule knows, and how young its last saying must be, before anybody is told of it. */
const REPEATED = 5;
/** What calls itself fatal or critical needs to be said less often. */
const REPEATED_FATAL = 2;

/** The complaint that a running container repeats until now, with no word of success after it; undefined when there is none. */
export function repeatedWords({ pod, container, entries }: Said): Words | undefined {
  const view = containersOf(pod).find(({ name }) => name === container);
  const entry = entries.findLast(({ level }) => level === 'error' || level === 'fatal');
  if (view === undefined || entry === undefined || (!view.isInit && isBesideTrouble(pod, container))) return undefined;
  const isWaiting = view.isInit && isLastSaid(entries, entry);
  if (!isWaiting && !isJustNow(pod, entries, entry)) return undefined;
  const count = entries.filter(({ level, message }) => level === entry.level && shapeOf(message) === shapeOf(entry.message)).length;
  if (!isWaiting && count < (entry.level === 'fatal' ? REPEATED_FATAL : REPEATED)) return undefined;
  const reading = { pod, container, message: entry.message };
  const right =
    isClusterDns(pod) && /failed to watch|waiting for kubernetes api/i.test(entry.message) ? dnsRightMissing({ pod }) : undefined;
  const known = right ?? variableSpokenOf(reading);
  if (known !== undefined) return { draft: known, entry, count };
  const changed = (changedFields({ pod, name: container, spec: view.spec }) ?? []).filter(
    (field) => field !== 'image' && !/Probe\b/.test(field),
  );
  const code = changed.length > 0 ? 'T0-LOG-052' : 'T0-LOG-051';
  const service = serverNamed(reading, []);
  const suspects = service === undefined ? {} : { suspects: [service] };
  return { draft: { code, key: '', text: quoteBelow(entries, entry), ...suspects }, entry, count };
}

/** Nothing with a level or an instant of its own was said after it: whoever waits does so over this. */
function isLastSaid(entries: readonly LogEntry[], entry: LogEntry): boolean {
  return entries.slice(entries.indexOf(entry) + 1).every(({ level, atMs }) => level === undefined && atMs === undefined);
}

/** Where another container of the pod is in trouble, that comes first. */
function isBesideTrouble(pod: PodView, container: string): boolean {
  return containersOf(pod).some((other) => other.name !== container && !other.isInit && readField(other.status, ['ready']) !== true);
}

/** So often within its newest minute, and in nearly all that it says of its work, that nothing of it can succeed. */
const FAILING = 6;
const FAILING_SHARE = 0.9;
/** So often, where it began with what was changed: some of its work fails since. */
const FAILING_SINCE = 4;

/** What a ready program repeats, and whether it only limps. */
export interface Failing extends Words {
  readonly severity?: 'degraded' | undefined;
}

/**
 * The error that a ready program repeats: a fault where it is nearly all that it said of its work in its newest minute, or where its last revision
 * came with it; else it limps. Undefined where it is none of a team's own.
 */
export function failingWords({ pod, container, entries }: Said): Failing | undefined {
  const { namespace = '' } = parseKubernetesItemId(pod.id) ?? {};
  const entry = entries.findLast(({ level }) => level === 'error' || level === 'fatal');
  if (entry === undefined || /^kube-|-system$/.test(namespace) || !isJustNow(pod, entries, entry) || isHandledSomehow(entry))
    return undefined;
  if (isBesideTrouble(pod, container)) return undefined;
  // Lines without a level (access logs) tell of requests, not of how the work goes; what a sign knows has a trust of its own.
  const work = newestMinute(pod, entries).filter(({ message, level }) => level !== undefined && level !== 'debug' && !PROBED.test(message));
  if (readingsOf(entry.message).length > 0) return undefined;
  const same = work.filter(({ level, message }) => level === entry.level && shapeOf(message) === shapeOf(entry.message));
  const isAll = same.length >= FAILING && same.length >= FAILING_SHARE * work.length;
  const changed = isAll ? [] : changedLately(pod, container);
  const isSince = same.length >= FAILING_SINCE && changed.length > 0;
  if (!isAll && !isSince && same.length < FAILING) return undefined;
  const reading = { pod, container, message: entry.message };
  const service = serverNamed(reading, []);
  const suspects = service === undefined ? {} : { suspects: [service] };
  const since = isSince ? `, since its revision changed ${changed.join(', ')}` : '';
  const draft = variableSpokenOf(reading) ?? {
    code: isSince ? 'T0-LOG-052' : 'T0-LOG-051',
    key: '',
    text: `${quoteBelow(entries, entry)}${since}`,
    ...suspects,
  };
  return { draft, entry, count: same.length, ...(isAll || isSince ? {} : { severity: 'degraded' }) };
}

/** A revision older than this is what the program was well with. */
const LATELY_MS = 3_600_000;

/** What the last revision changed, where it came lately. */
function changedLately(pod: PodView, container: string): readonly string[] {
  const view = containersOf(pod).find(({ name }) => name === container);
  const madeMs = instantAt(pod.reader.object(revisionOf(pod) ?? ''), 'metadata', 'creationTimestamp');
  const isLate = madeMs !== undefined && Date.parse(pod.reader.at) - madeMs <= LATELY_MS;
  return view === undefined || !isLate ? [] : (changedFields(view) ?? []).filter((field) => !/Probe\b/.test(field));
}

const MINUTE_MS = 60_000;

/** What was said within the last minute; of a log without instants the last sixty lines. */
function newestMinute({ reader }: PodView, entries: readonly LogEntry[]): readonly LogEntry[] {
  const fromMs = Date.parse(reader.at) - MINUTE_MS;
  return entries.slice(-60).filter(({ atMs }) => atMs === undefined || atMs >= fromMs);
}

const PROBED = /kube-probe|\/(?:healthz?|readyz?|livez?|ping|metrics|actuator)\b/i;

/** A program that does without what it complains of says so. */
export function isHandledSomehow({ message }: LogEntry): boolean {
  return /\b(?:retry(?:ing)?|will try again|ignor(?:ed|ing)|skipp(?:ed|ing)|fall(?:s|ing)? ?back|optional|continu(?:e|es|ing)|without it|dropp(?:ed|ing)|buffer(?:ed|ing)|as expected)\b/i.test(
    message,
  );
}

/** How a server says that it turns a request away. */
const REJECTS =
  /\b(?:reject(?:ed|ing|s)?|refus(?:ed|ing)|den(?:ied|ying)|mismatch|not allowed|unauthori[sz]ed|forbidden|over (?:quota|limit)|limit (?:exceeded|reached)|invalid|expired|unknown (?:client|issuer|audience|key)|no such \w+|not found|does not exist|cannot (?:find|open|read|load))\b/i;
/** Said so often it is no single stranger. */
const REJECTED = 3;

/** What a server that is complained of says while it turns requests away; the system's own programs are not meant. */
export function rejectingWords({ pod, container, entries }: Said): Words | undefined {
  const entry = entries.findLast(({ level, message }) => (level === 'error' || level === 'warn') && REJECTS.test(message));
  if (entry === undefined || isClusterDns(pod) || !isJustNow(pod, entries, entry)) return undefined;
  const count = entries.filter(({ level, message }) => level === entry.level && shapeOf(message) === shapeOf(entry.message)).length;
  if (count < REJECTED) return undefined;
  const reading = { pod, container, message: entry.message };
  const quoted = [...entry.message.matchAll(/"([^"]{4,200})"|'([^']{4,200})'/g)].flatMap(([, one, other]) => one ?? other ?? []);
  const known = variableSpokenOf(reading) ?? quoted.flatMap((value) => badValue(reading, value))[0];
  const code = /\b(?:over|exceed\w*) (?:the )?(?:quota|(?:rate )?limit)|rate[- ]limit|too many requests/i.test(entry.message)
    ? 'T0-LOG-013'
    : 'T0-LOG-051';
  return { draft: known ?? { code, key: '', text: quoteBelow(entries, entry) }, entry, count };
}

/** The error that a server repeats while others complain of it: of several the gravest, and of equally grave ones the first of its burst. */
export function failingServer({ pod, container, entries }: Said): Words | undefined {
  if (isBesideTrouble(pod, container)) return undefined;
  const recent = newestMinute(pod, entries).filter(({ message }) => !PROBED.test(message));
  const grave = (['fatal', 'error'] as const).flatMap((level) => {
    const own = recent.filter((entry) => entry.level === level);
    return own.length < REJECTED ? [] : [own];
  })[0];
  const shapes = Map.groupBy(grave ?? [], ({ message }) => shapeOf(message));
  const [first] = [...shapes.values()].filter((same) => same.length >= REJECTED);
  const entry = first?.at(-1);
  if (first === undefined || entry === undefined || isClusterDns(pod) || isHandledSomehow(entry) || !isJustNow(pod, entries, entry))
    return undefined;
  const reading = { pod, container, message: entry.message };
  const draft = variableSpokenOf(reading) ?? { code: 'T0-LOG-051', key: '', text: quoteBelow(entries, entry) };
  return { draft, entry, count: first.length };
}
