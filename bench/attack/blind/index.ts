import { COMMAND_KINDS } from './commands.ts';
import { CONNECTION_KINDS } from './connections.ts';
import { drawFrom } from './draw.ts';
import { FILE_KINDS } from './files.ts';
import { HARMLESS_KINDS } from './harmless.ts';
import { LOG_KINDS, OBJECT_KINDS } from './kubernetes.ts';
import { SECOND_HARMLESS, SECOND_SECRETS } from './second.ts';
import type { Carried, SecretKind } from './seed.ts';
import { TOKEN_KINDS } from './tokens.ts';

export { leaks } from './seed.ts';

/** A seed of a kind, with the name of the kind. */
export interface BlindSecret extends Carried {
  readonly kind: string;
}

export interface BlindHarmless {
  readonly kind: string;
  readonly text: string;
}

export const SECRET_KINDS: readonly SecretKind[] = [
  ...TOKEN_KINDS,
  ...CONNECTION_KINDS,
  ...FILE_KINDS,
  ...COMMAND_KINDS,
  ...OBJECT_KINDS,
  ...LOG_KINDS,
  ...SECOND_SECRETS,
];

/** @param set names the set of instances; another name gives other values of the same kinds. */
export function blindSecrets(set: string, each: number): readonly BlindSecret[] {
  return SECRET_KINDS.flatMap(([kind, write]) =>
    Array.from({ length: each }, (_, at) => ({ kind, ...write(drawFrom(`${set}/${kind}/${at}`)) })),
  );
}

/** Strings that must come out as they went in; the same one is not given twice. */
export function blindHarmless(set: string, each: number): readonly BlindHarmless[] {
  const made = [...HARMLESS_KINDS, ...SECOND_HARMLESS].flatMap(([kind, write]) =>
    Array.from({ length: each }, (_, at) => ({ kind, text: write(drawFrom(`${set}/${kind}/${at}`)) })),
  );
  return [...new Map(made.map((entry) => [entry.text, entry])).values()];
}
