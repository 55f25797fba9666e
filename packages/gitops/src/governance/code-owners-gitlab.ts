import type { CodeOwners, OwnerRequirement } from './code-owners.ts';
import { EMAIL, type OwnerLine, ownerLines } from './owner-line.ts';
import { type GlobSegment, matchesGlob, readSegment } from './path-glob.ts';

interface Entry {
  readonly matches: (path: readonly string[]) => boolean;
  readonly isExclusion: boolean;
  readonly owners: readonly string[];
  readonly notUnderstood?: string | undefined;
}

interface Section {
  /** By its first spelling; undefined for what stands above the first heading. */
  readonly name: string | undefined;
  isOptional: boolean;
  approvals: number;
  readonly entries: Entry[];
}

/**
 * GitLab: sections that each decide for themselves, the last matching line of a section counts, exclusions cannot be taken back, and a
 * section may be optional or ask for several approvals. Source: https://docs.gitlab.com/user/project/codeowners/reference/ and `advanced/`
 */
export function readGitLabOwners(text: string): CodeOwners {
  const sections = readSections(text);
  const deciding = (path: string) => {
    const segments = path.split('/');
    return sections.flatMap((section) => {
      const matching = section.entries.filter((entry) => entry.matches(segments));
      const last = matching.at(-1);
      return !last || matching.some((entry) => entry.isExclusion && !entry.notUnderstood) ? [] : [{ section, entry: last }];
    });
  };
  return {
    dialect: 'gitlab',
    requirementsOf: (path) => deciding(path).flatMap(({ section, entry }) => toRequirement(section, entry)),
    ownersOf: (path) => [...new Set(deciding(path).flatMap(({ entry }) => entry.owners))],
    problems: sections.flatMap(({ entries }) => entries.flatMap((entry) => entry.notUnderstood ?? [])),
  };
}

function toRequirement({ name, isOptional, approvals }: Section, { owners, notUnderstood }: Entry): readonly OwnerRequirement[] {
  const section = name === undefined ? {} : { section: name };
  if (isOptional) return [];
  if (notUnderstood) return [{ owners: [], approvals, ...section, notUnderstood }];
  return owners.length === 0 ? [] : [{ owners, approvals, ...section }];
}

/** `^[Name][2] @default @owners`; what does not read like this is an entry, as GitLab takes it. */
const HEADING = /^(\^)?\[([^\]]+)\](?:\[([^\]]*)\])?(?:\s+(.*))?$/;

function readSections(text: string): readonly Section[] {
  const first: Section = { name: undefined, isOptional: false, approvals: 1, entries: [] };
  const sections = new Map<string | undefined, Section>([[undefined, first]]);
  let current = first;
  let defaults: readonly string[] = [];
  for (const line of ownerLines(text)) {
    const heading = HEADING.exec(line.text);
    if (!heading) {
      current.entries.push(toEntry(line, defaults));
      continue;
    }
    const [, caret, name = '', count, owners = ''] = heading;
    current = sectionNamed(sections, name, { isOptional: caret !== undefined, approvals: approvalsOf(count) });
    defaults = ownersIn(owners);
  }
  return [...sections.values()];
}

/** Sections of one name are one: required when one of them is, with the most approvals that one of them asks for. */
function sectionNamed(
  sections: Map<string | undefined, Section>,
  name: string,
  { isOptional, approvals }: Pick<Section, 'isOptional' | 'approvals'>,
): Section {
  const key = name.trim().toLowerCase();
  const known = sections.get(key);
  if (!known) {
    const made: Section = { name, isOptional, approvals, entries: [] };
    sections.set(key, made);
    return made;
  }
  known.isOptional &&= isOptional;
  known.approvals = Math.max(known.approvals, approvals);
  return known;
}

/** What is no number from 1 counts as 1. */
function approvalsOf(text: string | undefined): number {
  return /^[1-9]\d{0,3}$/.test(text ?? '') ? Number(text) : 1;
}

function toEntry({ number, pattern, rest }: OwnerLine, defaults: readonly string[]): Entry {
  const isExclusion = pattern.startsWith('!');
  const segments = segmentsOf(isExclusion ? pattern.slice(1) : pattern);
  const matches = (path: readonly string[]) => segments === undefined || matchesGlob(segments, path);
  const said = ownersIn(rest);
  const notUnderstood = segments === undefined ? 'its pattern is left open' : namesNobody(rest, said, isExclusion);
  const owners = rest === '' ? defaults : said;
  if (!notUnderstood) return { matches, isExclusion, owners: isExclusion ? [] : owners };
  return { matches, isExclusion, owners: [], notUnderstood: `line ${number} of CODEOWNERS is not understood: ${notUnderstood}` };
}

/** GitLab approves by itself what names owners that are none; here it waits for people. */
function namesNobody(rest: string, owners: readonly string[], isExclusion: boolean): string | undefined {
  return rest === '' || owners.length > 0 || isExclusion ? undefined : `"${rest.slice(0, 80)}" names no owner`;
}

const MENTION = /^@@?[\p{L}\p{N}_](?:[\p{L}\p{N}_./-]*[\p{L}\p{N}_-])?$/u;

/** GitLab knows no comment behind a line: whoever it mentions is an owner, and other words are passed over. */
function ownersIn(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => MENTION.test(word) || EMAIL.test(word));
}

/** `File.fnmatch` with FNM_PATHNAME and FNM_DOTMATCH: only a `**` that is followed by a slash stands for folders. */
function segmentsOf(pattern: string): readonly GlobSegment[] | undefined {
  const rooted = pattern === '*' ? '/**/*' : pattern.startsWith('/') ? pattern : `/**/${pattern}`;
  const names = (rooted.endsWith('/') ? `${rooted}**/*` : rooted).slice(1).split('/');
  const read = names.map((name, index): GlobSegment | undefined =>
    name === '**' && index < names.length - 1 ? 'folders' : readSegment(name, { sets: true }),
  );
  return read.includes(undefined) ? undefined : (read as GlobSegment[]);
}
