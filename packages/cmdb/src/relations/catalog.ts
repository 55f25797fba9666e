import type { ConfigurationItem, Relation } from '@tier0/core';

const WORKLOADS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);
/** Kinds that catalog relations join. */
export const CATALOG_KINDS: readonly string[] = ['Component', ...WORKLOADS];
/** Without one of these there is nothing to join. */
export const CATALOG_ENTITY = 'Component';
const PART_OF = 'label:app.kubernetes.io/part-of';

/**
 * Workload realizes a catalog Component: by the shared `backstage.io/kubernetes-id`, else (weaker) because
 * `app.kubernetes.io/part-of` equals the Component's name. It joins items of two sources, so the graph runs it over all of them.
 */
export function catalogRelations(items: Iterable<ConfigurationItem>): readonly Relation[] {
  const all = [...items];
  const components = all.filter((item) => item.kind === 'Component' && item.id.startsWith('backstage:'));
  if (components.length === 0) return [];
  const byId = Map.groupBy(components, (component) => String(component.columns.catalogId ?? component.name));
  const byName = Map.groupBy(components, (component) => component.name);
  return all
    .filter((item) => WORKLOADS.has(item.kind))
    .flatMap((item) => {
      const stated = item.columns.catalogId === undefined ? undefined : byId.get(String(item.columns.catalogId));
      if (stated) return stated.map((component) => realizes(item, component, 1, 'backstage.io/kubernetes-id'));
      const named = byName.get(String(item.columns[PART_OF] ?? '')) ?? [];
      return named.map((component) => realizes(item, component, 0.7, 'app.kubernetes.io/part-of'));
    });
}

function realizes(workload: ConfigurationItem, component: ConfigurationItem, confidence: number, via: string): Relation {
  return { from: workload.id, to: component.id, type: 'realizes', confidence, properties: { via }, source: 'catalog' };
}
