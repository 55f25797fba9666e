import { groupKindOf } from '../../kubernetes/group-kind.ts';
import { isMap } from '../schema/schema-flaws.ts';
import { defaultObject } from './defaults/default-object.ts';

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
  /** Who asks, where that is known: `username`, `groups`, `uid`, `extra`. */
  readonly userInfo?: Fields | undefined;
  /** What a test gives a rule in place of what only a cluster knows: variables by their dotted names. */
  readonly values?: ((policy: string, rule: string) => Fields) | undefined;
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

/** How requests are made of manifests. */
export interface RequestOptions {
  /** The Namespace object of a name, where it is known. */
  readonly namespaceObject?: ((namespace: string) => Fields | undefined) | undefined;
  /** Namespace of an object that names none. */
  readonly namespace?: string | undefined;
  /** Whether the defaults of the API server are filled in before policies look. Default true. */
  readonly defaults?: boolean | undefined;
  /** Who asks, where that is known. */
  readonly userInfo?: Fields | undefined;
  /** What a test gives a rule in place of what only a cluster knows: variables by their dotted names. */
  readonly values?: AdmissionRequest['values'];
  /** Default: an update where there was an object before, else a creation. */
  readonly operation?: AdmissionRequest['operation'] | undefined;
}

/**
 * What a change asks of admission: the object itself, and the pods a workload's controller will create from it. A policy about pods
 * stops a Deployment just as surely as one about Deployments, only later.
 */
export function admissionRequests(
  object: Fields,
  oldObject: Fields | undefined,
  options: RequestOptions = {},
): readonly AdmissionRequest[] {
  const metadata = isMap(object.metadata) ? object.metadata : {};
  const namespace = typeof metadata.namespace === 'string' ? metadata.namespace : options.namespace;
  const subject = `${object.kind}/${metadata.name ?? metadata.generateName ?? '?'}`;
  const namespaceObject = namespace === undefined ? undefined : options.namespaceObject?.(namespace);
  const common = {
    namespace,
    namespaceObject: namespaceObject && seen(namespaceObject, options),
    userInfo: options.userInfo,
    values: options.values,
  };
  const own: AdmissionRequest = {
    ...common,
    subject,
    operation: options.operation ?? (oldObject ? 'UPDATE' : 'CREATE'),
    object: seen(object, options, oldObject),
    oldObject: oldObject && seen(oldObject, options, oldObject),
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
  return [own, { ...common, subject: `pods of ${subject}`, operation: 'CREATE', object: seen(pod, options), generatedName: true }];
}

function seen(object: Fields, { defaults = true, namespace }: RequestOptions, stored?: Fields): Fields {
  return defaults ? defaultObject(object, { namespace, stored }) : object;
}

function podMetadata(template: Fields): Fields {
  return isMap(template.metadata) ? template.metadata : {};
}

function templateOf(object: Fields): Fields | undefined {
  const path = TEMPLATES[groupKindOf(object)];
  const template = path?.reduce<unknown>((value, key) => (isMap(value) ? value[key] : undefined), object);
  return isMap(template) ? template : undefined;
}
