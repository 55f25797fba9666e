import { readGiteaOwners } from './code-owners-gitea.ts';
import { readGitHubOwners } from './code-owners-github.ts';
import { readGitLabOwners } from './code-owners-gitlab.ts';

/** Whose grammar a CODEOWNERS file is written in. They share a name and little else. */
export type CodeOwnersDialect = 'github' | 'gitlab' | 'gitea';

/** Approvals that a path needs, by itself: every requirement must be met. */
export interface OwnerRequirement {
  /** Any of these, as written. Empty where nobody can meet it. */
  readonly owners: readonly string[];
  /** Different people of them. */
  readonly approvals: number;
  /** GitLab's section, by its first spelling. */
  readonly section?: string | undefined;
  /** Why it cannot be met: the line is not understood, and it may be about this path. */
  readonly notUnderstood?: string | undefined;
}

/** Who owns what, as one forge reads it. */
export interface CodeOwners {
  readonly dialect: CodeOwnersDialect;
  /** What must be approved before the path may change. Empty: it has no owners, or only optional ones. */
  requirementsOf(path: string): readonly OwnerRequirement[];
  /** Everybody who is asked to review, as written; optional owners included. */
  ownersOf(path: string): readonly string[];
  /** Lines that are not understood, with the reason. */
  readonly problems: readonly string[];
}

/** Places where each forge looks for the file, first found wins. */
const PATHS: Readonly<Record<CodeOwnersDialect, readonly string[]>> = {
  github: ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'],
  gitlab: ['CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS'],
  gitea: ['CODEOWNERS', 'docs/CODEOWNERS', '.gitea/CODEOWNERS'],
};

/** Places where the file is looked for: those of one forge, or of all where it is not known which one reads it. */
export function codeOwnersPaths(dialect: CodeOwnersDialect | undefined): readonly string[] {
  return dialect ? PATHS[dialect] : [...PATHS.github, '.gitlab/CODEOWNERS', '.gitea/CODEOWNERS'];
}

/** The grammar of a file whose forge is not known: the folder says it; elsewhere GitHub's, whose owners most files are written for. */
export function dialectOfPath(path: string): CodeOwnersDialect {
  if (path.startsWith('.gitlab/')) return 'gitlab';
  return path.startsWith('.gitea/') ? 'gitea' : 'github';
}

/** A larger file is not read by GitHub; nobody writes one by hand. Characters. */
const MAX_LENGTH = 3 * 1024 * 1024;

const READERS = { github: readGitHubOwners, gitlab: readGitLabOwners, gitea: readGiteaOwners } as const;

/** Reads a CODEOWNERS text as a forge does. Never throws: what is not understood stands in the way of the paths it may be about. */
export function parseCodeOwners(text: string, dialect: CodeOwnersDialect = 'github'): CodeOwners {
  return text.length > MAX_LENGTH ? tooLarge(dialect) : READERS[dialect](text);
}

function tooLarge(dialect: CodeOwnersDialect): CodeOwners {
  const notUnderstood = 'CODEOWNERS is larger than 3 MB, and no forge reads it';
  return { dialect, requirementsOf: () => [{ owners: [], approvals: 1, notUnderstood }], ownersOf: () => [], problems: [notUnderstood] };
}

/** Accounts by group. A group may be written with or without its leading `@`. */
export type Members = Readonly<Record<string, readonly string[]>>;

/**
 * Accounts that an owner stands for: the members of a group, or the account itself. A team (`@org/team`) or a role (`@@maintainer`) whose
 * members are not known is nobody.
 */
export function accountsOf(owner: string, members: Members): readonly string[] {
  const bare = withoutAt(owner);
  const known = [bare, `@${bare}`, owner].find((name) => Object.hasOwn(members, name));
  if (known !== undefined) return (members[known] ?? []).map(withoutAt);
  return bare.includes('/') || bare.startsWith('@') ? [] : [bare];
}

/** `@payments` and `payments` are the same group. */
export function withoutAt(name: string): string {
  return name.replace(/^@/, '');
}

/** The same members under every spelling a policy decision may use. */
export function withEverySpelling(members: Members): Members {
  return Object.fromEntries(
    Object.entries(members).flatMap(([group, accounts]) => {
      const bare = accounts.map(withoutAt);
      return [
        [withoutAt(group), bare],
        [`@${withoutAt(group)}`, bare],
      ];
    }),
  );
}
