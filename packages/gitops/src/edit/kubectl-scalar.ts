import type { YamlScalar } from './yaml-scalar.ts';

const CONSTANTS: ReadonlyMap<string, YamlScalar> = new Map<string, YamlScalar>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
]);

const INTEGER = /^([-+]?)(?:0[xX]([\da-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;

/**
 * What kubectl and Helm take a plain scalar for: YAML 1.1 as go-yaml version 2 reads it (`resolve.go`). Unlike the standard it knows no
 * numbers to the base of 60, and a date stays text once it is JSON. Plain scalars of several lines are text to every reader.
 */
export function readLikeKubectl(source: string): YamlScalar {
  const constant = CONSTANTS.get(source);
  if (constant !== undefined) return constant;
  if (source.startsWith('.')) return FLOAT.test(source) ? Number(source) : source;
  if (!/^[-+\d]/.test(source)) return source;
  const plain = source.replaceAll('_', '');
  const [, sign, hexadecimal, binary, octal, decimal] = INTEGER.exec(plain) ?? [];
  if (sign !== undefined) {
    const size = hexadecimal ? `0x${hexadecimal}` : binary ? `0b${binary}` : octal ? `0o${octal}` : (decimal as string);
    return sign === '-' ? -Number(size) : Number(size);
  }
  return FLOAT.test(plain) ? Number(plain) : source;
}
