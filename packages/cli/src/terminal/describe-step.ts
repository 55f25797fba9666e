import { editDiff, editLineText } from '@tier0/agents/report';
import {
  type FileEdit,
  formatFieldPath,
  formatItemId,
  type IncidentEntry,
  isProposed,
  type JsonValue,
  type StepName,
  type StepResults,
  standingRuleOf,
} from '@tier0/core';

/** What a step did, for people: one headline, and lines for those who want to know more. */
export interface StepDescription {
  /** Verb of the step in the field's words: `detect`, `diagnose`, `propose`. */
  readonly label: string;
  readonly headline: string;
  readonly details: readonly string[];
  /** How it reads at a glance. */
  readonly tone: 'plain' | 'good' | 'bad' | 'warn';
}

type Describe<Step extends StepName> = (result: StepResults[Step]) => StepDescription;

const DESCRIBE: { readonly [Step in StepName]: Describe<Step> } = {
  open: (result) => ({
    label: 'detect',
    headline: result.title,
    details: result.alerts.flatMap((alert) => alert.evidence.map((evidence) => `${evidence.id}  ${firstLine(evidence.excerpt)}`)),
    tone: 'warn',
  }),
  diagnose: ({ diagnosis }) => {
    const [first, ...others] = diagnosis.rootCauses;
    return {
      label: 'diagnose',
      headline: first ? `${first.cause}: ${first.message}` : 'no root cause was found',
      details: [
        ...(first ? [`confidence ${first.confidence.toFixed(2)}, ${first.basis}; evidence ${first.evidenceFor.join(', ')}`] : []),
        ...others.map(
          (other) =>
            `or ${other.cause} (${other.confidence.toFixed(2)})${other.evidenceAgainst.length > 0 ? `, against it ${other.evidenceAgainst.join(', ')}` : ''}: ${other.message}`,
        ),
        ...(diagnosis.narrative ? [`${diagnosis.narrative.model} adds: ${diagnosis.narrative.text}`] : []),
        ...diagnosis.unknowns.map(({ message }) => `not known: ${message}`),
      ],
      tone: first ? 'plain' : 'warn',
    };
  },
  remedy: ({ remedies }) => ({
    label: 'remedy',
    headline: remedies[0]?.title ?? 'nothing safe is known',
    details: remedies.slice(1).map((remedy) => `or: ${remedy.title}`),
    tone: remedies.length > 0 ? 'plain' : 'warn',
  }),
  locate: ({ located }) => {
    const found = located.find((remedy) => remedy.status === 'located');
    return {
      label: 'locate',
      headline:
        found?.status === 'located' ? [...new Set(found.edits.map((edit) => edit.file))].join(', ') : 'no file was found that declares it',
      details: located.flatMap((remedy) => (remedy.status === 'located' ? remedy.edits.flatMap(editInLines) : remedy.reasons)),
      tone: found ? 'plain' : 'warn',
    };
  },
  rehearse: ({ rehearsals, chosen }) => ({
    label: 'rehearse',
    headline:
      chosen === undefined
        ? 'no remedy passed on a copy of the cluster'
        : `passed on a copy of the cluster: ${rehearsals.at(-1)?.result.notes[0] ?? ''}`,
    details:
      chosen === undefined ? rehearsals.flatMap((rehearsal) => rehearsal.result.notes) : (rehearsals.at(-1)?.result.notes.slice(1) ?? []),
    tone: chosen === undefined ? 'warn' : 'plain',
  }),
  gate: ({ proposal, gate }) => ({
    label: 'gate',
    headline: gate.decision.reasons.join('; '),
    details: [
      `risk ${proposal.risk.level} (${proposal.risk.score} of 100): ${proposal.risk.factors.map((factor) => factor.reason).join(', ')}`,
      ...gate.checks.filter((check) => !check.passed).map((check) => `${check.name} failed: ${check.detail}`),
      ...gate.trust,
      ...(proposal.expiresAt
        ? [`taken back on ${proposal.expiresAt.slice(0, 16).replace('T', ' ')} UTC unless the follow-up is closed as fixed`]
        : []),
      `wrong if: ${proposal.disproof}`,
    ],
    tone: gate.decision.effect === 'deny' ? 'bad' : 'plain',
  }),
  'follow-up': ({ ticket }) => ({
    label: 'follow-up',
    headline: ticket ? `opened ${ticket} for the lasting fix` : 'none needed',
    details: [],
    tone: 'plain',
  }),
  propose: ({ result }) => ({
    label: 'propose',
    headline: isProposed(result)
      ? `pull request #${result.pullRequest.number}: ${result.pullRequest.title}`
      : `no pull request: ${result.reason}`,
    details: isProposed(result) ? [result.pullRequest.url, ...diffLines(result.diff)] : [],
    tone: isProposed(result) ? 'plain' : 'warn',
  }),
  decide: (result) => describeDecision('approve', result),
  reconcile: (result) => ({ label: 'reconcile', headline: result.message, details: [], tone: result.status === 'live' ? 'plain' : 'bad' }),
  verify: ({ outcome }) => ({
    label: 'verify',
    headline: outcome.reasons[0] ?? '',
    details: [...outcome.reasons.slice(1), ...outcome.regressions.map((regression) => `worse than before: ${regression}`)],
    tone: outcome.resolved && outcome.regressions.length === 0 ? 'good' : 'bad',
  }),
  revert: ({ result }) => ({
    label: 'revert',
    headline: isProposed(result)
      ? `pull request #${result.pullRequest.number}: ${result.pullRequest.title}`
      : `no revert: ${result.reason}`,
    details: isProposed(result) ? diffLines(result.diff) : [],
    tone: 'warn',
  }),
  'decide-revert': (result) => describeDecision('approve', result),
  'reconcile-revert': (result) => ({
    label: 'reconcile',
    headline: result.message,
    details: [],
    tone: result.status === 'live' ? 'plain' : 'bad',
  }),
  learn: (result) => ({
    label: 'learn',
    headline: result.pattern ? `pattern ${result.pattern}: ${result.trackRecord}` : 'no pattern took part',
    details: [],
    tone: 'plain',
  }),
  'hand-over': (result) => ({ label: 'hand over', headline: result.reason, details: [`ticket ${result.ticket}`], tone: 'warn' }),
  close: (result) => ({ label: result.status, headline: result.reason, details: [], tone: result.status === 'resolved' ? 'good' : 'warn' }),
};

