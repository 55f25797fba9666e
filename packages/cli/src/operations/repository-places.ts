import type { DiagnosisDocument, EditEntry, FindingEntry, SarifPlace, SubjectReference } from '@tier0/agents';
import { type CallContext, type CmdbReader, kubernetesItemId, parseFieldPath, parseKubernetesItemId, readField } from '@tier0/core';
import { createDeclarationFinder, createHelmRenderer, createKubectlRenderer, createLocator, type Mirror, regionOf } from '@tier0/gitops';

/** The part of a repository that declares the cluster. */
export interface RepositoryPart {
  readonly mirror: Mirror;
  readonly branch: string;
  readonly path: string | undefined;
}

/** A diagnosis and the moment of the cluster it is of. */
export interface Diagnosed {
  readonly document: DiagnosisDocument;
  readonly reader: CmdbReader;
}

/**
 * Where the repository declares what each finding is about, by fingerprint: the field that its first remedy would change, else the object, or
 * the one that made it.
 */
export async function repositoryPlaces(
  diagnosed: Diagnosed,
  part: RepositoryPart,
  context: CallContext,
): Promise<ReadonlyMap<string, SarifPlace>> {
  const options = { ...part, renderer: createKubectlRenderer(), chartRenderer: createHelmRenderer() };
  const looking = {
    ...diagnosed,
    part,
    cluster: clusterOf(diagnosed.reader),
    locator: createLocator(options),
    finder: createDeclarationFinder(options),
  };
  const places = new Map<string, SarifPlace>();
  for (const finding of diagnosed.document.findings) {
    const place = (await placeOfRemedy(finding, looking, context)) ?? (await placeOfObject(finding, looking, context));
    if (place) places.set(finding.fingerprint, place);
  }
  return places;
}

/** Name of the cluster in item ids: the catalog's items have none. */
function clusterOf(reader: CmdbReader): string {
  return reader.items({}).items.flatMap(({ id }) => parseKubernetesItemId(id)?.cluster ?? [])[0] ?? 'cluster';
}

interface Looking extends Diagnosed {
  readonly cluster: string;
  readonly part: RepositoryPart;
  readonly locator: ReturnType<typeof createLocator>;
  readonly finder: ReturnType<typeof createDeclarationFinder>;
}

async function placeOfRemedy({ fingerprint }: FindingEntry, looking: Looking, context: CallContext): Promise<SarifPlace | undefined> {
  const root = looking.document.rootCauses.find(({ finding }) => finding === fingerprint);
  const edit = root?.remedies.flatMap(({ edits }) => edits)[0];
  // What is withheld here is no value to look for.
  if (!edit || edit.withheld) return undefined;
  const location = await looking.locator.locate({ edit: itemEdit(edit, looking), reader: looking.reader }, context);
  return location.status === 'found' || location.status === 'drifted' ? placeAt(location.edit, looking, context) : undefined;
}

function itemEdit({ item, path, expectOld, value }: EditEntry, { cluster }: Looking) {
  const { kind, namespace, name } = item;
  return { item: kubernetesItemId({ cluster, kind, namespace, name }), fieldPath: parseFieldPath(path), expectOld, value };
}

async function placeOfObject({ subject }: FindingEntry, looking: Looking, context: CallContext): Promise<SarifPlace | undefined> {
  const item = madeBy(subject, looking);
  const found = await looking.finder.find({ item, reader: looking.reader }, context);
  return found && placeAt({ file: found.file, document: found.document, path: [...found.within, 'kind'] }, looking, context);
}

/** Pods, ReplicaSets and Jobs are declared nowhere: what controls them is. */
function madeBy({ kind, namespace, name }: SubjectReference, { reader, cluster }: Looking): string {
  let item = kubernetesItemId({ cluster, kind, namespace, name });
  for (let steps = 0; steps < 5; steps++) {
    const owners = readField(reader.object(item), ['metadata', 'ownerReferences']);
    const controller = (Array.isArray(owners) ? owners : []).find((one) => readField(one, ['controller']) === true);
    const [ownerKind, ownerName] = [readField(controller, ['kind']), readField(controller, ['name'])];
    if (typeof ownerKind !== 'string' || typeof ownerName !== 'string') return item;
    item = kubernetesItemId({ cluster, kind: ownerKind, namespace: parseKubernetesItemId(item)?.namespace, name: ownerName });
  }
  return item;
}

async function placeAt(
  at: { readonly file: string; readonly document: number; readonly path: ReturnType<typeof parseFieldPath> },
  { part }: Looking,
  context: CallContext,
): Promise<SarifPlace | undefined> {
  const commit = await part.mirror.resolve(part.branch, context);
  const bytes = commit && (await part.mirror.readFile(commit, at.file, context));
  const region = bytes ? regionOf(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), at) : undefined;
  return region && { file: at.file, ...region };
}
