import { formatDuration, parseFieldPath } from '@tier0/core';
import type { DiagnosisDocument, EditEntry, ImpactEntry, RemedyEntry, RootCauseEntry, SubjectReference } from './diagnosis-document.ts';
import { type EditLine, editDiff, editLineText } from './edit-diff.ts';

/** How words are set off; the identity where there is no colour. */
export interface TextStyle {
  /** Names and headings. */
  readonly strong: (text: string) => string;
  /** What may be read over. */
  readonly dim: (text: string) => string;
  /** What is broken. */
  readonly bad: (text: string) => string;
  /** What is well. */
  readonly good: (text: string) => string;
}

/** How the report is laid out. */
export interface TextOptions {
  readonly style: TextStyle;
  /** Columns of the terminal. */
  readonly width: number;
  /** Lists all degraded and hygiene findings. */
  readonly verbose: boolean;
}

const LABEL = 9;
/** What could not be looked at is listed up to here without `--verbose`. */
const UNKNOWNS_SHOWN = 5;
/** What is degraded is listed up to here without `--verbose`. */
const DEGRADED_SHOWN = 3;
/** Lines of one edit; a text of a hundred lines would push everything else off the screen. */
const EDIT_LINES = 40;

/** The report for a person at a terminal at night: root causes first, each with why, whom it hits and what to do. */
export function toDiagnosisText(document: DiagnosisDocument, options: TextOptions): string {
  const lines = [
    headline(document, options),
    ...document.rootCauses.flatMap((cause, index) => ['', ...causeLines(cause, index, document, options)]),
    ...advisoryLines(document, options),
    ...unknownLines(document, options),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function headline({ rootCauses, findings, unknowns, takenAt }: DiagnosisDocument, { style }: TextOptions): string {
  const at = style.dim(`as of ${takenAt.slice(0, 16).replace('T', ' ')} UTC`);
  const faults = findings.filter((finding) => finding.severity === 'fault').length;
  if (rootCauses.length > 0) {
    const explained = faults > rootCauses.length ? `, behind ${faults} findings` : '';
    return `${style.bad(style.strong(`${count(rootCauses.length, 'root cause')}${explained}`))}   ${at}`;
  }
  const degraded = findings.filter((finding) => finding.severity === 'degraded').length;
  if (degraded > 0) {
    const unseen = unknowns.length > 0 ? `, and ${count(unknowns.length, 'thing')} could not be looked at` : '';
    return `${style.strong(`nothing at fault was found, but ${count(degraded, 'thing')} may be worth a look${unseen}`)}   ${at}`;
  }
  if (unknowns.length > 0) {
    return `${style.strong(`nothing at fault was found, but ${count(unknowns.length, 'thing')} could not be looked at`)}   ${at}`;
  }
  return `${style.good(style.strong('healthy: nothing is at fault'))}   ${at}`;
}

function causeLines(cause: RootCauseEntry, index: number, document: DiagnosisDocument, options: TextOptions): readonly string[] {
  const { style } = options;
  const since = cause.since === undefined ? '' : `, since ${formatDuration(Date.parse(document.takenAt) - Date.parse(cause.since))}`;
  const sure = style.dim(`${Math.round(cause.confidence * 100)} % sure${since}`);
  return [
    `${style.strong(`${index + 1}  ${nameOf(cause.subject)}`)}  ${style.bad(cause.cause)}  ${sure}`,
    ...wrap(cause.message, 3, options),
    ...labelled('because', reasonOf(cause), options),
    ...(cause.path.length > 1 ? labelled('path', cause.path.map(nameOf).join(' -> '), options) : []),
    ...hits(cause.impact, cause.subject, options),
    ...(cause.owner === undefined ? [] : labelled('owner', cause.owner.replace(/^backstage:([^:]+):[^/]+\//, '$1 '), options)),
    ...cause.remedies.slice(0, 2).flatMap((remedy, at) => remedyLines(remedy, at === 0 ? 'fix' : 'or', options)),
  ];
}

/** What speaks for the cause besides its rule; the rule itself quotes the fault. */
function reasonOf({ basis, code }: RootCauseEntry): string {
  const further = basis.split(', ').filter((part) => part !== `rule ${code}`);
  return `${further.join(', ') || 'its rule saw the fault itself'} (${code})`;
}

function hits(impact: ImpactEntry, subject: SubjectReference, options: TextOptions): readonly string[] {
  const others = impact.reaches.filter((item) => nameOf(item) !== nameOf(subject));
  if (others.length === 0) return [];
  const names = others.slice(0, 4).map(nameOf).join(', ');
  const more = others.length > 4 ? ` and ${impact.truncated || others.length >= 19 ? 'more' : `${others.length - 4} more`}` : '';
  return labelled('hits', `${names}${more}`, options);
}

function remedyLines(remedy: RemedyEntry, label: string, options: TextOptions): readonly string[] {
  const { style } = options;
  const tried = triedOf(remedy, style);
  const edits = remedy.edits.flatMap((edit) => editLines(edit, style));
  if (remedy.kind === 'hand-over') return labelled(label, `${remedy.title} ${remedy.why}`, options);
  return [
    ...labelled(label, `${remedy.title} (${remedy.risk} risk)`, options).map((line, at, all) =>
      at === all.length - 1 ? `${line}${tried}` : line,
    ),
    ...edits,
    ...reservations(remedy).flatMap(([name, text]) => labelled(name, text, options)),
    ...labelled('verify', remedy.verify, options),
  ];
}

/** The field, and below it what a manifest would gain and lose. */
function editLines({ item, path, expectOld, value }: EditEntry, style: TextStyle): readonly string[] {
  const lines = editDiff({ path: parseFieldPath(path), before: expectOld, after: value });
  const more = lines.length - EDIT_LINES;
  return [
    ...indented(style.dim(`${nameOf(item)}  ${clean(path)}`), LABEL + 3),
    ...lines.slice(0, EDIT_LINES).flatMap((line) => indented(painted(line, style), LABEL + 3)),
    ...(more > 0 ? indented(style.dim(`and ${count(more, 'more line')}: -o json has them`), LABEL + 3) : []),
  ];
}

function painted(line: EditLine, style: TextStyle): string {
  const text = clean(editLineText(line));
  return line.change === 'added' ? style.good(text) : line.change === 'removed' ? style.bad(text) : style.dim(text);
}

/** "It works" is said only where the objects themselves show it. */
function triedOf({ rehearsal }: RemedyEntry, style: TextStyle): string {
  if (rehearsal === undefined) return '';
  if (rehearsal.verdict === 'cured') return style.good('  rehearsed: it works');
  if (rehearsal.beside !== undefined) return style.dim(`  rehearsed: nothing speaks against it once ${clean(rehearsal.beside)}`);
  return rehearsal.passed ? style.dim('  rehearsed: nothing speaks against it') : style.bad('  rehearsed: not shown to work');
}

/** What a rehearsal could not know or did not like, and what would still be wrong. */
function reservations({ rehearsal, remains }: RemedyEntry): readonly (readonly [string, string])[] {
  const granted = rehearsal?.reason.startsWith('taken for granted: ') === true;
  const said = rehearsal === undefined || rehearsal.verdict === 'cured' ? [] : [rehearsal.reason.replace('taken for granted: ', '')];
  return [
    ...said.map((text): readonly [string, string] => [granted ? 'granted' : 'but', text]),
    ...(remains === undefined ? [] : [['remains', remains] as const]),
  ];
}

/** What limps is shown, up to a few; advice about what is well waits for `--verbose`. */
function advisoryLines({ findings }: DiagnosisDocument, { style, verbose, width }: TextOptions): readonly string[] {
  const degraded = findings.filter((finding) => finding.severity === 'degraded');
  const advice = findings.filter((finding) => finding.severity === 'hygiene');
  const shown = verbose ? [...degraded, ...advice] : degraded.slice(0, DEGRADED_SHOWN);
  const left = degraded.length + advice.length - shown.length;
  const lines = shown.flatMap((finding) => wrap(`${nameOf(finding.subject)}: ${finding.message} (${finding.code})`, 3, { width }));
  return [
    ...(shown.length > 0 ? ['', style.strong('Not shown to be a fault, but worth a look'), ...lines] : []),
    ...(left > 0 ? ['', style.dim(`${count(left, 'remark')} about what is not broken: --verbose lists them`)] : []),
  ];
}

function unknownLines({ unknowns }: DiagnosisDocument, { style, verbose }: TextOptions): readonly string[] {
  if (unknowns.length === 0) return [];
  const shown = verbose ? unknowns : unknowns.slice(0, UNKNOWNS_SHOWN);
  const more = unknowns.length - shown.length;
  return [
    '',
    style.strong('Could not be looked at'),
    ...shown.map((line) => `   ${clean(line)}`),
    ...(more > 0 ? [style.dim(`   and ${more} more: --verbose lists them`)] : []),
  ];
}

function labelled(label: string, text: string, options: TextOptions): readonly string[] {
  const [first = '', ...rest] = wrap(text, LABEL + 3, options);
  return [`   ${options.style.dim(label.padEnd(LABEL))}${first.trimStart()}`, ...rest];
}

function indented(text: string, columns: number): readonly string[] {
  return [`${' '.repeat(columns)}${text}`];
}

/** Control characters from outside never reach the terminal. */
function clean(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}

/** Breaks between words. */
function wrap(text: string, indent: number, { width }: Pick<TextOptions, 'width'>): readonly string[] {
  const room = Math.max(40, Math.min(width, 120) - indent);
  const lines: string[] = [];
  let line = '';
  for (const word of clean(text).split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => `${' '.repeat(indent)}${one}`);
}

function nameOf({ kind, namespace, name }: SubjectReference): string {
  return clean(`${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`);
}

function count(number: number, noun: string): string {
  return `${number} ${number === 1 ? noun : `${noun}s`}`;
}
