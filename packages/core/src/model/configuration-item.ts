import { z } from 'zod';
import { bareKind } from '../kubernetes/kinds.ts';
import { exactly } from './exactly.ts';

/** One name under which a source knows an item, e.g. `{ scheme: 'kubernetes.uid', value: '6f1c…' }`. */
export interface Identifier {
  readonly scheme: string;
  readonly value: string;
}

/** Which source said that the item exists, and when it last said so. */
export interface ItemSource {
  /** Adapter name. */
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly observedAt: string;
}

/** A value of an indexed column. */
export type ColumnValue = string | number | boolean;

/** Anything managed to deliver a service (ITIL configuration item). The raw object lives in the `ObjectStore`. */
export interface ConfigurationItem {
  /** Stable and readable: `kubernetes:<cluster>/<namespace>/<Kind>/<name>`, `backstage:<kind>:<namespace>/<name>`. See `itemId`. */
  readonly id: string;
  /** Kind as its source spells it: `Deployment`, `Component`, `Group`. */
  readonly kind: string;
  readonly name: string;
  /** What the name is unique in: `<cluster>/<namespace>`, `<cluster>` for cluster-scoped objects, the Backstage namespace. */
  readonly scope: string;
  /** Indexed facts, flat and small: `image`, `replicas`, `lifecycle`, `label:app`. */
  readonly columns: Readonly<Record<string, ColumnValue>>;
  /** SHA-256 of the canonical raw object without heartbeats, lower-case hex. */
  readonly digest: string;
  /** Further names of the same thing, strongest first. */
  readonly identifiers: readonly Identifier[];
  readonly sources: readonly ItemSource[];
  /** Newest observation of any source. ISO 8601, UTC. */
  readonly observedAt: string;
}

export const ConfigurationItemSchema: z.ZodType<ConfigurationItem> = exactly<ConfigurationItem>()(
  z.strictObject({
    id: z.string().min(1),
    kind: z.string().min(1),
    name: z.string().min(1),
    scope: z.string(),
    columns: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    digest: z.string().regex(/^[0-9a-f]{64}$/),
    identifiers: z.array(z.strictObject({ scheme: z.string().min(1), value: z.string().min(1) })),
    sources: z.array(z.strictObject({ name: z.string().min(1), observedAt: z.iso.datetime() })).min(1),
    observedAt: z.iso.datetime(),
  }),
);

/** The parts of a Kubernetes object's identity that its item id is made of. */
export interface KubernetesIdentity {
  readonly cluster: string;
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string | undefined;
  readonly kind: string;
  readonly name: string;
}

/** Item id of a Kubernetes object: `kubernetes:<cluster>/<namespace>/<Kind>/<name>`; `-` stands for "no namespace". */
export function kubernetesItemId(identity: KubernetesIdentity): string {
  return `kubernetes:${identity.cluster}/${identity.namespace ?? '-'}/${identity.kind}/${identity.name}`;
}

/** Takes a Kubernetes item id apart; undefined when it is not one. */
export function parseKubernetesItemId(id: string): KubernetesIdentity | undefined {
  if (!id.startsWith(SCHEME)) return undefined;
  const afterCluster = id.indexOf('/', SCHEME.length);
  const afterNamespace = id.indexOf('/', afterCluster + 1);
  const afterKind = id.indexOf('/', afterNamespace + 1);
  const isWhole =
    afterCluster > SCHEME.length && afterNamespace > afterCluster + 1 && afterKind > afterNamespace + 1 && afterKind + 1 < id.length;
  const name = id.slice(afterKind + 1);
  if (!isWhole || LINE_END.test(name)) return undefined;
  const namespace = id.slice(afterCluster + 1, afterNamespace);
  return {
    cluster: id.slice(SCHEME.length, afterCluster),
    namespace: namespace === '-' ? undefined : namespace,
    kind: id.slice(afterNamespace + 1, afterKind),
    name,
  };
}

const SCHEME = 'kubernetes:';
const LINE_END = /[\n\r\u2028\u2029]/;

/** An item id as people say it: `Deployment shop/web`, `Node node-a`, `group team-a`. */
export function formatItemId(id: string): string {
  const identity = parseKubernetesItemId(id);
  if (identity) return `${bareKind(identity.kind)} ${identity.namespace ? `${identity.namespace}/` : ''}${identity.name}`;
  const entity = /^backstage:([^:]+):[^/]+\/(.+)$/.exec(id);
  return entity ? `${entity[1]} ${entity[2]}` : id;
}