/** Describes a step that is done. */
export function describeStep(entry: Extract<IncidentEntry, { readonly phase: 'done' }>): StepDescription {
  const describe = DESCRIBE[entry.step] as Describe<StepName>;
  return describe(entry.result as StepResults[StepName]);
}

function describeDecision(label: string, result: StepResults['decide']): StepDescription {
  if (result.status !== 'merged') return { label, headline: result.reason, details: [], tone: 'warn' };
  const rule = result.approvals.map(standingRuleOf).find(Boolean);
  const who = result.approvals.map((approval) => approval.approver).join(' and ');
  return {
    label,
    headline: rule
      ? `standing rule ${rule.id} approved, the forge merged ${result.commit.slice(0, 8)}`
      : who
        ? `${who} approved, the forge merged ${result.commit.slice(0, 8)}`
        : `${result.commit.slice(0, 8)} was merged, but no approval that counts is on record`,
    details: result.approvals.flatMap((approval) => (approval.reason ? [approval.reason] : [])),
    tone: 'plain',
  };
}

/** The changed lines of a unified diff, with their file. */
export function diffLines(diff: string): readonly string[] {
  return diff.split('\n').filter((line) => /^[+-](?![+-]{2} )/.test(line));
}

/** Plain values on one line; what has parts as its manifest changes. */
function editInLines({ path, expectOld: before, value: after }: FileEdit): readonly string[] {
  const field = formatFieldPath(path);
  if (!hasParts(before) && !hasParts(after)) return [`${field}: ${before ?? '(none)'} -> ${after ?? '(none)'}`];
  return [field, ...editDiff({ path, before, after }).map(editLineText)];
}

/** Whether a value takes more than a line to write. */
function hasParts(value: JsonValue | undefined): boolean {
  return (typeof value === 'object' && value !== null) || (typeof value === 'string' && value.includes('\n'));
}

function firstLine(text: string): string {
  const line = text.split('\n')[0] ?? '';
  return line.length > 110 ? `${line.slice(0, 109)}…` : line;
}

/** Items an incident is about, as people say them. */
export function describeItems(items: readonly string[]): string {
  return items.map(formatItemId).join(', ');
}
