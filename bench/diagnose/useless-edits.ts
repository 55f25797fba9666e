import {
  type CmdbReader,
  type FieldPath,
  type Finding,
  type ItemEdit,
  type JsonValue,
  parseKubernetesItemId,
  readField,
} from '@tier0/core';

/** An edit that cannot cure the finding it is offered for, and why. */
export interface UselessEdit {
  readonly kind: 'no-op' | 'default written out' | 'annotation' | 'restart' | 'other container' | 'other workload' | 'label of the object';
  readonly edits: readonly ItemEdit[];
}

const WORKLOADS = /^(Deployment|StatefulSet|DaemonSet)$/;
const TEMPLATE: FieldPath = ['spec', 'template'];

/** Defaults of the API server that are mostly left out, by kind. */
const DEFAULTS: Readonly<Record<string, readonly (readonly [FieldPath, JsonValue])[]>> = {
  Deployment: [
    [['spec', 'paused'], false],
    [['spec', 'minReadySeconds'], 0],
    [['spec', 'progressDeadlineSeconds'], 600],
    [['spec', 'revisionHistoryLimit'], 10],
  ],
  StatefulSet: [
    [['spec', 'podManagementPolicy'], 'OrderedReady'],
    [['spec', 'revisionHistoryLimit'], 10],
  ],
  DaemonSet: [[['spec', 'revisionHistoryLimit'], 10]],
  Service: [
    [['spec', 'sessionAffinity'], 'None'],
    [['spec', 'publishNotReadyAddresses'], false],
    [['spec', 'internalTrafficPolicy'], 'Cluster'],
  ],
  CronJob: [
    [['spec', 'suspend'], false],
    [['spec', 'successfulJobsHistoryLimit'], 3],
  ],
  Job: [[['spec', 'backoffLimit'], 6]],
  PersistentVolumeClaim: [[['spec', 'volumeMode'], 'Filesystem']],
};
const POD_DEFAULTS: readonly (readonly [FieldPath, JsonValue])[] = [
  [['restartPolicy'], 'Always'],
  [['dnsPolicy'], 'ClusterFirst'],
  [['terminationGracePeriodSeconds'], 30],
  [['schedulerName'], 'default-scheduler'],
  [['enableServiceLinks'], true],
];
const CONTAINER_DEFAULTS: readonly (readonly [FieldPath, JsonValue])[] = [
  [['terminationMessagePolicy'], 'File'],
  [['terminationMessagePath'], '/dev/termination-log'],
  [['tty'], false],
  [['securityContext', 'privileged'], false],
];

/** Edits around a finding that change nothing, nothing that matters, or something else. `tried` are the edits of its real remedies. */
export function uselessEdits(reader: CmdbReader, finding: Finding, tried: readonly ItemEdit[]): readonly UselessEdit[] {
  const items = [...new Set([finding.subject, ...tried.map(({ item }) => item)])].filter((item) => reader.object(item) !== undefined);
  return [
    ...tried.map(
      (edit): UselessEdit => ({ kind: 'no-op', edits: [withValue(reader, edit.item, edit.fieldPath, currentOf(reader, edit))] }),
    ),
    ...items.flatMap((item) => defaultsOf(reader, item)),
    ...items.map(
      (item): UselessEdit => ({ kind: 'annotation', edits: [withValue(reader, item, ['metadata', 'annotations', 'note'], 'x')] }),
    ),
    ...items.map(
      (item): UselessEdit => ({ kind: 'label of the object', edits: [withValue(reader, item, ['metadata', 'labels', 'note'], 'x')] }),
    ),
    // A program that has not read its new configuration is cured by a restart.
    ...items.filter((item) => isWorkload(item) && finding.cause !== 'configuration-not-reloaded').flatMap((item) => restarts(reader, item)),
    ...items.filter(isWorkload).flatMap((item) => otherContainer(reader, item, finding)),
    ...tried.flatMap((edit) => otherWorkloads(reader, edit, finding)),
  ].filter(({ edits }) => edits.length > 0);
}

function isWorkload(item: string): boolean {
  return WORKLOADS.test(parseKubernetesItemId(item)?.kind ?? '');
}

function currentOf(reader: CmdbReader, { item, fieldPath }: ItemEdit): JsonValue | undefined {
  return readField(reader.object(item), fieldPath) as JsonValue | undefined;
}

