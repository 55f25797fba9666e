import { isDeepStrictEqual } from 'node:util';
import { type CallContext, type ItemEdit, type JsonValue, readField, writeField } from '@tier0/core';
import { editYaml } from '../edit/yaml.ts';
import type { FieldChange } from './field-change.ts';
import { parseArgoImage } from './image.ts';
import { type Chain, isRecord, type JsonRecord, strings } from './kustomize.ts';
import type { KustomizeRenderer } from './renderer.ts';

/** A change to be proved by rendering before and after. */
export interface Trial {
  readonly texts: ReadonlyMap<string, string>;
  readonly change: Exclude<FieldChange, { refused: string }>;
  /** The levels from the manifest to the cluster; none: the manifest is applied as it stands. */
  readonly chain: Chain;
  readonly edit: ItemEdit;
  readonly kind: string;
  readonly name: string;
  /** What the Argo CD or Flux object at the end of the chain changes, as these files say it. */
  readonly ownerValue: (texts: ReadonlyMap<string, string>) => JsonRecord;
  /** What Flux fills in after rendering, as these files say it; undefined where it cannot be followed. */
  readonly finish: (objects: readonly JsonValue[], texts: ReadonlyMap<string, string>) => readonly JsonValue[] | undefined;
}

export type Proof =
  | { readonly status: 'proved'; readonly reason: string }
  | { readonly status: 'disproved'; readonly reason: string }
  | { readonly status: 'not-verified'; readonly reason: string };

/** Makes the change in a copy and renders it: the field must become the wanted value, and nothing else may change. */
export async function verifyByRendering(trial: Trial, renderer: KustomizeRenderer, context: CallContext): Promise<Proof> {
  const { texts, change, chain } = trial;
  const edited = editYaml(texts.get(change.file) ?? '', change);
  if (edited.status !== 'edited') return { status: 'disproved', reason: 'reason' in edited ? edited.reason : 'the file says it already' };
  const root = rootOf(chain);
  if (root === undefined) return { status: 'not-verified', reason: 'there is no kustomization to render' };
  const changed = new Map([...texts, [change.file, edited.text]]);
  const [before, after] = await Promise.all([
    renderer.render(withWrapper(texts, trial, root), root.folder, context),
    renderer.render(withWrapper(changed, trial, root), root.folder, context),
  ]);
  if (before.status === 'failed') return { status: 'not-verified', reason: before.reason };
  if (after.status === 'failed') return { status: 'disproved', reason: `after the change it cannot be rendered: ${after.reason}` };
  const [finished, then] = [trial.finish(before.objects, texts), trial.finish(after.objects, changed)];
  if (!finished || !then) return { status: 'not-verified', reason: 'what Flux fills in cannot be followed' };
  return compareRendered(trial, finished, then, root.label);
}

function compareRendered(trial: Trial, before: readonly JsonValue[], after: readonly JsonValue[], label: string): Proof {
  const { edit, kind, name } = trial;
  const isTarget = (object: JsonValue) => isRecord(object) && object.kind === kind && readField(object, ['metadata', 'name']) === name;
  const wanted = before.map((object) => (isTarget(object) ? writeField(object, edit.fieldPath, edit.value) : object));
  if (before.filter(isTarget).length !== 1)
    return { status: 'disproved', reason: `${label} renders ${before.filter(isTarget).length} objects ${kind} ${name}` };
  if (isDeepStrictEqual(after, wanted)) return { status: 'proved', reason: `verified by rendering ${label} before and after` };
  return { status: 'disproved', reason: `rendering ${label} with the change does not give exactly the wanted field` };
}

interface Root {
  readonly folder: string;
  readonly label: string;
}

const WRAPPER = '.tier0-render';

function rootOf(chain: Chain): Root | undefined {
  const top = chain.findLast((level) => level.at.length === 0);
  if (!top) return undefined;
  const isWrapped = chain.at(-1) !== top;
  return { folder: isWrapped ? WRAPPER : top.folder, label: top.folder || 'the root' };
}

/** What an Argo CD or Flux object changes after the folder is rendered becomes a kustomization around that folder. */
function withWrapper(texts: ReadonlyMap<string, string>, { chain, ownerValue }: Trial, root: Root): ReadonlyMap<string, string> {
  const owner = chain.at(-1);
  const top = chain.findLast((level) => level.at.length === 0);
  if (root.folder !== WRAPPER || !owner || !top) return texts;
  const { images, replicas, patches, namePrefix, nameSuffix, namespace, targetNamespace } = ownerValue(texts);
  const wrapper = {
    resources: [`../${top.folder}`],
    images: Array.isArray(images) ? images.map(toEntry) : [],
    replicas: owner.at.at(-1) === 'kustomize' ? (replicas ?? []) : [],
    patches: patches ?? [],
    ...(namePrefix ? { namePrefix } : {}),
    ...(nameSuffix ? { nameSuffix } : {}),
    ...((namespace ?? targetNamespace) ? { namespace: namespace ?? targetNamespace } : {}),
  };
  return new Map([...texts, [`${WRAPPER}/kustomization.yaml`, JSON.stringify(wrapper)]]);
}

function toEntry(entry: JsonValue): JsonValue {
  const [argo] = strings([entry]);
  if (argo === undefined) return entry;
  const { name, image } = parseArgoImage(argo);
  const said: JsonRecord = image.digest === undefined ? (image.tag === undefined ? {} : { newTag: image.tag }) : { digest: image.digest };
  return { name, newName: image.name, ...said };
}
