import { type FieldPath, formatFieldPath, type ItemEdit, type JsonValue, readField, writeField } from '@tier0/core';
import { changeSetter, type FieldChange } from './field-change.ts';
import type { Owner } from './owner.ts';
import type { Setter } from './trail.ts';
import { mergeLayers, placeOfOwner, type ValuesLayer } from './values-layers.ts';

/** A value of a release that shall become another. */
export interface WantedValue {
  readonly path: FieldPath;
  readonly value: JsonValue | undefined;
}

/** Where a value of a release is changed, or why nowhere. */
export type ValueChange =
  | { readonly status: 'file'; readonly change: Exclude<FieldChange, { refused: string }>; readonly why: string }
  /** A field of the HelmRelease itself. */
  | { readonly status: 'release'; readonly edit: Pick<ItemEdit, 'fieldPath' | 'expectOld' | 'value'>; readonly why: string }
  | { readonly status: 'refused'; readonly candidates: readonly string[]; readonly reason: string };

/** Changes the value where it is said; what several releases read is said anew in a place of the release's own. */
export function changeValue(layers: readonly ValuesLayer[], owner: Owner, wanted: WantedValue): ValueChange {
  const saying = layers.find(({ value }) => readField(value, wanted.path) !== undefined);
  const target = saying && !saying.shared ? saying : ownLayer(layers, owner, wanted.path);
  const where = `${saying?.label ?? 'nothing'} ${formatFieldPath(wanted.path)}`;
  if (!target)
    return {
      status: 'refused',
      candidates: [where],
      reason: `${where} is shared by several releases, and ${placeOfOwner(owner)} has no values of its own`,
    };
  const isNew = target !== saying;
  const { path, value } = isNew ? wholeList(layers, wanted) : wanted;
  const declared = isNew ? undefined : (readField(target.value, path) as JsonValue | undefined);
  const overridden = `${saying?.label} has the value for several releases, so it is overridden in ${target.label}`;
  const why = isNew && saying ? overridden : `set by ${target.label} ${formatFieldPath(path)}`;
  return changeIn(target, { path, value, declared }, why);
}

/** A list is not merged but replaced: who overrides one entry says all of them. */
function wholeList(layers: readonly ValuesLayer[], wanted: WantedValue): WantedValue {
  const at = wanted.path.findIndex((segment) => typeof segment !== 'string');
  if (at === -1) return wanted;
  const path = wanted.path.slice(0, at);
  return { path, value: writeField(readField(mergeLayers(layers), path) as JsonValue, wanted.path.slice(at), wanted.value) };
}

/** The strongest place of the release alone; one is made where it says no values yet. */
function ownLayer(layers: readonly ValuesLayer[], owner: Owner, path: FieldPath): ValuesLayer | undefined {
  const own = layers.find((one) => !one.shared && one.pathOf(path) !== undefined);
  if (own || owner.kind !== 'Application' || owner.source === undefined) return own;
  const { manifest, source } = owner;
  const at = [...manifest.within, ...source, 'helm', 'valuesObject'];
  const holder = { file: manifest.file, document: manifest.document };
  return { holder, label: manifest.file, value: {}, shared: false, pathOf: (rest) => [...at, ...rest] };
}

function changeIn(
  target: ValuesLayer,
  { path, value, declared }: WantedValue & { readonly declared: JsonValue | undefined },
  why: string,
): ValueChange {
  const at = target.pathOf(path);
  if (at === undefined)
    return { status: 'refused', candidates: [target.label], reason: `${target.label} cannot say ${formatFieldPath(path)}` };
  const [old, wanted] = target.asText ? [declared === undefined ? undefined : String(declared), String(value)] : [declared, value];
  const said = { ...(old === undefined ? {} : { expectOld: old }), ...(wanted === undefined ? {} : { value: wanted }) };
  if (target.holder === 'release') return { status: 'release', edit: { fieldPath: at, ...said }, why };
  const { inner } = target;
  const place = { kind: 'manifest', ...target.holder, level: -1, declared: old, value: old } as const;
  const setter: Setter = inner ? { ...place, path: inner.at, inner: { text: inner.text, document: 0, path } } : { ...place, path: at };
  const change = changeSetter(setter, { item: '', fieldPath: at, ...said });
  if ('refused' in change) return { status: 'refused', candidates: [target.label], reason: change.refused };
  return { status: 'file', change, why };
}
