import {
  type Change,
  type ColumnValue,
  type ConfigurationItem,
  digestOf,
  type InventorySource,
  kubernetesItemId,
  type Relation,
  readField,
  sha256,
  Tier0Error,
  toTimestamp,
} from '@tier0/core';
import { idOf, toItem } from '../../kinds/kubernetes-item.ts';
import { entriesOf, isRecord, type KubernetesObject, textOf } from '../../kinds/kubernetes-object.ts';
import { distinctRelations } from '../../relations/distinct-relations.ts';
import { instantOf } from '../instant-of.ts';
import type { ObjectReader } from '../kubernetes/object-reader.ts';
import { repositoryItem, withoutUrlCredentials } from '../repository-item.ts';
import { parseInventoryEntry } from './inventory-entry.ts';

/** Where Flux runs, and what the clusters it deploys to are called. */
export interface FluxSourceOptions {
  /** Lists objects of the cluster Flux runs in. */
  readonly readObjects: ObjectReader;
  /** Name of that cluster in item ids. */
  readonly cluster: string;
  /** Name of the cluster that an object with `spec.kubeConfig` deploys to. Default: not known, its inventory is not related. */
  readonly remoteClusterOf?: ((object: KubernetesObject) => string | undefined) | undefined;
}

const GIT_REPOSITORY = { kind: 'GitRepository', apiVersion: 'source.toolkit.fluxcd.io/v1', resource: 'gitrepositories', namespaced: true };
const DEPLOYING = [
  { kind: 'Kustomization', apiVersion: 'kustomize.toolkit.fluxcd.io/v1', resource: 'kustomizations', namespaced: true },
  { kind: 'HelmRelease', apiVersion: 'helm.toolkit.fluxcd.io/v2', resource: 'helmreleases', namespaced: true },
];

/** Inventory from Flux: what each Kustomization and HelmRelease manages (`status.inventory`), from which repository, and its history as changes. */
export function createFluxSource(options: FluxSourceOptions): InventorySource {
  const { cluster, readObjects } = options;
  return {
    name: 'flux',
    async discover(context) {
      const observedAt = toTimestamp(context.now());
      const listings = await Promise.all([GIT_REPOSITORY, ...DEPLOYING].map((kind) => readObjects(kind, context)));
      refuseNothing(listings.map(({ coverage }) => coverage.state));
      const objects = listings.flatMap((listing) => listing.objects).map(withoutUrlCredentials);
      const items = objects.map((object) => fluxItem(object, { cluster, source: 'flux', observedAt }));
      const repositories = objects.flatMap(urlOf).map((url) => repositoryItem(url, { source: 'flux', observedAt }));
      const coverage = listings.map((listing) => listing.coverage);
      const [gitCoverage] = coverage;
      return {
        scope: `flux:${cluster}`,
        contract: 'snapshot',
        items: [...items, ...new Map(repositories.map((item) => [item.id, item])).values()],
        relations: distinctRelations(objects.flatMap((object) => relationsOf(object, options))),
        objects: new Map(items.map((item, index) => [item.id, objects[index]])),
        coverage: gitCoverage ? [...coverage, { ...gitCoverage, kind: 'Repository' }] : coverage,
        changes: objects.flatMap((object) => history(object, idOf(object, cluster))),
        observedAt,
      };
    },
  };
}

function refuseNothing(states: readonly string[]): void {
  if (states.some((state) => state === 'complete')) return;
  throw new Tier0Error({
    code: states.includes('forbidden') ? 'PERMISSION_DENIED' : 'UNAVAILABLE',
    message: `Nothing of Flux could be read: ${[...new Set(states)].join(', ')}.`,
    hint: 'Check that Flux is installed, and that the credentials may list gitrepositories, kustomizations and helmreleases.',
  });
}

