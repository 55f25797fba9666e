import { CelError, CelOpaque } from '../values/value.ts';
import { type Library, type Overload, of, ofTwo } from './overload.ts';

/** A semantic version, as blang/semver reads it: numbers up to 64 bits, no leading zeros. */
export class Semver extends CelOpaque {
  readonly typeName = 'kubernetes.Semver';
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: readonly string[];
  readonly build: string;
  constructor(numbers: readonly [bigint, bigint, bigint], prerelease: readonly string[], build: string) {
    super();
    this.numbers = numbers;
    this.prerelease = prerelease;
    this.build = build;
  }

  equals(other: CelOpaque): boolean {
    return other instanceof Semver && compareSemver(this, other) === 0;
  }
}

/** The version library. */
export const SEMVERS: Library = {
  semver: reading((text, normalize) => {
    const version = parseSemver(text, normalize);
    if (!version) throw new CelError(`${JSON.stringify(text)} is no semantic version`);
    return version;
  }),
  isSemver: reading((text, normalize) => parseSemver(text, normalize) !== undefined),
  '.major': of(Semver, ({ numbers }) => numbers[0]),
  '.minor': of(Semver, ({ numbers }) => numbers[1]),
  '.patch': of(Semver, ({ numbers }) => numbers[2]),
  '.compareTo': ofTwo(Semver, (a, b) => BigInt(compareSemver(a, b))),
  '.isLessThan': ofTwo(Semver, (a, b) => compareSemver(a, b) < 0),
  '.isGreaterThan': ofTwo(Semver, (a, b) => compareSemver(a, b) > 0),
};

function reading(apply: (text: string, normalize: boolean) => boolean | Semver): Overload {
  return (text, normalize = false) => (typeof text === 'string' && typeof normalize === 'boolean' ? apply(text, normalize) : undefined);
}

const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([\dA-Za-z.-]+))?(?:\+([\dA-Za-z.-]+))?$/;

/** Reads a version; `normalize` puts a leading `v`, zeros and missing numbers right first. Undefined for what is none. */
export function parseSemver(text: string, normalize = false): Semver | undefined {
  const [, major, minor, patch, before = '', build = ''] = VERSION.exec(normalize ? normalized(text) : text) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  const numbers = [BigInt(major), BigInt(minor), BigInt(patch)] as const;
  const prerelease = before === '' ? [] : before.split('.');
  if (numbers.some((number) => number >= 2n ** 64n)) return undefined;
  if (prerelease.some((part) => part === '' || /^0\d+$/.test(part)) || (build !== '' && build.split('.').includes(''))) return undefined;
  return new Semver(numbers, prerelease, build);
}

/** A leading `v`, leading zeros and missing numbers are put right; a short version with more behind it stays wrong. */
function normalized(text: string): string {
  const parts = text.replace(/^v/, '').split('.');
  const three = [...parts.slice(0, 2), ...(parts.length > 2 ? [parts.slice(2).join('.')] : [])];
  const numbers = three.map((part) =>
    part.length > 1 ? part.replace(/^0+(?=\d)/, '').replace(/^0*(?=\D|$)/, (zeros) => (zeros ? '0' : '')) : part,
  );
  if (three.length < 3 && /[-+]/.test(three.at(-1) ?? '')) return '';
  return [...numbers, '0', '0'].slice(0, 3).join('.');
}

/** Sign of the order of two versions. */
export function compareSemver(a: Semver, b: Semver): number {
  for (const index of [0, 1, 2] as const) {
    if (a.numbers[index] !== b.numbers[index]) return a.numbers[index] < b.numbers[index] ? -1 : 1;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return Math.sign(b.prerelease.length - a.prerelease.length);
  for (const [index, part] of a.prerelease.entries()) {
    const other = b.prerelease[index];
    if (other === undefined) return 1;
    const order = comparePart(part, other);
    if (order !== 0) return order;
  }
  return a.prerelease.length < b.prerelease.length ? -1 : 0;
}

function comparePart(a: string, b: string): number {
  const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber !== isOther) return isNumber ? -1 : 1;
  if (isNumber) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  return a < b ? -1 : a > b ? 1 : 0;
}
