import type { ResourceKind } from '../kinds.ts';
import { isJsonObject, type KubernetesObject, valueAt } from '../kubernetes-object.ts';
import { toAge } from './age.ts';
import { type Column, columnsOf } from './columns.ts';

export interface TableContext {
  readonly kind: ResourceKind;
  /** Ages are computed from this instant, in milliseconds. */
  readonly now: number;
  readonly listMetadata: object;
  readonly definition?: KubernetesObject | undefined;
}

/** The Table that kubectl prints: columns chosen by the server, ages from the clock of the cluster. */
export function createTable(objects: readonly KubernetesObject[], context: TableContext): unknown {
  const columns = context.definition === undefined ? columnsOf(context.kind) : customColumns(context);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: context.listMetadata,
    columnDefinitions: columns.map(({ name, type, priority }) => ({
      name,
      type,
      format: name === 'Name' ? 'name' : '',
      description: name,
      priority,
    })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, context.now)),
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  };
}

/** `additionalPrinterColumns` of a CustomResourceDefinition; simple JSON paths only, others print as empty. */
function customColumns({ kind, definition }: TableContext): readonly Column[] {
  const versions = valueAt(definition, ['spec', 'versions']);
  const version = Array.isArray(versions) ? versions.find((entry) => isJsonObject(entry) && entry.name === kind.version) : undefined;
  const printed = valueAt(version, ['additionalPrinterColumns']);
  const [name, age] = [columnsOf(kind)[0]!, columnsOf(kind).at(-1)!];
  if (!Array.isArray(printed) || printed.length === 0) return [name, age];
  return [name, ...printed.filter(isJsonObject).map(customColumn)];
}

function customColumn(printed: Readonly<Record<string, unknown>>): Column {
  const path = String(printed.jsonPath ?? '')
    .split('.')
    .slice(1);
  return {
    name: String(printed.name),
    type: 'string',
    priority: Number(printed.priority ?? 0),
    cell(object, now) {
      const value = path.some((step) => step.includes('[')) ? conditionAt(object, String(printed.jsonPath)) : valueAt(object, path);
      if (value === undefined) return '';
      return printed.type === 'date' ? toAge(String(value), now) : typeof value === 'object' ? JSON.stringify(value) : String(value);
    },
  };
}

/** `.status.conditions[?(@.type=="Ready")].status`, the one filter that printer columns commonly use. */
function conditionAt(object: KubernetesObject, path: string): unknown {
  const parts = /^\.([\w.]+)\[\?\(@\.(\w+)\s*==\s*['"]([^'"]*)['"]\)\]\.(\w+)$/.exec(path);
  const list = parts === null ? undefined : valueAt(object, parts[1]!.split('.'));
  return Array.isArray(list) ? list.find((entry) => entry?.[parts![2]!] === parts![3])?.[parts![4]!] : undefined;
}
