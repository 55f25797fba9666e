import { type CallContext, type FileEdit, formatFieldPath, type Policy, type ProposalContent, Tier0Error } from '@tier0/core';
import { editYaml } from '../edit/yaml.ts';
import type { Mirror } from '../git/mirror.ts';
import { repositoryAddress } from '../git/names.ts';
import { isGuarded } from '../governance/guarded-paths.ts';
import { readPolicy } from '../governance/policy-file.ts';

/** A file before and after the edits. */
export interface PlannedFile {
  readonly before: Uint8Array;
  readonly after: string;
}

/** What the edits of a proposal make of the base branch, or why they make nothing. */
export type Plan =
  | { readonly status: 'planned'; readonly base: string; readonly files: ReadonlyMap<string, PlannedFile> }
  | { readonly status: 'refused' | 'precondition-failed' | 'no-change'; readonly reason: string };

/** Applies the edits to a commit of the base branch, in memory. Writes nothing. */
export async function planEdits(mirror: Mirror, proposal: ProposalContent, base: string, context: CallContext): Promise<Plan> {
  if (repositoryAddress(proposal.repository) !== repositoryAddress(mirror.url))
    return { status: 'refused', reason: `the proposal is about ${proposal.repository}, not ${mirror.url}` };
  const reading = await readPolicy(mirror, base, context);
  const policy = reading.status === 'malformed' ? undefined : reading.policy;
  const files = new Map<string, PlannedFile>();
  for (const edit of proposal.edits) {
    const flaw = editFlaw(edit, proposal, policy);
    if (flaw) return { status: 'refused', reason: flaw };
    const before = files.get(edit.file)?.before ?? (await readEditable(mirror, base, edit.file, context));
    if (typeof before === 'string') return { status: 'precondition-failed', reason: before };
    const result = editYaml(files.get(edit.file)?.after ?? before, edit);
    if (result.status === 'edited') files.set(edit.file, { before, after: result.text });
    else if (result.status !== 'no-change') return { status: result.status, reason: `${edit.file}: ${result.reason}` };
  }
  if (files.size > 0) return { status: 'planned', base, files };
  const said = proposal.edits.map((edit) => `${edit.file} ${formatFieldPath(edit.path)}`).join(', ');
  return { status: 'no-change', reason: said ? `the base branch already says it: ${said}` : 'the proposal edits nothing' };
}

function editFlaw(edit: FileEdit, proposal: ProposalContent, policy: Policy | undefined): string | undefined {
  if (repositoryAddress(edit.repository) !== repositoryAddress(proposal.repository))
    return `${edit.file} is in ${edit.repository}, another repository than the proposal's`;
  if (edit.file.startsWith('/') || edit.file.split('/').includes('..')) return `${edit.file} is not a path inside the repository`;
  return isGuarded(edit.file, policy) ? `${edit.file} decides about changes and is never changed by a proposal` : undefined;
}

async function readEditable(mirror: Mirror, base: string, path: string, context: CallContext): Promise<Uint8Array | string> {
  const [file] = await mirror.findFiles(base, [path], context);
  if (!file) return `${path} is not there on the base branch`;
  if (!file.mode.startsWith('100')) return `${path} is a symbolic link or a submodule, not a file`;
  return (await mirror.readBlobs([file.blob], context)).get(file.blob) ?? `${path} could not be read`;
}

/** Tip of the base branch. Throws NOT_FOUND when the branch does not exist. */
export async function resolveBase(mirror: Mirror, branch: string, context: CallContext): Promise<string> {
  const base = await mirror.resolve(branch, context);
  if (base) return base;
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `The base branch "${branch}" does not exist in ${mirror.url}.`,
    hint: 'Name the branch that the cluster is reconciled from.',
  });
}
