const VERSION = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;
const COMPARATOR = /^(>=|<=|>|<|=)?(.+)$/;

interface Version {
  readonly numbers: readonly [number, number, number];
  readonly prerelease: readonly string[];
}

/** Whether a version lies in a range: comparators joined by spaces, all must hold, e.g. `>=3.2.0 <3.2.9`. What is no version lies in none. */
export function satisfies(version: string, range: string): boolean {
  const parsed = parseVersion(version);
  const comparators = range.trim().split(/\s+/).filter(Boolean);
  return parsed !== undefined && comparators.length > 0 && comparators.every((comparator) => holds(parsed, comparator));
}

function holds(version: Version, comparator: string): boolean {
  const [, operator = '=', text = ''] = COMPARATOR.exec(comparator) ?? [];
  const bound = parseVersion(text);
  if (!bound) return false;
  const order = compareVersions(version, bound);
  const answers: Readonly<Record<string, boolean>> = {
    '>=': order >= 0,
    '<=': order <= 0,
    '>': order > 0,
    '<': order < 0,
    '=': order === 0,
  };
  return answers[operator] ?? false;
}

function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text.trim());
  if (!match) return undefined;
  const [, major, minor = '0', patch = '0', prerelease] = match;
  return { numbers: [Number(major), Number(minor), Number(patch)], prerelease: prerelease?.split('.') ?? [] };
}

/** Precedence as in Semantic Versioning 2.0.0, section 11: a pre-release comes before its release. */
function compareVersions(a: Version, b: Version): number {
  for (const index of [0, 1, 2] as const) {
    const difference = a.numbers[index] - b.numbers[index];
    if (difference !== 0) return difference;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return b.prerelease.length - a.prerelease.length;
  for (const [index, left] of a.prerelease.entries()) {
    const right = b.prerelease[index];
    if (right === undefined) return 1;
    const difference = compareIdentifiers(left, right);
    if (difference !== 0) return difference;
  }
  return a.prerelease.length - b.prerelease.length;
}

function compareIdentifiers(a: string, b: string): number {
  const numeric = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (numeric[0] && numeric[1]) return Number(a) - Number(b);
  if (numeric[0] !== numeric[1]) return numeric[0] ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
