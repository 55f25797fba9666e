import { type ChangeProposal, canonicalJson, digestOf, formatFieldPath } from '@tier0/core';
import type { CommitRequest } from '../git/mirror.ts';
import { oneLine } from './markdown.ts';

/** The account that tier0 commits as. */
export interface CommitAuthor {
  readonly name: string;
  readonly email: string;
}

/** What makes two proposals the same work: the same values in the same places of the same branch, for the same incident. */
export function proposalKey(proposal: ChangeProposal): string {
  const edits = proposal.edits.map((edit) => [
    edit.file,
    edit.document,
    formatFieldPath(edit.path),
    edit.value ?? null,
    edit.value === undefined,
  ]);
  const sorted = edits.map((edit) => canonicalJson(edit)).sort();
  return digestOf([proposal.repository, proposal.baseBranch, sorted, proposal.incident]);
}

/** Key of the pull request that takes a merged proposal back. */
export function revertKey(proposal: ChangeProposal, mergeCommit: string): string {
  return digestOf(['revert', proposalKey(proposal), mergeCommit]);
}

/** Branch of a key. Made of the incident, not of the title: a retry that words its title differently still finds it. */
export function branchOf(incident: string, key: string, kind: 'change' | 'revert' = 'change'): string {
  const slug = incident
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return ['tier0/', kind === 'revert' ? 'revert-' : '', slug ? `${slug}-` : '', key.slice(0, 12)].join('');
}

/** The commit of a proposal: with the same parent and contents its id is the same in every run. */
export function commitOf(
  proposal: ChangeProposal,
  change: { readonly parent: string; readonly files: CommitRequest['files']; readonly author: CommitAuthor },
): CommitRequest {
  const trailers = [
    `Tier0-Incident: ${oneLine(proposal.incident)}`,
    `Tier0-Key: ${proposalKey(proposal)}`,
    `Tier0-Proposal: ${proposal.digest}`,
  ];
  return {
    parents: [change.parent],
    files: change.files,
    message: `${titleOf(proposal.title)}\n\n${oneLine(proposal.why)}\n\n${trailers.join('\n')}\n`,
    author: change.author,
    date: proposal.createdAt,
  };
}

/** A title on one line, at most 120 characters, that git does not take for a comment. */
export function titleOf(title: string): string {
  return (
    oneLine(title)
      .replace(/^#+\s*/, '')
      .slice(0, 120) || 'Change'
  );
}

/** Value of a trailer in the last paragraph of a commit message; text above it cannot pose as one. */
export function trailerOf(message: string, name: string): string | undefined {
  const last =
    message
      .trim()
      .split(/\n\s*\n/)
      .at(-1) ?? '';
  const line = last.split('\n').find((candidate) => candidate.startsWith(`${name}: `));
  return line?.slice(name.length + 2).trim();
}
