import { MATTERS, rehearseEdits, rehearseRemedy } from '@tier0/agents';
import {
  assessRisk,
  type CallContext,
  type CmdbReader,
  type Evidence,
  type FileEdit,
  type Finding,
  type Forge,
  formatFieldPath,
  type GateReport,
  type ItemEdit,
  makeEvidence,
  type ProposalContent,
  type PullRequest,
  type RehearsalResult,
  type Remedy,
  sealProposal,
  toTimestamp,
  widestRadius,
} from '@tier0/core';
import {
  createGate,
  createHelmRenderer,
  createKubectlRenderer,
  createLocalForge,
  createLocator,
  createProposalWriter,
  GATE_STATUS,
  type Mirror,
} from '@tier0/gitops';

const DAY_MS = 86_400_000;

/** A change that shall be proposed: a remedy of a diagnosis, or a person's wish in the shape of one. */
export interface ProposeInput {
  readonly mirror: Mirror;
  readonly reader: CmdbReader;
  readonly remedy: Remedy;
  /** The finding that the remedy answers; undefined for a wish, which answers none. */
  readonly finding?: Finding | undefined;
  /** Account that proposes; it can never approve. */
  readonly author: string;
  /** Why, in the words that reviewers read. */
  readonly why: string;
  /** Branch the cluster is reconciled from. */
  readonly branch: string;
  /** Folder of the repository that declares this cluster. Default: all of it. */
  readonly path?: string | undefined;
  /** Show what would be written, and write nothing. */
  readonly dryRun: boolean;
  /** Default: the local forge of the repository. */
  readonly forge?: Forge | undefined;
}

/** What became of it. */
export type ProposeOutcome =
  /** A file that declares the field was not found, or not for certain. */
  | { readonly status: 'not-located'; readonly reason: string }
  | {
      readonly status: 'preview' | 'proposed' | 'refused';
      /** Where each edit stands in the repository, and why there. */
      readonly places: readonly { readonly file: string; readonly reason: string }[];
      readonly rehearsal: RehearsalResult;
      readonly gate: GateReport;
      readonly diff?: string | undefined;
      readonly pullRequest?: PullRequest | undefined;
      /** How the pull request came to be: `created`, `adopted`, `updated`; or why there is none. */
      readonly detail: string;
    };

/** Locates the edits in Git, rehearses them, asks the gate, and opens a pull request. Doing it again finds the same pull request. */
export async function propose(input: ProposeInput, context: CallContext): Promise<ProposeOutcome> {
  const { mirror, reader, remedy } = input;
  const located = await locateAll(input, context);
  if (located.edits === undefined) return { status: 'not-located', reason: located.reason };
  const content = contentOf(input, located.edits, context);
  const rehearsal = rehearsalOf(input);
  const gate = await createGate({ mirror }).assess({ proposal: content, remedy, rehearsal, reader }, context);
  const proposal = sealProposal(content);
  const forge = input.forge ?? createLocalForge({ mirror });
  const writer = createProposalWriter({ mirror, forge });
  const said = { places: located.places, rehearsal, gate };
  const result = input.dryRun ? await writer.preview(proposal, context) : await writer.propose({ proposal, gate }, context);
  const diff = 'diff' in result ? { diff: result.diff } : {};
  if ('pullRequest' in result) {
    await sayReady(forge, { gate, pullRequest: result.pullRequest }, context);
    return { status: 'proposed', ...said, ...diff, pullRequest: result.pullRequest, detail: result.status };
  }
  if (result.status === 'preview') return { status: 'preview', ...said, ...diff, detail: 'nothing was written' };
  return { status: 'refused', ...said, ...diff, detail: `${result.status}: ${result.reason}` };
}

/** One approval of an owner is what the local forge itself asks for: then nothing is left to count. */
async function sayReady(
  forge: Forge,
  { gate, pullRequest }: { readonly gate: GateReport; readonly pullRequest: PullRequest },
  context: CallContext,
): Promise<void> {
  if (gate.decision.requiredApprovals > 1) return;
  const status = { context: GATE_STATUS, state: 'success', description: 'The gate agrees; an owner decides.' } as const;
  await forge.status(pullRequest.headCommit, status, context);
}

async function locateAll(input: ProposeInput, context: CallContext) {
  const { mirror, reader, remedy } = input;
  const locator = createLocator({
    mirror,
    branch: input.branch,
    path: input.path,
    renderer: createKubectlRenderer(),
    chartRenderer: createHelmRenderer(),
  });
  const edits: FileEdit[] = [];
  const places: { file: string; reason: string }[] = [];
  for (const edit of remedy.edits) {
    const location = await locator.locate({ edit, reader }, context);
    if (location.status !== 'found') return { edits: undefined, places: [], reason: location.reason };
    edits.push(location.edit);
    places.push({ file: location.edit.file, reason: location.reason });
  }
  return { edits, places, reason: '' };
}

function rehearsalOf({ reader, remedy, finding }: ProposeInput): RehearsalResult {
  return finding === undefined
    ? rehearseEdits(MATTERS, reader, remedy.edits)
    : rehearseRemedy({ matters: MATTERS, reader, remedy, finding });
}

function contentOf(input: ProposeInput, edits: readonly FileEdit[], context: CallContext): ProposalContent {
  const { mirror, reader, remedy, author, why, branch } = input;
  // The day, so that the same change proposed twice is the same proposal.
  const dayMs = Math.floor(context.now() / DAY_MS) * DAY_MS;
  const blastRadius = widestRadius(remedy, reader);
  const reversible = remedy.edits.every((edit) => edit.expectOld !== undefined || edit.value !== undefined);
  return {
    incident: `${input.finding === undefined ? 'wish' : 'finding'}-${new Date(dayMs).toISOString().slice(0, 10)}`,
    title: remedy.title,
    author,
    repository: mirror.url,
    baseBranch: branch,
    edits,
    why,
    evidence: evidenceOf(input, dayMs),
    risk: assessRisk({ edits: remedy.edits, blastRadius, production: true, temporary: false, reversible }),
    blastRadius,
    rollback: remedy.rollback,
    disproof: remedy.disproof,
    owner: reader.owner(remedy.subject)?.team,
    createdAt: toTimestamp(dayMs),
  };
}

function evidenceOf({ remedy, finding, author }: ProposeInput, dayMs: number): readonly Evidence[] {
  if (finding !== undefined && finding.evidence.length > 0) return finding.evidence;
  return remedy.edits.map((edit) => wished(edit, author, dayMs));
}

function wished({ item, fieldPath, expectOld }: ItemEdit, author: string, dayMs: number): Evidence {
  const field = formatFieldPath(fieldPath);
  const text = `${field} is ${JSON.stringify(expectOld) ?? 'not set'}; ${author} asks for the change`;
  return makeEvidence({ source: 'cmdb', query: `${item} ${field}`, fromMs: dayMs, toMs: dayMs, text });
}