function withValue(reader: CmdbReader, item: string, fieldPath: FieldPath, value: JsonValue | undefined): ItemEdit {
  const expectOld = readField(reader.object(item), fieldPath) as JsonValue | undefined;
  return { item, fieldPath, ...(expectOld === undefined ? {} : { expectOld }), ...(value === undefined ? {} : { value }) };
}

function defaultsOf(reader: CmdbReader, item: string): readonly UselessEdit[] {
  const kind = parseKubernetesItemId(item)?.kind ?? '';
  const podSpec: FieldPath = [...TEMPLATE, 'spec'];
  const containers = isWorkload(item) ? (readField(reader.object(item), [...podSpec, 'containers']) as readonly unknown[] | undefined) : [];
  const paths = [
    ...(DEFAULTS[kind] ?? []),
    ...(isWorkload(item) ? POD_DEFAULTS.map(([path, value]) => [[...podSpec, ...path], value] as const) : []),
    ...(containers ?? []).flatMap((container) => {
      const name = String(readField(container, ['name']));
      return CONTAINER_DEFAULTS.map(([path, value]) => [[...podSpec, 'containers', { key: 'name', value: name }, ...path], value] as const);
    }),
  ];
  return paths
    .filter(([path]) => readField(reader.object(item), path) === undefined)
    .map(([path, value]) => ({ kind: 'default written out', edits: [withValue(reader, item, path, value)] }));
}

function restarts(reader: CmdbReader, item: string): readonly UselessEdit[] {
  const names = ['kubectl.kubernetes.io/restartedAt', 'checksum/config', 'tier0.dev/restartedAt'];
  return names.map((name) => ({
    kind: 'restart',
    edits: [withValue(reader, item, [...TEMPLATE, 'metadata', 'annotations', name], '2030-01-01T00:00:00Z')],
  }));
}

function otherContainer(reader: CmdbReader, item: string, finding: Finding): readonly UselessEdit[] {
  const path: FieldPath = [...TEMPLATE, 'spec', 'containers'];
  const names = ((readField(reader.object(item), path) as readonly unknown[] | undefined) ?? []).map((one) =>
    String(readField(one, ['name'])),
  );
  if (finding.container === undefined || !names.includes(finding.container)) return [];
  return names
    .filter((name) => name !== finding.container)
    .flatMap((name): readonly UselessEdit[] => {
      const container: FieldPath = [...path, { key: 'name', value: name }];
      return [
        { kind: 'other container', edits: [withValue(reader, item, [...container, 'image'], 'registry.example/other:9')] },
        { kind: 'other container', edits: [withValue(reader, item, [...container, 'resources', 'limits', 'memory'], '7Gi')] },
        { kind: 'other container', edits: [withValue(reader, item, [...container, 'env'], [{ name: 'NOTE', value: 'x' }])] },
      ];
    });
}

/** The same field of a neighbour of the same kind that the finding says nothing about. */
function otherWorkloads(reader: CmdbReader, edit: ItemEdit, finding: Finding): readonly UselessEdit[] {
  const own = parseKubernetesItemId(edit.item);
  if (own === undefined || !isWorkload(edit.item)) return [];
  const concerned = new Set([finding.subject, ...(finding.suspects ?? []), ...(finding.seenOn ?? []), edit.item]);
  const neighbours = reader
    .items({ kind: own.kind })
    .items.filter(
      ({ id }) => parseKubernetesItemId(id)?.namespace === own.namespace && !concerned.has(id) && !isNextTo(reader, id, concerned),
    )
    .slice(0, 2);
  return neighbours.flatMap(({ id }): readonly UselessEdit[] => {
    const path = edit.fieldPath.map((segment, index) => {
      const isContainer = typeof segment === 'object' && edit.fieldPath[index - 1] === 'containers';
      const first = isContainer ? String(readField(reader.object(id), [...edit.fieldPath.slice(0, index), 0, 'name'])) : '';
      return isContainer ? { key: 'name', value: first } : segment;
    });
    return [{ kind: 'other workload', edits: [withValue(reader, id, path, edit.value)] }];
  });
}

function isNextTo(reader: CmdbReader, item: string, others: ReadonlySet<string>): boolean {
  const out = reader.relations(item, 'out').map(({ to }) => to);
  const into = reader.relations(item, 'in').map(({ from }) => from);
  return [...out, ...into].some((id) => others.has(id));
}
