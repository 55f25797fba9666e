import { MATTERS, rehearseEdits } from '@tier0/agents';
import {
  assessRisk,
  type CallContext,
  type CmdbReader,
  type FileEdit,
  formatFieldPath,
  formatItemId,
  type GateReport,
  type ItemEdit,
  makeEvidence,
  type ProposalContent,
  parseFieldPath,
  type Remedy,
  sealProposal,
  Tier0Error,
  toTimestamp,
} from '@tier0/core';
import {
  createGate,
  createKubectlRenderer,
  createLocalForge,
  createLocator,
  createProposalWriter,
  GATE_STATUS,
  type Mirror,
} from '@tier0/gitops';
import type { Environment } from '../environment.ts';
import { itemId, liveValue, readLive, refuseCredentials, toValue, withMirror } from '../world/live-item.ts';
import { type Command, parseOptions } from './command.ts';

/** `tier0 propose ITEM FIELD VALUE`: a person's wish, on the same way as a remedy. */
export const propose: Command = {
  name: 'propose',
  summary: 'open a pull request that changes one field of a live object',
  usage: `Usage: pnpm tier0 propose ITEM FIELD VALUE --repository URL (--manifests DIR | --kubeconfig FILE) --as ACCOUNT --why TEXT [options]

Finds the file that declares the field, tries the change on a copy of the cluster, asks the gate, and opens a pull request on the local
forge of the repository. Doing it again finds the same pull request. People decide with "pnpm tier0 pr"; nobody approves their own.
ITEM is KIND/NAMESPACE/NAME or an item id; FIELD is a path like spec.replicas or spec.template.spec.containers[name=web].image.

  --repository URL     Git repository: a path, file:// or http(s) URL
  --branch NAME        branch the cluster is reconciled from                  (main)
  --path FOLDER        folder of the repository that declares this cluster
  --manifests DIR      live objects as files, e.g. from "kubectl get -o yaml"
  --kubeconfig FILE    live objects from a cluster; needs get and list only
  --cluster NAME       name of the cluster in item ids                        (cluster)
  --as ACCOUNT         who proposes
  --why TEXT           why; reviewers read it
  --dry-run            show the diff and what the gate says, write nothing

Exit code: 0 proposed (or shown), 1 denied, refused or nothing to change, 2 could not look.
Example: pnpm tier0 propose Deployment/shop/web spec.replicas 3 --repository ./fleet --manifests ./live --as ann --why "launch day" --dry-run`,
  async run(args, environment) {
    const { values, positionals } = parseOptions('propose', args, {
      repository: { type: 'string' },
      branch: { type: 'string', default: 'main' },
      path: { type: 'string' },
      manifests: { type: 'string' },
      kubeconfig: { type: 'string' },
      cluster: { type: 'string', default: 'cluster' },
      as: { type: 'string' },
      why: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
    });
    const [item, field, value] = positionals;
    const { repository, as: author, why } = values;
    if (!item || !field || value === undefined || positionals.length > 3 || !repository || !author || !why) {
      throw new Tier0Error({
        code: 'INVALID_INPUT',
        message: 'Which field of which item shall become what, where, by whom and why?',
        hint: 'Give ITEM FIELD VALUE, --repository, --as and --why; "pnpm tier0 propose --help" shows an example.',
      });
    }
    refuseCredentials(repository);
    const context = { signal: environment.signal, now: () => Date.now() };
    const reader = await readLive(values, context);
    const fieldPath = parseFieldPath(field);
    const id = itemId(item, values.cluster);
    const expectOld = liveValue(reader, id, fieldPath);
    const edit: ItemEdit = { item: id, fieldPath, value: toValue(value, expectOld), ...(expectOld === undefined ? {} : { expectOld }) };
    const wish = { edit, author, why, branch: values.branch, path: values.path, dryRun: values['dry-run'] };
    return withMirror(repository, environment, (mirror) => carry({ ...wish, mirror, reader }, environment, context));
  },
};

const DAY_MS = 86_400_000;

interface Wish {
  readonly edit: ItemEdit;
  readonly author: string;
  readonly why: string;
  readonly branch: string;
  readonly path: string | undefined;
  readonly dryRun: boolean;
  readonly mirror: Mirror;
  readonly reader: CmdbReader;
}

