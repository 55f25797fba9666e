import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { livePods, nameOf } from '../objects/pod-view.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';
import { podSpecPath } from '../objects/workload.ts';

/** RemedyDraft about what runs well today. One finding of a sort for a workload. */
export const podHygieneRule: Rule = {
  name: 'pod-hygiene',
  check: (reader) => [
    ...KINDS.flatMap((kind) => reader.items({ kind }).items.flatMap(({ id }) => advice(reader, id))),
    ...livePods(reader).flatMap(({ id, workload, object }) => (id === workload && isNaked(object) ? [naked(reader, id)] : [])),
  ],
};

const KINDS = ['DaemonSet', 'Deployment', 'StatefulSet'] as const;

/** A static pod is the kubelet's own. */
function isNaked(pod: unknown): boolean {
  return (
    listAt(pod, 'metadata', 'ownerReferences').length === 0 &&
    mapAt(pod, 'metadata', 'annotations')['kubernetes.io/config.mirror'] === undefined
  );
}

function naked(reader: CmdbReader, id: string): FindingDraft {
  const message = `${nameOf(id)}: no controller would bring this pod back`;
  return { code: 'T0-POD-090', subject: id, message, evidence: [quote(reader, id, ['metadata', 'name'])] };
}

function advice(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const path = podSpecPath(parseKubernetesItemId(id)?.kind ?? '');
  const containers = listAt(reader.object(id), ...path, 'containers');
  const twice = containers.flatMap((entry) => doubles(entry).map((name) => `${textAt(entry, 'name')} sets ${name} twice`));
  const undeclared = containers
    .filter(asksUndeclaredPort)
    .map((entry) => `a probe of ${textAt(entry, 'name')} asks a port it does not declare`);
  const lacking = lacks(containers, (parseKubernetesItemId(id)?.kind ?? '') === 'DaemonSet');
  const say = (code: string, lines: readonly string[]): readonly FindingDraft[] =>
    lines.length === 0
      ? []
      : [
          {
            code,
            subject: id,
            message: `${nameOf(id)}: ${lines.join(', ')}`,
            evidence: [quote(reader, id, ['metadata', 'name'])],
          },
        ];
  return [...say('T0-POD-091', twice), ...say('T0-POD-092', undeclared), ...say('T0-POD-093', lacking)];
}

function doubles(container: unknown): readonly string[] {
  const names = listAt(container, 'env').flatMap((entry) => textAt(entry, 'name') ?? []);
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

function asksUndeclaredPort(container: unknown): boolean {
  const declared = listAt(container, 'ports');
  if (declared.length === 0) return false;
  return ['livenessProbe', 'readinessProbe', 'startupProbe'].some((name) => {
    const port = readField(container, [name, 'httpGet', 'port']) ?? readField(container, [name, 'tcpSocket', 'port']);
    return (
      port !== undefined && !declared.some((entry) => readField(entry, ['containerPort']) === port || readField(entry, ['name']) === port)
    );
  });
}

function lacks(containers: readonly unknown[], isDaemon: boolean): readonly string[] {
  const without = (label: string, isThere: (container: unknown) => boolean) => {
    const names = containers.filter((entry) => !isThere(entry)).map((entry) => textAt(entry, 'name') ?? '');
    return names.length === 0 ? [] : [`no ${label} (${names.join(', ')})`];
  };
  const probes = isDaemon ? [] : without('readiness probe', (entry) => readField(entry, ['readinessProbe']) !== undefined);
  const has = (field: string) => (entry: unknown) => readField(entry, ['resources', field]) !== undefined;
  return [...probes, ...without('requests', has('requests')), ...without('limits', has('limits'))];
}
