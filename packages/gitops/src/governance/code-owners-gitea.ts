import { RE2JS } from 're2js';
import type { CodeOwners } from './code-owners.ts';

interface Rule {
  readonly matches: (path: string) => boolean;
  readonly owners: readonly string[];
  readonly notUnderstood?: string | undefined;
}

/**
 * Gitea: a regular expression of Go on the whole path, `!` for every path that it does not match, and every matching line counts.
 * Expressions run in linear time, as Go's do. Source: https://docs.gitea.com/usage/repository/code-owners
 */
export function readGiteaOwners(text: string): CodeOwners {
  const rules = text.split(/\r\n|\r|\n/).flatMap((line, index) => toRule(line, index + 1));
  const matching = (path: string) => rules.filter((rule) => rule.matches(path));
  return {
    dialect: 'gitea',
    requirementsOf: (path) =>
      matching(path).map(({ owners, notUnderstood }) => ({ owners, approvals: 1, ...(notUnderstood ? { notUnderstood } : {}) })),
    ownersOf: (path) => [...new Set(matching(path).flatMap((rule) => rule.owners))],
    problems: rules.flatMap((rule) => rule.notUnderstood ?? []),
  };
}

function toRule(line: string, number: number): readonly Rule[] {
  const [pattern = '', ...owners] = wordsOf(line.replace(/^\uFEFF/, ''));
  if (pattern === '') return [];
  const isNegative = pattern.startsWith('!');
  const expression = compile(isNegative ? pattern.slice(1) : pattern);
  const flaw = expression ? ownersFlaw(owners) : 'it is no regular expression of Go';
  // A path has no slash in front; a pattern that begins with one is about the same path all the same.
  const isRooted = pattern.startsWith('/');
  const isFound = (path: string) => !expression || expression.matches(path) || (isRooted && expression.matches(`/${path}`));
  const matches = (path: string) => (isNegative && expression ? !expression.matches(path) : isFound(path));
  if (!flaw) return [{ matches, owners }];
  return [{ matches, owners: [], notUnderstood: `line ${number} of CODEOWNERS is not understood: ${flaw}` }];
}

/** Words between spaces up to a comment; a backslash takes the next character as it is, itself included. */
function wordsOf(line: string): readonly string[] {
  const words = [''];
  for (let at = 0; at < line.length; at++) {
    const character = line[at] as string;
    if (character === '#') break;
    if (/\s/.test(character)) words.push('');
    else words[words.length - 1] += character === '\\' ? (line[++at] ?? '') : character;
  }
  return words.filter((word) => word !== '');
}

function compile(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(`^(?:${pattern})$`);
  } catch {
    return undefined;
  }
}

const OWNER = /^@?[\p{L}\p{N}_][\p{L}\p{N}_.-]*(?:\/[\p{L}\p{N}_.-]+)?$/u;

function ownersFlaw(owners: readonly string[]): string | undefined {
  if (owners.length === 0) return 'it names no owner';
  const wrong = owners.find((owner) => !OWNER.test(owner));
  return wrong === undefined ? undefined : `"${wrong}" is neither @account nor @organisation/team`;
}
