import { findRedactions, type Removal, redact } from '@tier0/core';
import type { KubernetesObject } from '../../kinds/kubernetes-object.ts';
import { redactObject } from '../../kinds/redact-object.ts';
import { strictObject } from '../../kinds/strict-object.ts';

/** Takes secrets out of what is recorded and remembers where, never what. */
export interface RemovalReport {
  object(object: KubernetesObject, strict: boolean): KubernetesObject;
  log(file: string, text: string): string;
  /** How many of each kind. */
  counts(): Readonly<Record<string, number>>;
  /** What `redactions.json` holds. */
  text(strict: boolean): string;
}

/** Places named one by one; more are only counted. */
const MAX_PLACES = 20_000;

export function createRemovalReport(): RemovalReport {
  const counts = new Map<string, number>();
  const places: { readonly in: string; readonly path?: string; readonly kind: string }[] = [];
  const note = (where: string, { kind, path }: Pick<Removal, 'kind'> & Partial<Removal>, count = 1) => {
    counts.set(kind, (counts.get(kind) ?? 0) + count);
    if (places.length < MAX_PLACES) places.push({ in: where, ...(path === undefined ? {} : { path }), kind });
  };
  return {
    object(object, strict) {
      const { kind, metadata } = object;
      const where = `${kind}/${metadata.namespace ?? '-'}/${metadata.name}`;
      const allowed = strict ? strictObject(object) : { object, removed: [] };
      const redacted = redactObject(allowed.object);
      for (const removal of [...allowed.removed, ...redacted.removed]) note(where, removal);
      return redacted.object;
    },
    log(file, text) {
      for (const { kind, count } of findRedactions(text)) note(file, { kind }, count);
      return redact(text);
    },
    counts: () => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
    text(strict) {
      const report = {
        schema: 'tier0.redactions/v1',
        mode: strict ? 'strict' : 'best-effort',
        note: strict
          ? 'Only fields of an allow-list were kept; what looked like a secret in those was removed too.'
          : 'Best effort: secrets are found by their names, forms and places. One that reads like an ordinary word may remain; --strict keeps less.',
        counts: Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
        places,
      };
      return `${JSON.stringify(report, undefined, 1)}\n`;
    },
  };
}
