import { isJsonObject, type JsonObject } from '../kubernetes-object.ts';
import { StatusError } from '../status-error.ts';
import { listMergeOf } from './list-keys.ts';

/**
 * Strategic merge as built-in kinds have it: lists in the table of list keys are merged by their first key,
 * `$patch: delete`, `$patch: replace`, `$retainKeys`, `$deleteFromPrimitiveList/FIELD` and `$setElementOrder/FIELD` work.
 * Simplified: entries that the order does not name keep their place at the end.
 */
export function applyStrategicMergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) throw new StatusError('BadRequest', 'error decoding patch: a strategic merge patch is an object');
  return mergeObject(isJsonObject(target) ? target : {}, patch, []);
}

function mergeObject(target: JsonObject, patch: JsonObject, path: readonly string[]): JsonObject {
  if (patch.$patch === 'replace') return withoutDirectives(patch);
  if (patch.$patch === 'delete') return {};
  const retained = Array.isArray(patch.$retainKeys) ? new Set(patch.$retainKeys) : undefined;
  const merged = new Map(Object.entries(target).filter(([key]) => retained === undefined || retained.has(key)));
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    if (value === null) merged.delete(key);
    else merged.set(key, mergeValue(merged.get(key), value, [...path, key]));
  }
  for (const [key, value] of Object.entries(patch)) applyDirective(merged, key, { value, path });
  return Object.fromEntries(merged);
}

function applyDirective(merged: Map<string, unknown>, key: string, { value, path }: { value: unknown; path: readonly string[] }): void {
  const [directive, field] = key.split('/') as [string, string | undefined];
  if (field === undefined || !Array.isArray(value)) return;
  const list = merged.get(field);
  if (!Array.isArray(list)) return;
  if (directive === '$deleteFromPrimitiveList')
    merged.set(
      field,
      list.filter((entry) => !value.includes(entry)),
    );
  if (directive === '$setElementOrder') merged.set(field, inOrder(list, value, [...path, field]));
}

function mergeValue(target: unknown, value: unknown, path: readonly string[]): unknown {
  if (isJsonObject(value)) return mergeObject(isJsonObject(target) ? target : {}, value, path);
  if (!Array.isArray(value)) return value;
  const merge = listMergeOf(path);
  if (merge === 'atomic') return value.map(withoutDirectives);
  const list = Array.isArray(target) ? target : [];
  if (merge === 'set') return [...new Set([...list, ...value])];
  return mergeList(list, value, { key: merge[0]!, path });
}

function mergeList(
  list: readonly unknown[],
  patch: readonly unknown[],
  { key, path }: { readonly key: string; readonly path: readonly string[] },
): readonly unknown[] {
  if (patch.some((entry) => isJsonObject(entry) && entry.$patch === 'replace')) {
    return patch.filter((entry) => !isJsonObject(entry) || entry.$patch !== 'replace').map(withoutDirectives);
  }
  let merged = [...list];
  for (const entry of patch) {
    const wanted = isJsonObject(entry) ? entry[key] : undefined;
    if (!isJsonObject(entry) || wanted === undefined) {
      throw new StatusError('BadRequest', `map: ${JSON.stringify(entry)} does not contain declared merge key: ${key}`);
    }
    const at = merged.findIndex((present) => isJsonObject(present) && present[key] === wanted);
    if (entry.$patch === 'delete') merged = merged.filter((_, index) => index !== at);
    else if (at < 0) merged.push(mergeObject({}, entry, path));
    else merged[at] = mergeObject(merged[at] as JsonObject, entry, path);
  }
  return merged;
}

function inOrder(list: readonly unknown[], order: readonly unknown[], path: readonly string[]): readonly unknown[] {
  const merge = listMergeOf(path);
  const keyOf = (entry: unknown) => (Array.isArray(merge) && isJsonObject(entry) ? entry[merge[0]!] : entry);
  const positions = new Map(order.map((entry, index) => [keyOf(entry), index]));
  const position = (entry: unknown) => positions.get(keyOf(entry)) ?? order.length;
  return [...list].sort((left, right) => position(left) - position(right));
}

function withoutDirectives(value: unknown): JsonObject {
  if (Array.isArray(value)) return value.map(withoutDirectives) as never;
  if (!isJsonObject(value)) return value as never;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !key.startsWith('$'))
      .map(([key, child]) => [key, withoutDirectives(child)]),
  );
}