async function carry(wish: Wish, { terminal }: Environment, context: CallContext): Promise<number> {
  const { mirror, reader, edit } = wish;
  const locator = createLocator({ mirror, branch: wish.branch, path: wish.path, renderer: createKubectlRenderer() });
  const location = await locator.locate({ edit, reader }, context);
  if (location.status !== 'found') {
    terminal.write(`no pull request: ${location.reason}\n`);
    return 1;
  }
  terminal.write(`${location.edit.file}: ${location.reason}\n`);
  const content = proposalOf(wish, location.edit, context);
  const rehearsal = rehearseEdits(MATTERS, reader, [edit]);
  const gate = await createGate({ mirror }).assess({ proposal: content, remedy: remedyOf(wish, content), rehearsal, reader }, context);
  terminal.write(describeGate(gate));
  const proposal = sealProposal(content);
  const forge = createLocalForge({ mirror });
  const writer = createProposalWriter({ mirror, forge });
  const result = wish.dryRun ? await writer.preview(proposal, context) : await writer.propose({ proposal, gate }, context);
  if ('diff' in result) terminal.write(`\n${result.diff}`);
  if ('pullRequest' in result) {
    const { number, title, headCommit } = result.pullRequest;
    terminal.write(`\npull request #${number} is ${result.status}: ${title}\n`);
    const { requiredApprovals } = gate.decision;
    if (requiredApprovals > 1) {
      terminal.write(
        `The policy asks for ${requiredApprovals} approvals; the local forge counts one. It stays pending: nobody counts them here.\n`,
      );
      return 0;
    }
    // One approval of an owner is what the forge itself asks for, so nothing is left to count.
    await forge.status(headCommit, { context: GATE_STATUS, state: 'success', description: 'The gate agrees; an owner decides.' }, context);
    terminal.write(`An owner decides: pnpm tier0 pr show ${number} --repository ${mirror.url}\n`);
    return 0;
  }
  if (result.status === 'preview') {
    terminal.write('\nnothing was written\n');
    return gate.decision.effect === 'deny' ? 1 : 0;
  }
  terminal.write(`\nno pull request: ${result.status}: ${result.reason}\n`);
  return 1;
}

function proposalOf({ edit, author, why, branch, mirror, reader }: Wish, fileEdit: FileEdit, context: CallContext): ProposalContent {
  // The day, so that the same wish made twice is the same proposal.
  const dayMs = Math.floor(context.now() / DAY_MS) * DAY_MS;
  const field = formatFieldPath(edit.fieldPath);
  const said = (value: unknown) => JSON.stringify(value) ?? 'not set';
  const blastRadius = reader.impact(edit.item);
  const evidence = makeEvidence({
    source: 'cmdb',
    query: `${edit.item} ${field}`,
    fromMs: dayMs,
    toMs: dayMs,
    text: `live value: ${said(edit.expectOld)}`,
  });
  return {
    incident: 'by-hand',
    title: `Set ${field} of ${formatItemId(edit.item)} to ${said(edit.value)}`,
    author,
    repository: mirror.url,
    baseBranch: branch,
    edits: [fileEdit],
    why,
    evidence: [evidence],
    risk: assessRisk({ edits: [edit], blastRadius, production: true, temporary: false, reversible: true }),
    blastRadius,
    rollback: `A revert restores ${said(edit.expectOld)}.`,
    disproof: 'A fault that was not there before.',
    owner: reader.owner(edit.item)?.team,
    createdAt: toTimestamp(dayMs),
  };
}

/** The gate judges remedies; a person's wish is one without a cause that was found. */
function remedyOf({ edit, why }: Wish, content: ProposalContent): Remedy {
  return {
    id: 'by-hand',
    kind: 'edit',
    title: content.title,
    cause: 'needs-investigation',
    subject: edit.item,
    edits: [edit],
    why,
    precondition: 'Whoever asks for it knows why.',
    risk: 'medium',
    verify: 'What was wished for is seen.',
    rollback: content.rollback,
    disproof: content.disproof,
    success: { kind: 'finding-gone', item: edit.item, fingerprint: 'none' },
  };
}

function describeGate(gate: GateReport): string {
  const checks = gate.checks.map((check) => `  ${check.passed ? 'ok    ' : 'FAILED'}  ${check.name}: ${check.detail}\n`);
  return `gate: ${gate.decision.effect} (${gate.decision.reasons.join('; ')})\n${checks.join('')}`;
}