function fluxItem(object: KubernetesObject, sighting: { cluster: string; source: string; observedAt: string }): ConfigurationItem {
  const item = toItem(object, sighting);
  const columns: Record<string, ColumnValue> = { ...item.columns };
  const revision =
    textOf(readField(object, ['status', 'lastAppliedRevision'])) ?? textOf(readField(object, ['status', 'artifact', 'revision']));
  if (revision) columns.revision = revision;
  const suspend = readField(object, ['spec', 'suspend']);
  if (typeof suspend === 'boolean') columns.suspended = suspend;
  const ready = entriesOf(readField(object, ['status', 'conditions']))
    .filter(isRecord)
    .find(({ type }) => type === 'Ready');
  if (textOf(ready?.status)) columns.ready = String(ready?.status);
  return { ...item, columns, digest: digestOf({ spec: object.spec ?? null, labels: object.metadata.labels ?? null, columns }) };
}

function urlOf(object: KubernetesObject): readonly string[] {
  const url = object.kind === 'GitRepository' ? textOf(readField(object, ['spec', 'url'])) : undefined;
  return url ? [url] : [];
}

function relationsOf(object: KubernetesObject, options: FluxSourceOptions): readonly Relation[] {
  const { cluster } = options;
  const id = idOf(object, cluster);
  const stated = { confidence: 1, properties: {}, source: 'flux' };
  const declared = urlOf(object).map((url): Relation => {
    return { from: id, to: repositoryItem(url, { source: 'flux', observedAt: '' }).id, type: 'declaredIn', ...stated };
  });
  const sources = ['sourceRef', 'chart.spec.sourceRef'].flatMap((path): readonly Relation[] => {
    const reference = readField(object, ['spec', ...path.split('.')]);
    const to = isRecord(reference) ? referenced(object, reference, cluster) : undefined;
    return to ? [{ from: id, to, type: 'declaredIn', ...stated }] : [];
  });
  const dependencies = entriesOf(readField(object, ['spec', 'dependsOn']))
    .filter(isRecord)
    .flatMap((reference): readonly Relation[] => {
      const to = referenced(object, { ...reference, kind: object.kind }, cluster);
      return to ? [{ from: id, to, type: 'dependsOn', ...stated }] : [];
    });
  return [...declared, ...sources, ...dependencies, ...managed(object, id, options)];
}

function referenced(object: KubernetesObject, reference: Record<string, unknown>, cluster: string): string | undefined {
  const [kind, name] = [textOf(reference.kind), textOf(reference.name)];
  if (!kind || !name) return undefined;
  return kubernetesItemId({ cluster, namespace: textOf(reference.namespace) ?? object.metadata.namespace, kind, name });
}

function managed(object: KubernetesObject, id: string, { cluster, remoteClusterOf }: FluxSourceOptions): readonly Relation[] {
  const isRemote = readField(object, ['spec', 'kubeConfig']) !== undefined;
  const target = isRemote ? remoteClusterOf?.(object) : cluster;
  if (target === undefined) return [];
  return entriesOf(readField(object, ['status', 'inventory', 'entries']))
    .filter(isRecord)
    .flatMap((entry): readonly Relation[] => {
      const parsed = parseInventoryEntry(textOf(entry.id) ?? '');
      if (!parsed) return [];
      const from = kubernetesItemId({ cluster: target, ...parsed });
      return from === id ? [] : [{ from, to: id, type: 'managedBy', confidence: 1, properties: {}, source: 'flux' }];
    });
}

/** `status.history`: releases of a HelmRelease, reconciliations of a Kustomization. */
function history(object: KubernetesObject, item: string): readonly Change[] {
  return entriesOf(readField(object, ['status', 'history']))
    .filter(isRecord)
    .flatMap((entry): readonly Change[] => {
      const at = instantOf(entry.lastDeployed ?? entry.firstDeployed ?? entry.firstReconciled);
      if (!at) return [];
      const chart = textOf(entry.chartName) && `${entry.chartName} ${textOf(entry.chartVersion) ?? ''}`.trim();
      const revision = chart ?? textOf(readField(entry, ['metadata', 'revision'])) ?? textOf(entry.digest);
      if (!revision) return [];
      const summary = `${chart ? 'released' : 'applied'} ${revision.slice(0, 80)}`;
      return [{ id: `change-${sha256(JSON.stringify([item, at, summary])).slice(0, 16)}`, item, at, summary, fields: [], source: 'flux' }];
    });
}
