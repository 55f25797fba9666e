import {
  type Change,
  type ColumnValue,
  type ConfigurationItem,
  type Coverage,
  digestOf,
  type InventorySource,
  kubernetesItemId,
  type Relation,
  readField,
  sha256,
  toTimestamp,
} from '@tier0/core';
import { toItem } from '../../kinds/kubernetes-item.ts';
import { entriesOf, isRecord, type KubernetesObject, textOf } from '../../kinds/kubernetes-object.ts';
import { distinctRelations } from '../../relations/distinct-relations.ts';
import { instantOf } from '../instant-of.ts';
import type { ObjectReader } from '../kubernetes/object-reader.ts';
import { repositoryItem, withoutUrlCredentials } from '../repository-item.ts';

/** Where Argo CD runs, and what its destinations are called. */
export interface ArgoCdSourceOptions {
  /** Lists objects of the cluster Argo CD runs in. */
  readonly readObjects: ObjectReader;
  /** Name of that cluster in item ids. */
  readonly cluster: string;
  /**
   * Name in item ids of the cluster an Application deploys to. Default: `cluster` for `in-cluster` and the in-cluster address, else the
   * destination's name; an address without a name is not known, and then the Application's resources are not related.
   */
  readonly clusterOf?:
    | ((destination: { readonly name?: string | undefined; readonly server?: string | undefined }) => string | undefined)
    | undefined;
}

const APPLICATION = { kind: 'Application', apiVersion: 'argoproj.io/v1alpha1', resource: 'applications', namespaced: true };
const IN_CLUSTER = 'https://kubernetes.default.svc';

/**
 * Inventory from Argo CD Applications: what each one manages, from which repository, and each sync as a change. Resources in
 * `status.resources` carry no uid; they are named by cluster, namespace, kind and name.
 */
export function createArgoCdSource(options: ArgoCdSourceOptions): InventorySource {
  const { cluster, readObjects } = options;
  return {
    name: 'argocd',
    async discover(context) {
      const observedAt = toTimestamp(context.now());
      const { objects: listed, coverage } = await readObjects(APPLICATION, context);
      const objects = listed.map(withoutUrlCredentials);
      const items = objects.map((object) => applicationItem(object, { cluster, source: 'argocd', observedAt }));
      const repositories = objects.flatMap(repositoriesOf).map((url) => repositoryItem(url, { source: 'argocd', observedAt }));
      return {
        scope: `argocd:${cluster}`,
        contract: 'snapshot',
        items: [...items, ...new Map(repositories.map((item) => [item.id, item])).values()],
        relations: distinctRelations(
          objects.flatMap((object, index) => relationsOf(object, (items[index] as ConfigurationItem).id, options)),
        ),
        objects: new Map(items.map((item, index) => [item.id, objects[index]])),
        coverage: [coverage, { ...coverage, kind: 'Repository' } satisfies Coverage],
        changes: objects.flatMap((object, index) => syncs(object, (items[index] as ConfigurationItem).id)),
        observedAt,
      };
    },
  };
}

function applicationItem(object: KubernetesObject, sighting: { cluster: string; source: string; observedAt: string }): ConfigurationItem {
  const item = toItem(object, sighting);
  const columns: Record<string, ColumnValue> = { ...item.columns };
  const put = (name: string, path: readonly string[]) => {
    const value = textOf(readField(object, [...path]));
    if (value) columns[name] = value;
  };
  put('argoHealth', ['status', 'health', 'status']);
  put('sync', ['status', 'sync', 'status']);
  put('revision', ['status', 'sync', 'revision']);
  put('project', ['spec', 'project']);
  // The rest of the status moves with every reconciliation.
  return { ...item, columns, digest: digestOf({ spec: object.spec ?? null, labels: object.metadata.labels ?? null, columns }) };
}

function sourcesOf(object: KubernetesObject): readonly Record<string, unknown>[] {
  return [readField(object, ['spec', 'source']), ...entriesOf(readField(object, ['spec', 'sources']))].filter(isRecord);
}

/** Git repositories only: a chart from a registry is declared nowhere that could be edited. */
function repositoriesOf(object: KubernetesObject): readonly string[] {
  return sourcesOf(object)
    .filter((source) => source.chart === undefined)
    .flatMap((source) => textOf(source.repoURL) ?? []);
}

function relationsOf(object: KubernetesObject, id: string, options: ArgoCdSourceOptions): readonly Relation[] {
  const stated = { confidence: 1, properties: {}, source: 'argocd' };
  const declared = repositoriesOf(object).map((url): Relation => {
    const { id: to } = repositoryItem(url, { source: 'argocd', observedAt: '' });
    return { from: id, to, type: 'declaredIn', ...stated };
  });
  const cluster = destinationOf(object, options);
  if (cluster === undefined) return declared;
  const managed = entriesOf(readField(object, ['status', 'resources']))
    .filter(isRecord)
    .flatMap((resource): readonly Relation[] => {
      const [kind, name, namespace] = [textOf(resource.kind), textOf(resource.name), textOf(resource.namespace)];
      if (!kind || !name) return [];
      const from = kubernetesItemId({ cluster, namespace, kind, name });
      return from === id ? [] : [{ from, to: id, type: 'managedBy', ...stated }];
    });
  return [...declared, ...managed];
}

function destinationOf(object: KubernetesObject, { cluster, clusterOf }: ArgoCdSourceOptions): string | undefined {
  const name = textOf(readField(object, ['spec', 'destination', 'name']));
  const server = textOf(readField(object, ['spec', 'destination', 'server']));
  if (clusterOf) return clusterOf({ name, server });
  return name === 'in-cluster' || server === IN_CLUSTER ? cluster : name;
}

/** `status.history`: one entry for each sync that went through. */
function syncs(object: KubernetesObject, item: string): readonly Change[] {
  return entriesOf(readField(object, ['status', 'history']))
    .filter(isRecord)
    .flatMap((entry): readonly Change[] => {
      const at = instantOf(entry.deployedAt);
      const revision =
        textOf(entry.revision) ??
        entriesOf(entry.revisions)
          .filter((one) => typeof one === 'string')
          .join(', ');
      if (!at || revision === '') return [];
      const actor = textOf(readField(entry, ['initiatedBy', 'username']));
      const id = `change-${sha256(JSON.stringify([item, at, revision])).slice(0, 16)}`;
      const change = { id, item, at, summary: `synced to ${revision.slice(0, 80)}`, fields: [], source: 'argocd' };
      return [actor ? { ...change, actor } : change];
    });
}
