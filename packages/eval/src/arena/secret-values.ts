import type { KubernetesObject } from '../scenario/scenario.ts';

const SHORTEST = 8;

/** The values of a recording's Secrets as they would stand in a prompt: encoded and decoded. Short ones are left out, they stand anywhere by chance. */
export function secretsIn(objects: readonly KubernetesObject[]): readonly string[] {
  return objects
    .filter(({ kind, apiVersion }) => kind === 'Secret' && apiVersion === 'v1')
    .flatMap(({ data, stringData }) => [
      ...Object.values((data ?? {}) as Record<string, string>).flatMap((value) => [value, Buffer.from(value, 'base64').toString('utf8')]),
      ...Object.values((stringData ?? {}) as Record<string, string>),
    ])
    .filter((value) => typeof value === 'string' && value.length >= SHORTEST);
}
