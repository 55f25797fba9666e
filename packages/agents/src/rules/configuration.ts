import { type CmdbReader, type Finding, kubernetesItemId, parseKubernetesItemId, readField } from '@tier0/core';
import { listAt, textAt } from '../workload/read-object.ts';
import { podSpecPath, workloadsOf } from '../workload/workload.ts';
import { quote, type Rule, toFinding } from './rule.ts';

/** A ConfigMap, or one key of it, that a template cannot do without. */
interface Need {
  readonly container: string;
  readonly configMap: string;
  readonly key?: string | undefined;
}

/** References from pod templates to ConfigMaps, or keys of them, that do not exist. */
export const configurationRule: Rule = {
  name: 'configuration',
  check: (reader) => workloadsOf(reader).flatMap(({ id }) => needsOf(reader, id).flatMap((need) => checkNeed(reader, id, need))),
};

function needsOf(reader: CmdbReader, workload: string): readonly Need[] {
  const spec = readField(reader.object(workload), podSpecPath('Deployment'));
  const containers = [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')];
  const fromContainers = containers.flatMap((entry) => {
    const container = textAt(entry, 'name') ?? '';
    const keys = listAt(entry, 'env').flatMap((variable) => toNeed(container, readField(variable, ['valueFrom', 'configMapKeyRef'])));
    return [...keys, ...listAt(entry, 'envFrom').flatMap((source) => toNeed(container, readField(source, ['configMapRef'])))];
  });
  const fromVolumes = listAt(spec, 'volumes').flatMap((volume) => toNeed('', readField(volume, ['configMap'])));
  return [...fromContainers, ...fromVolumes];
}

function toNeed(container: string, reference: unknown): readonly Need[] {
  const configMap = textAt(reference, 'name');
  if (!configMap || readField(reference, ['optional']) === true) return [];
  return [{ container, configMap, key: textAt(reference, 'key') }];
}

function checkNeed(reader: CmdbReader, workload: string, { container, configMap, key }: Need): readonly Finding[] {
  const { cluster = '', namespace, name = '' } = parseKubernetesItemId(workload) ?? {};
  const target = kubernetesItemId({ cluster, namespace, kind: 'ConfigMap', name: configMap });
  const found = reader.get(target);
  if (found.state === 'unknown') return [];
  const evidence = [quote(reader, workload, podSpecPath('Deployment'))];
  if (found.state === 'absent') {
    const message = `${name}: ConfigMap ${configMap} does not exist`;
    return [toFinding({ code: 'T0-POD-006', subject: workload, container, key: configMap, message, evidence })];
  }
  const object = reader.object(target);
  const hasKey = key === undefined || ['data', 'binaryData'].some((field) => readField(object, [field, key]) !== undefined);
  if (hasKey || object === undefined) return [];
  const message = `${name}: ConfigMap ${configMap} has no key ${key}`;
  return [
    toFinding({
      code: 'T0-POD-007',
      subject: workload,
      container,
      key: `${configMap}/${key}`,
      message,
      evidence: [quote(reader, target, ['data'])],
    }),
  ];
}
