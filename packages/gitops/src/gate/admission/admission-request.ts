import { groupKindOf } from '../../kubernetes/group-kind.ts';
import { isMap } from '../schema/schema-flaws.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An object on its way into the cluster, as the API server would see it. */
export interface AdmissionRequest {
  /** How people call it: `Deployment/web`, `pods of Deployment/web`. */
  readonly subject: string;
  readonly operation: 'CREATE' | 'UPDATE';
  readonly object: Fields;
  /** The object before; undefined on CREATE. */
  readonly oldObject?: Fields | undefined;
  /** Undefined for cluster-scoped objects, and where the manifest leaves it to the one who applies it. */
  readonly namespace: string | undefined;
  /** The Namespace object; undefined where it is not known. */
  readonly namespaceObject?: Fields | undefined;
  /** Whether the name will be made by a controller, so that nobody knows it yet. */
  readonly generatedName: boolean;
}

const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  'apps/Deployment': ['spec', 'template'],
  'apps/StatefulSet': ['spec', 'template'],
  'apps/DaemonSet': ['spec', 'template'],
  'apps/ReplicaSet': ['spec', 'template'],
  'core/ReplicationController': ['spec', 'template'],
  'batch/Job': ['spec', 'template'],
  'batch/CronJob': ['spec', 'jobTemplate', 'spec', 'template'],
};

/**
 * What a change asks of admission: the object itself, and the pods a workload's controller will create from it. A policy about pods
 * stops a Deployment just as surely as one about Deployments, only later.
 */
export function admissionRequests(
  object: Fields,
  oldObject: Fields | undefined,
  namespaceObject: (namespace: string) => Fields | undefined = () => undefined,
): readonly AdmissionRequest[] {
  const metadata = isMap(object.metadata) ? object.metadata : {};
  const namespace = typeof metadata.namespace === 'string' ? metadata.namespace : undefined;
  const subject = `${object.kind}/${metadata.name ?? metadata.generateName ?? '?'}`;
  const common = { namespace, namespaceObject: namespace === undefined ? undefined : namespaceObject(namespace) };
  const own: AdmissionRequest = {
    ...common,
    subject,
    operation: oldObject ? 'UPDATE' : 'CREATE',
    object,
    oldObject,
    generatedName: metadata.name === undefined,
  };
  const template = templateOf(object);
  if (!template) return [own];
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...podMetadata(template), ...(namespace ? { namespace } : {}) },
    spec: template.spec,
  };
  return [own, { ...common, subject: `pods of ${subject}`, operation: 'CREATE', object: pod, generatedName: true }];
}

function podMetadata(template: Fields): Fields {
  return isMap(template.metadata) ? template.metadata : {};
}

function templateOf(object: Fields): Fields | undefined {
  const path = TEMPLATES[groupKindOf(object)];
  const template = path?.reduce<unknown>((value, key) => (isMap(value) ? value[key] : undefined), object);
  return isMap(template) ? template : undefined;
}

const IRREGULAR: Readonly<Record<string, string>> = { Endpoints: 'endpoints' };

/** Resource name of a kind, as in URLs and policies: `Ingress` is `ingresses`, `NetworkPolicy` is `networkpolicies`. */
export function resourceOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (IRREGULAR[kind]) return IRREGULAR[kind];
  if (/(?:s|x|z|ch|sh)$/.test(lower)) return `${lower}es`;
  if (/[^aeiou]y$/.test(lower)) return `${lower.slice(0, -1)}ies`;
  return `${lower}s`;
}

/** Group and version of an object: `apps/v1` gives `apps` and `v1`, `v1` gives the empty group. */
export function groupVersionOf(object: Fields): { readonly group: string; readonly version: string } {
  const text = String(object.apiVersion ?? '');
  const slash = text.indexOf('/');
  return slash < 0 ? { group: '', version: text } : { group: text.slice(0, slash), version: text.slice(slash + 1) };
}
