import type { ConfigurationItem, Relation } from '@tier0/core';
import { type LabelTest, parseLabelSelector } from './label-selector.ts';

const WORKLOADS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);
/** Kinds that catalog relations join. */
export const CATALOG_KINDS: readonly string[] = ['Component', ...WORKLOADS];
/** Without one of these there is nothing to join. */
export const CATALOG_ENTITY = 'Component';
/** Columns of a Component: its annotations `backstage.io/kubernetes-label-selector` and `backstage.io/kubernetes-namespace`. */
export const LABEL_SELECTOR_COLUMN = 'kubernetesLabelSelector';
export const NAMESPACE_COLUMN = 'kubernetesNamespace';
const PART_OF = 'label:app.kubernetes.io/part-of';

/**
 * Workload realizes a catalog Component: by the Component's `backstage.io/kubernetes-label-selector` or the shared `backstage.io/kubernetes-id`,
 * in the namespace that it names where it names one, else (weaker) because `app.kubernetes.io/part-of` equals the Component's name. It joins
 * items of two sources, so the graph runs it over all of them.
 */
export function catalogRelations(items: Iterable<ConfigurationItem>): readonly Relation[] {
  const all = [...items];
  const components = all.filter((item) => item.kind === 'Component' && item.id.startsWith('backstage:'));
  if (components.length === 0) return [];
  const selecting = components.flatMap((component) => selectionOf(component) ?? []);
  const byId = Map.groupBy(components, (component) => String(component.columns.catalogId ?? component.name));
  const byName = Map.groupBy(components, (component) => component.name);
  return all
    .filter((item) => WORKLOADS.has(item.kind))
    .flatMap((item) => {
      const selected = selecting.filter(({ component, holds }) => isInNamespaceOf(component, item) && holds(labelsOf(item)));
      if (selected.length > 0)
        return selected.map(({ component }) => realizes(item, component, 1, 'backstage.io/kubernetes-label-selector'));
      const stated = item.columns.catalogId === undefined ? undefined : byId.get(String(item.columns.catalogId));
      const near = stated?.filter((component) => isInNamespaceOf(component, item));
      if (near && near.length > 0) return near.map((component) => realizes(item, component, 1, 'backstage.io/kubernetes-id'));
      const named = byName.get(String(item.columns[PART_OF] ?? '')) ?? [];
      return named.map((component) => realizes(item, component, 0.7, 'app.kubernetes.io/part-of'));
    });
}

/** A Component that says by labels which objects are its own; undefined where it does not, or not in a way that is understood. */
function selectionOf(component: ConfigurationItem): { readonly component: ConfigurationItem; readonly holds: LabelTest } | undefined {
  const text = component.columns[LABEL_SELECTOR_COLUMN];
  const holds = typeof text === 'string' ? parseLabelSelector(text) : undefined;
  return holds && { component, holds };
}

function isInNamespaceOf(component: ConfigurationItem, item: ConfigurationItem): boolean {
  const wanted = component.columns[NAMESPACE_COLUMN];
  return wanted === undefined || wanted === item.columns.namespace;
}

function labelsOf(item: ConfigurationItem): Readonly<Record<string, string>> {
  const entries = Object.entries(item.columns).filter(([key]) => key.startsWith('label:'));
  return Object.fromEntries(entries.map(([key, value]) => [key.slice('label:'.length), String(value)]));
}

function realizes(workload: ConfigurationItem, component: ConfigurationItem, confidence: number, via: string): Relation {
  return { from: workload.id, to: component.id, type: 'realizes', confidence, properties: { via }, source: 'catalog' };
}
