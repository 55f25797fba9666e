import { list, nameOf, texts } from './admission/match-resources.ts';
import { isMap } from './schema/schema-flaws.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a Kyverno test says besides policies and resources: namespaces, who asks, which operation it is. */
export interface KyvernoValues {
  readonly namespaceObject: (name: string) => Fields;
  readonly userInfo: Fields | undefined;
  /** The operation that values give a resource under a policy. */
  readonly operation: (policy: string, resource: string) => 'CREATE' | 'UPDATE' | undefined;
  /** A line for each part of the test that is not used here. */
  readonly notUsed: readonly string[];
}

const USED: ReadonlySet<string> = new Set([
  ...['apiVersion', 'kind', 'metadata', 'name', 'policies', 'resources', 'results', 'variables', 'userinfo', 'paramResources'],
]);
const USED_VALUES: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'name', 'policies', 'namespaceSelector', 'namespaces']);

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
  const named = list(spec.policies).find(({ name }) => name === policy);
  const found = list(named?.resources).find(({ name }) => name === resource);
  const operation = isMap(found?.values) ? found.values['request.operation'] : undefined;
  return operation === 'UPDATE' || operation === 'CREATE' ? operation : undefined;
}

function unused(fields: Fields, used: ReadonlySet<string>, place: string): readonly string[] {
  return Object.keys(fields).flatMap((key) => (used.has(key) || key === 'spec' ? [] : [`${place}${key} is not used`]));
}

/** Values other than the operation stand for what a policy asks of a cluster or a registry. */
function unusedValues(spec: Fields): readonly string[] {
  const given = list(spec.policies).flatMap((policy) => [...list(policy.resources), ...list(policy.rules)]);
  const names = given.flatMap(({ values }) => (isMap(values) ? Object.keys(values) : []));
  return [...new Set(names)].filter((name) => name !== 'request.operation').map((name) => `variables: the value ${name} is not used`);
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
