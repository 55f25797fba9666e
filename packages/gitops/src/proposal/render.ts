import {
  affectedWorkloads,
  type ChangeProposal,
  type Evidence,
  type FileEdit,
  formatFieldPath,
  type JsonValue,
  type PolicyDecision,
  reachInWords,
} from '@tier0/core';
import { proposalKey } from '../governance/key.ts';
import { code, codeBlock, inline } from '../governance/markdown.ts';
import { renderMarker } from '../governance/marker.ts';
import { fieldsOf } from './field-set.ts';

/** Lines of one piece of evidence that are quoted; the rest is found by its id. */
const EXCERPT_LINES = 12;
/** Items of the blast radius that are listed. */
const LISTED_ITEMS = 10;

/** The body of a pull request, for the person who decides. Text from logs and names is quoted so that it cannot be anything but text. */
export function renderBody(proposal: ChangeProposal, decision: PolicyDecision): string {
  const sections = [
    inline(proposal.why),
    section('Change', proposal.edits.map(editLine)),
    section('Who decides', decisionLines(proposal, decision)),
    section('Evidence', proposal.evidence.flatMap(evidenceLines)),
    section(`Risk: ${proposal.risk.level} (${proposal.risk.score} of 100)`, riskLines(proposal)),
    section('What it can reach', reachLines(proposal)),
    section('Way back', [inline(proposal.rollback), ...expiryLines(proposal)]),
    section('What would prove it wrong', [inline(proposal.disproof)]),
    `Incident ${code(proposal.incident)}. Approvals hold for exactly this content (${code(proposal.digest.slice(0, 12))}); any change voids them.`,
    renderMarker({ key: proposalKey(proposal), digest: proposal.digest, fields: fieldsOf(proposal) }),
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `### ${title}\n\n${lines.join('\n').trim()}`;
}

function editLine(edit: FileEdit): string {
  return `- ${code(edit.file)}: ${code(formatFieldPath(edit.path))} from ${shown(edit.expectOld)} to ${shown(edit.value)}`;
}

function shown(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return code(text.length > 200 ? `${text.slice(0, 200)}...` : text);
}

function decisionLines(proposal: ChangeProposal, decision: PolicyDecision): readonly string[] {
  const needed = decision.requiredApprovals;
  const group = decision.approverGroup ? ` from ${code(decision.approverGroup)}` : '';
  const who =
    needed === 0
      ? '- The policy asks for no approval.'
      : `- Needs ${needed} approval${needed === 1 ? '' : 's'}${group}; ${code(proposal.author)} cannot approve.`;
  return [who, ...decision.reasons.map((reason) => `- ${inline(reason)}`)];
}

function evidenceLines(evidence: Evidence): readonly string[] {
  const lines = evidence.excerpt.split('\n');
  const rest = lines.length - EXCERPT_LINES;
  const excerpt = lines.slice(0, EXCERPT_LINES).join('\n') + (rest > 0 ? `\n(${rest} more lines)` : '');
  return [`**${inline(evidence.id)}** ${inline(evidence.source)}: ${code(evidence.query)}`, '', codeBlock(excerpt, 'text'), ''];
}

function riskLines(proposal: ChangeProposal): readonly string[] {
  const { factors } = proposal.risk;
  return factors.length > 0 ? factors.map(factorLine) : ['No factor was found that makes it risky.'];
}

function factorLine(factor: ChangeProposal['risk']['factors'][number]): string {
  return `- ${factor.points > 0 ? '+' : ''}${factor.points} ${inline(factor.name)}: ${inline(factor.reason)}`;
}

/** Workloads are counted, and come first; services, pods and catalog entries tell of the same harm again. */
function reachLines({ blastRadius }: ChangeProposal): readonly string[] {
  const { items, truncated, subject } = blastRadius;
  const counted = new Set(affectedWorkloads(blastRadius));
  const sorted = [...items.filter(({ item }) => counted.has(item)), ...items.filter(({ item }) => !counted.has(item))];
  const listed = sorted.slice(0, LISTED_ITEMS).map(({ item, distance }) => `- ${code(item)} (${distance} away)`);
  const more = items.length > LISTED_ITEMS ? ['- and further items'] : [];
  const bound = truncated ? ['- The walk stopped at its bound: more may be reached.'] : [];
  return [`From ${code(subject)}, ${reachInWords(blastRadius)} can be affected.`, '', ...listed, ...more, ...bound];
}

function expiryLines(proposal: ChangeProposal): readonly string[] {
  if (!proposal.expiresAt) return [];
  const followUp = proposal.followUp ? ` unless ${code(proposal.followUp)} is fixed` : '';
  return ['', `This is a loan: it is taken back at ${code(proposal.expiresAt)}${followUp}.`];
}

/** The body of a pull request that takes a merged change back. */
export function renderRevertBody(request: {
  readonly proposal: ChangeProposal;
  readonly mergeCommit: string;
  readonly reason: string;
  readonly key: string;
}): string {
  const { proposal, mergeCommit, reason, key } = request;
  const files = [...new Set(proposal.edits.map((edit) => edit.file))].map((file) => `- ${code(file)}`);
  const sections = [
    `Takes back ${code(mergeCommit.slice(0, 12))}: ${inline(proposal.title)}.`,
    inline(reason),
    section('Restored to the bytes before the change', files),
    `Incident ${code(proposal.incident)}.`,
    renderMarker({ key, digest: proposal.digest, fields: fieldsOf(proposal) }),
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}
