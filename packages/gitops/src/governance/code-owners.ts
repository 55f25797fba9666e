/** One line of a CODEOWNERS file. */
interface OwnerRule {
  readonly pattern: RegExp;
  readonly owners: readonly string[];
}

/** Who owns a path: the owners of the last matching line, as written there. Empty when no line matches or the line names nobody. */
export interface CodeOwners {
  ownersOf(path: string): readonly string[];
}

/** Places where forges look for the file, first found wins. */
export const CODEOWNERS_PATHS: readonly string[] = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS'];

/** Reads a CODEOWNERS text without asking a forge. The last matching line decides, as GitHub and GitLab do. */
export function parseCodeOwners(text: string): CodeOwners {
  const rules = text.split(/\r?\n/).flatMap((line) => toRule(line));
  return { ownersOf: (path) => rules.findLast((rule) => rule.pattern.test(path))?.owners ?? [] };
}

function toRule(line: string): readonly OwnerRule[] {
  const words = line
    .replace(/(^|\s)#.*$/, '')
    .split(/\s+/)
    .filter(Boolean);
  const [pattern, ...owners] = words;
  if (!pattern || pattern.startsWith('[') || pattern.startsWith('!')) return [];
  return [{ pattern: toExpression(pattern), owners }];
}

/** A pattern in the manner of .gitignore: a leading slash anchors, a trailing slash means everything below. */
function toExpression(pattern: string): RegExp {
  const anchored = pattern.startsWith('/') || pattern.replace(/\/$/, '').includes('/');
  const body = pattern.replace(/^\//, '');
  const folder = body.endsWith('/');
  const source = body
    .replace(/\/$/, '')
    .split(/(\*\*\/|\/\*\*$|\*\*|\*|\?)/)
    .map((part) => WILDCARDS[part] ?? part.replace(/[.+^${}()|[\]\\]/g, '\\$&'))
    .join('');
  // `docs/*` means the files in the folder; a name without wildcard also means everything below it.
  const below = folder ? '/.*' : /\*$/.test(body) && body.includes('/') ? '' : '(?:/.*)?';
  return new RegExp(`^${anchored ? '' : '(?:.*/)?'}${source}${below}$`);
}

const WILDCARDS: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '/**': '/.*', '**': '.*', '*': '[^/]*', '?': '[^/]' };

/** Accounts by group. A group may be written with or without its leading `@`. */
export type Members = Readonly<Record<string, readonly string[]>>;

/** Accounts that an owner stands for: the members of a group, or the account itself. Undefined when a group's members are not known. */
export function accountsOf(owner: string, members: Members): readonly string[] {
  const bare = withoutAt(owner);
  return (members[bare] ?? members[`@${bare}`] ?? [bare]).map(withoutAt);
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
