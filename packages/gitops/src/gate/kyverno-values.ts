import { list, nameOf, texts } from './admission/match-resources.ts';
import { isMap } from './schema/schema-flaws.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a Kyverno test says besides policies and resources: namespaces, who asks, which operation it is. */
export interface KyvernoValues {
  readonly namespaceObject: (name: string) => Fields;
  readonly userInfo: Fields | undefined;
  /** The operation that values give a resource under a policy. */
  readonly operation: (policy: string, resource: string) => 'CREATE' | 'UPDATE' | undefined;
  /** What stands for a cluster or a registry: variables of a policy's rule on a resource, by their dotted names. */
  readonly values: (policy: string, resource: string) => (policyName: string, rule: string) => Fields;
  /** A line for each part of the test that is not used here. */
  readonly notUsed: readonly string[];
}

const USED: ReadonlySet<string> = new Set([
  ...['apiVersion', 'kind', 'metadata', 'name', 'policies', 'resources', 'results', 'variables', 'userinfo', 'paramResources'],
]);
const USED_VALUES: ReadonlySet<string> = new Set([
  ...['apiVersion', 'kind', 'metadata', 'name', 'policies', 'namespaceSelector', 'namespaces', 'globalValues'],
]);

/** Reads a test file with the documents of its `variables` and `userinfo`, and the namespaces among its resources. */
export function kyvernoValues(
  test: Fields,
  { values, userInfo, resources }: { readonly values: Fields; readonly userInfo: unknown; readonly resources: readonly Fields[] },
): KyvernoValues {
  const spec = isMap(values.spec) ? values.spec : values;
  const selected = list(spec.namespaceSelector).map(({ name, labels }) => ({ metadata: { name, labels } }));
  const known = [...list(spec.namespaces), ...resources.filter(({ kind }) => kind === 'Namespace'), ...selected];
  return {
    // The CLI makes up a namespace that nobody gave: it has its name, and the label that says it.
    namespaceObject: (name) => withName(known.find((one) => nameOf(one) === name) ?? {}, name),
    userInfo: userInfoOf(userInfo),
    operation: (policy, resource) => operationIn(spec, policy, resource),
    values: (policy, resource) => (policyName, rule) => ({
      ...(isMap(spec.globalValues) ? spec.globalValues : {}),
      ...valuesOf(list(spec.policies), policy, 'resources', resource),
      ...valuesOf(list(spec.policies), policyName, 'rules', rule),
    }),
    notUsed: [...unused(test, USED, ''), ...unused(spec, USED_VALUES, 'variables: '), ...unusedValues(spec)],
  };
}

function withName(namespace: Fields, name: string): Fields {
  const metadata = isMap(namespace.metadata) ? namespace.metadata : {};
  const labels = isMap(metadata.labels) ? metadata.labels : {};
  return { ...namespace, metadata: { ...metadata, name, labels: { 'kubernetes.io/metadata.name': name, ...labels } } };
}

function userInfoOf(document: unknown): Fields | undefined {
  const info = isMap(document) ? (isMap(document.userInfo) ? document.userInfo : document.spec) : undefined;
  return isMap(info) ? info : undefined;
}

function operationIn(spec: Fields, policy: string, resource: string): 'CREATE' | 'UPDATE' | undefined {
  const operation = valuesOf(list(spec.policies), policy, 'resources', resource)['request.operation'];
  return operation === 'UPDATE' || operation === 'CREATE' ? operation : undefined;
}

function unused(fields: Fields, used: ReadonlySet<string>, place: string): readonly string[] {
  return Object.keys(fields).flatMap((key) => (used.has(key) || key === 'spec' ? [] : [`${place}${key} is not used`]));
}

/** Values of one policy's resource or rule; of several with the name, the later win. */
function valuesOf(policies: readonly Fields[], policy: string, kind: 'resources' | 'rules', wanted: string): Fields {
  const entries = policies.filter(({ name }) => name === policy).flatMap((one) => list(one[kind]));
  return Object.assign({}, ...entries.filter(({ name }) => name === wanted).map(({ values }) => (isMap(values) ? values : {})));
}

/** Values for the elements of a `foreach` are left out: which element they are for is told nowhere. */
function unusedValues(spec: Fields): readonly string[] {
  const rules = list(spec.policies).flatMap((policy) => list(policy.rules));
  return rules
    .filter(({ foreachValues }) => foreachValues !== undefined)
    .map(({ name }) => `variables: foreachValues of ${name} are not used`);
}

/** A resource as the Kyverno CLI takes it: in the namespace `default` where it names none. */
export function inDefaultNamespace(object: Fields): Fields {
  const metadata = isMap(object.metadata) ? object.metadata : {};
  if (object.kind === 'Namespace' || typeof metadata.namespace === 'string') return object;
  return { ...object, metadata: { ...metadata, namespace: 'default' } };
}

/** Files that a test names under a key. */
export function filesOf(test: Fields, key: string): readonly string[] {
  return typeof test[key] === 'string' ? [test[key]] : texts(test[key]);
}
