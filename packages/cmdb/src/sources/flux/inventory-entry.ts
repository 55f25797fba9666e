/** What an entry of a Flux inventory names. */
export interface InventoryEntry {
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly group: string;
  readonly kind: string;
}

/** Reads `<namespace>_<name>_<group>_<kind>`; a `:` in a name is written `__`. Undefined for anything else. */
export function parseInventoryEntry(id: string): InventoryEntry | undefined {
  const match = /^([^_]*)_(.+)_([^_]*)_([^_]+)$/.exec(id);
  if (!match) return undefined;
  const [, namespace = '', name = '', group = '', kind = ''] = match;
  return { ...(namespace === '' ? {} : { namespace }), name: name.replaceAll('__', ':'), group, kind };
}
