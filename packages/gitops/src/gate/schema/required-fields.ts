import { isMap, isSubstituted, type ManifestFlaw } from './schema-flaws.ts';

type Fields = Readonly<Record<string, unknown>>;

const TEMPLATED = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job'];

/** Fields that the API server's validation wants although the schema calls them optional; a list must have an entry. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(TEMPLATED.map((kind) => [kind, ['spec.template.spec.containers', 'spec.template.spec.containers[].image']])),
  CronJob: ['spec.jobTemplate.spec.template.spec.containers', 'spec.jobTemplate.spec.template.spec.containers[].image'],
  PodTemplate: ['template.spec.containers', 'template.spec.containers[].image'],
  Pod: ['spec.containers', 'spec.containers[].image'],
  PersistentVolume: ['spec.accessModes', 'spec.capacity'],
  IngressClass: ['spec.controller'],
  CustomResourceDefinition: ['spec.versions[].schema.openAPIV3Schema'],
};

/** Parts of a volume's spec that say something about it and not where it is. */
const VOLUME_PROPERTIES: ReadonlySet<string> = new Set([
  ...['accessModes', 'capacity', 'claimRef', 'mountOptions', 'nodeAffinity', 'persistentVolumeReclaimPolicy', 'storageClassName'],
  ...['volumeMode', 'volumeAttributesClassName'],
]);

/** What is missing in an object, beyond what its schema calls required. */
export function* missingFields(object: Fields): Generator<ManifestFlaw> {
  const kind = String(object.kind);
  for (const path of REQUIRED[kind] ?? []) for (const at of missingAt(object, path.split('.'), '')) yield missing(at);
  if (kind === 'PersistentVolume' && isMap(object.spec) && Object.keys(object.spec).every((key) => VOLUME_PROPERTIES.has(key))) {
    yield missing('spec', 'a volume needs a type: nfs, csi, hostPath, local, ...');
  }
  if (kind === 'CustomResourceDefinition') yield* definitionFlaws(object.spec);
  if (kind === 'Role' || kind === 'ClusterRole') yield* ruleFlaws(object.rules);
  if (kind === 'Endpoints') yield* subsetFlaws(object.subsets);
  if (/^(?:Deployment|StatefulSet|DaemonSet|ReplicaSet)$/.test(kind)) yield* selectorFlaw(object.spec);
}

function missing(path: string, message = `${path.slice(path.lastIndexOf('.') + 1)} is required`): ManifestFlaw {
  return { rule: 'missing-field', path, message };
}

function missingAt(value: unknown, [step = '', ...rest]: readonly string[], path: string): readonly string[] {
  const name = step.replace('[]', '');
  const here = path === '' ? name : `${path}.${name}`;
  const child = isMap(value) ? value[name] : undefined;
  if (isSubstituted(child) || isSubstituted(value)) return [];
  if (child === undefined || child === null || (Array.isArray(child) && child.length === 0 && rest.length === 0)) {
    return step.endsWith('[]') ? [] : [[here, ...rest.map((one) => one.replace('[]', ''))].join('.')];
  }
  if (rest.length === 0) return [];
  if (!step.endsWith('[]')) return missingAt(child, rest, here);
  return (Array.isArray(child) ? child : []).flatMap((entry, index) => missingAt(entry, rest, `${here}[${index}]`));
}

function* definitionFlaws(spec: unknown): Generator<ManifestFlaw> {
  const versions = isMap(spec) && Array.isArray(spec.versions) ? spec.versions : [];
  for (const [index, version] of versions.entries()) {
    const schema = isMap(version) && isMap(version.schema) ? version.schema.openAPIV3Schema : undefined;
    if (schema !== undefined && schema !== null && !isMap(schema)) {
      yield { rule: 'wrong-type', path: `spec.versions[${index}].schema.openAPIV3Schema`, message: 'a schema is a map' };
    }
  }
}

function* ruleFlaws(rules: unknown): Generator<ManifestFlaw> {
  for (const [index, rule] of (Array.isArray(rules) ? rules : []).entries()) {
    if (!isMap(rule) || hasEntries(rule.nonResourceURLs)) continue;
    for (const field of ['apiGroups', 'resources']) if (!hasEntries(rule[field])) yield missing(`rules[${index}].${field}`);
  }
}

function* subsetFlaws(subsets: unknown): Generator<ManifestFlaw> {
  for (const [index, subset] of (Array.isArray(subsets) ? subsets : []).entries()) {
    if (isMap(subset) && !hasEntries(subset.addresses) && !hasEntries(subset.notReadyAddresses)) {
      yield missing(`subsets[${index}]`, 'it needs addresses or notReadyAddresses');
    }
  }
}

function* selectorFlaw(spec: unknown): Generator<ManifestFlaw> {
  const selector = isMap(spec) ? spec.selector : undefined;
  if (!isMap(selector)) return;
  const isEmpty =
    !hasEntries(selector.matchExpressions) && (!isMap(selector.matchLabels) || Object.keys(selector.matchLabels).length === 0);
  if (isEmpty) yield missing('spec.selector', 'a selector that is empty would select everything');
}

function hasEntries(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
