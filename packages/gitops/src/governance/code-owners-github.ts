import type { CodeOwners } from './code-owners.ts';
import { EMAIL, type OwnerLine, ownerLines } from './owner-line.ts';
import { type GlobSegment, matchesGlob, readSegment } from './path-glob.ts';

interface Rule {
  readonly matches: (path: readonly string[]) => boolean;
  readonly owners: readonly string[];
  readonly notUnderstood?: string | undefined;
}

/**
 * GitHub: patterns as in .gitignore without `!`, `[ ]` and `\#`; the last matching line decides, and one without owners takes ownership
 * away. Source: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
 */
export function readGitHubOwners(text: string): CodeOwners {
  const rules = ownerLines(text).map(toRule);
  const deciding = (path: string) => {
    const segments = path.split('/');
    return rules.findLast((rule) => rule.matches(segments));
  };
  return {
    dialect: 'github',
    requirementsOf(path) {
      const rule = deciding(path);
      if (!rule || (rule.owners.length === 0 && !rule.notUnderstood)) return [];
      const { owners, notUnderstood } = rule;
      return [{ owners, approvals: 1, ...(notUnderstood ? { notUnderstood } : {}) }];
    },
    ownersOf: (path) => deciding(path)?.owners ?? [],
    problems: rules.flatMap((rule) => rule.notUnderstood ?? []),
  };
}

function toRule(line: OwnerLine): Rule {
  const owners = line.rest
    .replace(/(^|\s)#.*$/, '')
    .split(/\s+/)
    .filter(Boolean);
  const flaw = patternFlaw(line.pattern) ?? ownersFlaw(owners);
  const segments = flaw ? looseSegments(line.pattern) : segmentsOf(line.pattern);
  const matches = (path: readonly string[]) => segments === undefined || segments.some((pattern) => matchesGlob(pattern, path));
  if (!flaw && segments) return { matches, owners };
  return {
    matches,
    owners: [],
    notUnderstood: `line ${line.number} of CODEOWNERS is not understood: ${flaw ?? 'its pattern is left open'}`,
  };
}

function patternFlaw(pattern: string): string | undefined {
  if (pattern.startsWith('!')) return 'GitHub knows no "!"';
  if (pattern.startsWith('\\#')) return 'GitHub does not take a "#" at the beginning, not even escaped';
  if (/(^|[^\\])[[\]]/.test(pattern)) return 'GitHub knows no character ranges';
  return /^\/*$/.test(pattern) ? 'the pattern names nothing' : undefined;
}

const OWNER = /^@[\p{L}\p{N}](?:[\p{L}\p{N}_.-]*)(?:\/[\p{L}\p{N}_.-]+)?$/u;

function ownersFlaw(owners: readonly string[]): string | undefined {
  const wrong = owners.find((owner) => !OWNER.test(owner) && !EMAIL.test(owner));
  return wrong === undefined ? undefined : `"${wrong}" is neither @account, @organisation/team nor an e-mail address`;
}

/** The globs of a pattern: what it names, and what lies below it. Undefined where it cannot be read. */
function segmentsOf(pattern: string): readonly (readonly GlobSegment[])[] | undefined {
  const names = pattern.replace(/^\//, '').replace(/\/$/, '').split('/');
  const isFolder = pattern.endsWith('/');
  const isAnchored = pattern.startsWith('/') || names.length > 1;
  const last = names.at(-1);
  // A trailing `**` is everything below; the folder itself is not.
  const read = names.map((name): GlobSegment | undefined => (name === '**' ? 'folders' : readSegment(name, { sets: false })));
  if (read.includes(undefined)) return undefined;
  const here: readonly GlobSegment[] = [...(isAnchored ? [] : ['folders' as const]), ...(read as GlobSegment[])];
  const below: readonly GlobSegment[] = [...here, 'folders', ANYTHING];
  if (last === '**') return [[...here, ANYTHING]];
  // `docs/*` means the files in the folder, not those of its folders.
  if (last === '*' && !isFolder) return [here];
  return isFolder ? [below] : [here, below];
}

const ANYTHING: GlobSegment = [{ is: 'any-run' }];

/** Everything that a pattern which is not understood could be about. */
function looseSegments(pattern: string): readonly (readonly GlobSegment[])[] | undefined {
  if (/^!?\/*$/.test(pattern)) return undefined;
  return segmentsOf(pattern.replace(/^!/, '').replace(/\[[^\]/]*\]?|\]/g, '*'));
}
