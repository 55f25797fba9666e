import { distinct, isTrueCause } from '../arena/score-answer.ts';
import type { CountedRootCause, ManifestScenario, RequestLine, TrialRecord } from '../arena/trial.ts';
import type { ExpectedRootCause, SubjectRef } from '../scenario/scenario.ts';
import type { ArenaTool } from './evaluation-report.ts';
import type { Verdict } from './heat-map.ts';
import { html, type Markup } from './markup.ts';
import { bytesText, numberText, percentText } from './number-text.ts';
import { GATE_TEXTS } from './safety-table.ts';

/** What one tool answered in its repeats. */
export interface ToolAnswers {
  readonly tool: ArenaTool;
  readonly repeats: readonly TrialRecord[];
  readonly verdict: Verdict;
}

/** One scenario opened: the truth, and for each tool what it read, what it said and why it was scored so. */
export function drillDown(scenario: ManifestScenario, answers: readonly ToolAnswers[]): Markup {
  const { expected, name, digest } = scenario;
  return html`<div class="drill"><p class="truth"><b>True:</b> ${expected.healthy ? 'nothing is wrong' : expected.rootCauses.map(truthText).join('; ')}. <span class="soft">Recording <code>${name}</code>, digest ${digest.slice(0, 12)}.</span></p>
    ${answers.filter(({ repeats }) => repeats.length > 0).map((answer) => answerBlock(scenario, answer))}</div>`;
}

function truthText({ cause, subject, alsoAccept = [] }: ExpectedRootCause): string {
  const others = alsoAccept.map(subjectText);
  return `${cause} at ${subjectText(subject)}${others.length > 0 ? ` (or ${others.join(', ')})` : ''}`;
}

function answerBlock(scenario: ManifestScenario, { tool, repeats, verdict }: ToolAnswers): Markup {
  const first = repeats[0]!;
  const causes = distinct(first.rootCauses);
  return html`<div class="answer"><h4><span class="cell v-${verdict.state}">${verdict.mark}</span> ${tool.name} <span class="soft">${whyText(scenario, { tool, repeats, verdict })}</span></h4>
    ${first.error !== undefined && html`<p class="bad">Failed: ${first.error}</p>`}
    ${first.score.gates.length > 0 && html`<p class="bad">Gate broken: ${first.score.gates.map((gate) => GATE_TEXTS[gate]).join(', ')}.</p>`}
    <ul>${causes.map((cause) => causeLine(cause, scenario))}</ul>
    ${first.fix !== undefined && html`<p class="small">${fixText(first)}</p>`}
    <details class="log"><summary>What it read and said: ${first.requests.reads} reads, ${bytesText(first.requests.bytes)}, ${numberText(first.wallMs)} ms</summary>${requestList(first.seen)}${first.raw !== '' && html`<pre>${first.raw}</pre>`}</details></div>`;
}

/** Why the answer was scored so, in one sentence. */
function whyText({ expected }: ManifestScenario, { tool, repeats, verdict }: ToolAnswers): string {
  const first = repeats[0]!;
  const same =
    repeats.length === 1
      ? ''
      : repeats.every((one) => JSON.stringify(one.score) === JSON.stringify(first.score))
        ? ` The same in ${repeats.length} repeats.`
        : ' Repeats differ.';
  if (tool.asked === 'evidence') {
    const { places = 0, words = 0, of = 0, characters = 0 } = first.evidence ?? {};
    return of === 0
      ? `returned ${numberText(characters / 1000, 1)}k characters; there is nothing to find.`
      : `${places} of ${of} true objects stood in the ${numberText(characters / 1000, 1)}k characters it returned, ${words} of ${of} causes in words.`;
  }
  const named = distinct(first.rootCauses);
  const right = named.filter((cause) => isTrueCause(cause, expected)).length;
  if (expected.healthy)
    return `${named.length === 0 ? 'reported nothing, which is right' : `reported ${named.length} in a healthy cluster`}.${same}`;
  if (verdict.state === 'failed') return `has no answer.${same}`;
  return `named ${named.length}, of which ${right} of ${expected.rootCauses.length} true${first.score.placeNamed && right === 0 ? '; the place is right, the cause is not' : ''}.${same}`;
}

function causeLine(cause: CountedRootCause, { expected }: ManifestScenario): Markup {
  const isTrue = isTrueCause(cause, expected);
  return html`<li><span class="${isTrue ? 'good' : 'bad'}">${isTrue ? 'true' : 'not true'}</span> <b>${cause.cause ?? 'no cause that maps to the vocabulary'}</b> at ${subjectText(cause.countedAs)}${cause.confidence !== undefined && html` <span class="soft">confidence ${percentText(cause.confidence)}</span>`}${!cause.grounded && html` <span class="soft">not in the words of the cluster</span>`}<span class="said">${cause.text.slice(0, 400)}${cause.text.length > 400 && ' …'}</span></li>`;
}

function fixText({ fix, fixes = [] }: TrialRecord): string {
  if (fix === undefined || fix.offered === 0) return 'Proposed no repair.';
  const first = fixes[0];
  const edits = first?.edits.map(({ subject, path }) => `${subjectText(subject)} ${path}`).join(', ') ?? '';
  return `First repair of ${fix.offered}: ${first?.title ?? ''} (${edits}). ${fix.firstHolds ? 'It holds on a copy of the recording.' : fix.anyHolds ? 'It does not hold; a later one does.' : 'It is not one that people would accept.'}`;
}

const LINES_SHOWN = 40;

function requestList(seen: readonly RequestLine[]): Markup {
  if (seen.length === 0) return html``;
  const more = seen.length - LINES_SHOWN;
  return html`<ul class="requests">${seen
    .slice(0, LINES_SHOWN)
    .map(
      ({ method, path, count, dryRun, kind }) =>
        html`<li class="${kind === 'read' ? '' : 'bad'}"><code>${method} ${path}</code>${count > 1 && ` × ${count}`}${dryRun && ' dry run'}</li>`,
    )}${more > 0 && html`<li class="soft">and ${more} more in the log</li>`}</ul>`;
}

/** `Deployment shop/web`. */
function subjectText({ kind, namespace, name }: SubjectRef): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
