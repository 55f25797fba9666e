import type { Recording } from '../recordings.ts';
import { at, type Family, type FamilyPod, type Loose, listAt, mapAt, type RevisionSet } from './family.ts';
import type { Reference, Telling, WorkloadKind } from './retell.ts';

type Outcome = ReturnType<WorkloadKind['tell']>;

const HASH = 'pod-template-hash';

/** Other kinds of workload that run the pods of a Deployment. */
export const WORKLOAD_KINDS: readonly WorkloadKind[] = [
  { name: 'StatefulSet', tell: (family, recording) => asStatefulSet(family, recording) },
  { name: 'DaemonSet', tell: (family, recording) => asDaemonSet(family, recording) },
  { name: 'Job', tell: (family, recording) => asJob(family, recording) },
  { name: 'bare ReplicaSet', tell: (family) => asReplicaSet(family) },
  { name: 'bare Pod', tell: (family, { snapshot }) => asPod(family, isScaled(family, snapshot.objects)) },
  { name: 'Argo Rollout', tell: (family) => asRollout(family) },
  { name: 'DeploymentConfig', tell: (family) => asDeploymentConfig(family) },
  { name: 'pods of an operator', tell: (family, { snapshot }) => asOperatorPods(family, isScaled(family, snapshot.objects)) },
  { name: 'Deployment of an operator', tell: (family) => asOperatorsDeployment(family) },
];

function isScaled({ name, namespace }: Family, objects: readonly { readonly metadata: { readonly namespace?: string } }[]): boolean {
  return objects.some(
    (object) =>
      object.metadata.namespace === namespace &&
      (at(object, 'spec', 'scaleTargetRef', 'name') === name || at(object, 'spec', 'targetRef', 'name') === name),
  );
}

// Why not

function isNewest({ sets }: Family, set: RevisionSet): boolean {
  return set === sets.at(-1);
}

/** What a swap that drops old pods must not take away: the very thing that the new ones wait for. */
function whyNotReplaced(family: Family, dropped: readonly FamilyPod[]): string | undefined {
  if (family.pods.some(({ isGoing }) => isGoing)) return 'a pod is going while another comes';
  if (dropped.some(({ object }) => isOver(object))) return 'its failed pods would be gone';
  const isWaiting = family.pods.some(({ node, set }) => node === undefined && isNewest(family, set));
  return dropped.length > 0 && isWaiting ? 'new pods wait for what old ones hold' : undefined;
}

function isOver(pod: unknown): boolean {
  return /^(Failed|Succeeded)$/.test(String(at(pod, 'status', 'phase')));
}

/** Why the newest revision gets no pods, as its ReplicaSet or the Deployment says it. */
function refusalOf({ sets, deployment }: Family): string | undefined {
  const conditions = [sets.at(-1)?.object, deployment].flatMap((object) => listAt(object, 'status', 'conditions'));
  const failure = conditions.find((one) => at(one, 'type') === 'ReplicaFailure' && at(one, 'status') === 'True');
  return at(failure, 'reason') === 'FailedCreate' ? String(at(failure, 'message') ?? '') : undefined;
}

/** A controller without a condition for it says its refusals by an event that it repeats. */
function refusalEvent(family: Family, top: Reference, event: Telling['event'], recording: Recording): readonly Loose[] {
  const refusal = refusalOf(family);
  const names = new Set(family.sets.map(({ name }) => name));
  const isTold = recording.snapshot.objects.some(
    (object) =>
      object.kind === 'Event' &&
      at(object, 'reason') === 'FailedCreate' &&
      names.has(String(at(object, 'involvedObject', 'name') ?? at(object, 'regarding', 'name'))),
  );
  const said = refusal === undefined || isTold ? undefined : event('FailedCreate', `Error creating: ${refusal}`);
  if (said === undefined) return [];
  const { now } = recording.snapshot;
  const before = (minutes: number) => `${new Date(Date.parse(now) - minutes * 60_000).toISOString().slice(0, 19)}Z`;
  const { name, namespace } = family;
  return [
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.17f0c0ffee`, namespace, creationTimestamp: before(12) },
      type: 'Warning',
      ...said,
      involvedObject: { ...top, namespace, uid: family.deployment.metadata.uid },
      source: { component: `${top.kind.toLowerCase()}-controller` },
      count: 9,
      firstTimestamp: before(12),
      lastTimestamp: before(1),
    },
  ];
}

function isShortOfPods({ pods, wanted }: Family): boolean {
  return pods.length < wanted;
}

// Parts of what is told

/** A pod with another name, owner and labels. */
function podAs({ object }: FamilyPod, change: { name: string; owner?: Loose; labels?: Loose; annotations?: Loose; spec?: Loose }): Loose {
  const { [HASH]: _, ...labels } = mapAt(object, 'metadata', 'labels');
  const { ownerReferences: __, generateName: ___, ...metadata } = object.metadata as unknown as Loose;
  return {
    ...object,
    metadata: {
      ...metadata,
      name: change.name,
      labels: { ...labels, ...change.labels },
      ...(change.annotations ? { annotations: { ...mapAt(metadata, 'annotations'), ...change.annotations } } : {}),
      ...(change.owner ? { ownerReferences: [{ ...change.owner, controller: true, blockOwnerDeletion: true }] } : {}),
    },
    spec: withoutHash({ ...mapAt(object, 'spec'), ...change.spec }),
  };
}

/** The hash of a template is a matter of Deployments. */
function withoutHash<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll(`"${HASH}"`, '"controller-revision-hash"'));
}

function ownerOf(family: Family, { apiVersion, kind, name }: Reference): Loose {
  return { apiVersion, kind, name, uid: family.deployment.metadata.uid };
}

/** The Deployment's metadata without what only Deployments have. */
function metadataOf({ deployment }: Family, top: Reference): Loose {
  const { annotations, ...metadata } = deployment.metadata as unknown as Loose;
  const entries = Object.entries(mapAt({ annotations }, 'annotations')).filter(([key]) => !key.startsWith('deployment.kubernetes.io/'));
  const said = entries.map(([key, value]) => [key, key.endsWith('/last-applied-configuration') ? appliedAs(String(value), top) : value]);
  return { ...metadata, ...(said.length > 0 ? { annotations: Object.fromEntries(said) } : {}) };
}

function appliedAs(applied: string, { apiVersion, kind }: Reference): string {
  const object = parsed(applied);
  if (object === undefined) return applied;
  const { strategy: _, ...said } = mapAt(object, 'spec');
  const labels = at(said, 'selector', 'matchLabels');
  const spec = kind === 'DeploymentConfig' && labels !== undefined ? { ...said, selector: labels } : said;
  return `${JSON.stringify({ ...object, apiVersion, kind, spec })}\n`;
}

/** Undefined where a secret was taken out of the middle. */
function parsed(text: string): Loose | undefined {
  try {
    return JSON.parse(text) as Loose;
  } catch {
    return undefined;
  }
}

function specOf({ deployment }: Family): Loose {
  const { strategy: _strategy, progressDeadlineSeconds: _deadline, paused: _paused, ...spec } = mapAt(deployment, 'spec');
  return spec;
}

function countOf(pods: readonly FamilyPod[], isCounted: (pod: FamilyPod) => boolean): number {
  return pods.filter(isCounted).length;
}

function templateWithoutHash(set: RevisionSet): Loose {
  const template = mapAt(set.object, 'spec', 'template');
  const { [HASH]: _, ...labels } = mapAt(template, 'metadata', 'labels');
  return withoutHash({ ...template, metadata: { ...mapAt(template, 'metadata'), labels, creationTimestamp: null } });
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/controller-revision-v1/ */
function controllerRevisions(family: Family, top: Reference): readonly Loose[] {
  return family.sets.flatMap((set): readonly Loose[] => {
    if (set.object === undefined) return [];
    const { template: _, ...metadata } = set.object.metadata as unknown as Loose;
    const { [HASH]: hash, ...labels } = mapAt(metadata, 'labels');
    const owner = { ...ownerOf(family, top), controller: true, blockOwnerDeletion: true };
    return [
      {
        apiVersion: 'apps/v1',
        kind: 'ControllerRevision',
        metadata: {
          name: set.name,
          namespace: family.namespace,
          uid: metadata.uid,
          creationTimestamp: metadata.creationTimestamp,
          labels: { ...labels, 'controller-revision-hash': hash ?? set.hash },
          ownerReferences: [owner],
        },
        data: { spec: { template: { ...templateWithoutHash(set), $patch: 'replace' } } },
        revision: set.number,
      },
    ];
  });
}

type EventOf = Telling['event'];

/** What a controller says of pods that it makes itself. */
const pluralEvents: EventOf = (reason, message) => (reason === 'ScalingReplicaSet' ? undefined : { reason, message });

function statefulSetEvents(name: string): EventOf {
  return (reason, message) => {
    const pod = /pod: (\S+)$/.exec(message)?.[1] ?? '';
    if (reason === 'SuccessfulCreate') return { reason, message: `create Pod ${pod} in StatefulSet ${name} successful` };
    if (reason === 'SuccessfulDelete') return { reason, message: `delete Pod ${pod} in StatefulSet ${name} successful` };
    if (reason !== 'FailedCreate') return undefined;
    const said = message.replace(/^Error creating: /, '').replaceAll(/pods "[^"]*"/g, `pods "${name}-0"`);
    return { reason, message: `create Pod ${name}-0 in StatefulSet ${name} failed error: ${said}` };
  };
}

// The kinds

function asStatefulSet(family: Family, recording: Recording): Outcome {
  const { name, pods, wanted, sets } = family;
  if (pods.some(({ object }) => isOver(object))) return { why: 'its failed pods would be gone' };
  const newest = pods.filter(({ set }) => isNewest(family, set));
  const old = pods.filter(({ set }) => !isNewest(family, set));
  // One old pod was taken away before its successor was refused.
  const missing = refusalOf(family) !== undefined && newest.length === 0 ? 1 : 0;
  const kept = [...old.slice(0, Math.max(0, wanted - newest.length - missing)), ...newest.slice(0, wanted)];
  const why = whyNotReplaced(
    family,
    pods.filter((pod) => !kept.includes(pod)),
  );
  if (why !== undefined) return { why };
  if (at(family.deployment, 'spec', 'template', 'spec', 'hostname') !== undefined) return { why: 'a StatefulSet names its hosts itself' };
  const top = { apiVersion: 'apps/v1', kind: 'StatefulSet', name };
  const podAt = (pod: FamilyPod, index: number) =>
    podAs(pod, {
      name: `${name}-${index}`,
      owner: ownerOf(family, top),
      labels: {
        'controller-revision-hash': pod.set.name,
        'statefulset.kubernetes.io/pod-name': `${name}-${index}`,
        'apps.kubernetes.io/pod-index': String(index),
      },
      spec: { hostname: `${name}-${index}` },
    });
  const isUpdated = (pod: FamilyPod) => isNewest(family, pod.set);
  const status = {
    observedGeneration: at(family.deployment, 'status', 'observedGeneration'),
    replicas: kept.length,
    readyReplicas: countOf(kept, ({ isReady }) => isReady),
    availableReplicas: countOf(kept, ({ isReady }) => isReady),
    updatedReplicas: countOf(kept, isUpdated),
    currentReplicas: countOf(kept, (pod) => old.length === 0 || !isUpdated(pod)),
    currentRevision: old[0]?.set.name ?? sets.at(-1)?.name,
    updateRevision: sets.at(-1)?.name,
    collisionCount: 0,
  };
  const spec = {
    ...specOf(family),
    serviceName: '',
    podManagementPolicy: 'Parallel',
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
  };
  return {
    objects: [
      { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: metadataOf(family, top), spec, ...(hasStatus(family) ? { status } : {}) },
      ...controllerRevisions(family, top),
      ...refusalEvent(family, top, statefulSetEvents(name), recording),
    ],
    pods: new Map(kept.map((pod, index) => [pod.object.metadata.name, podAt(pod, index)])),
    top,
    inPlaceOf: () => top,
    event: statefulSetEvents(name),
  };
}

function hasStatus({ deployment }: Family): boolean {
  return at(deployment, 'status') !== undefined;
}

function asDaemonSet(family: Family, recording: Recording): Outcome {
  const { name, wanted } = family;
  if (isScaled(family, recording.snapshot.objects)) return { why: 'an autoscaler scales it' };
  if (wanted === 0) return { why: 'scaled to zero' };
  if (at(family.deployment, 'spec', 'template', 'spec', 'nodeName') !== undefined) return { why: 'its template names a node' };
  if (family.pods.some(({ node }) => node === undefined)) return { why: 'a pod without a node' };
  if (family.pods.some(({ object }) => isOver(object))) return { why: 'its failed pods would be gone' };
  const byNode = Map.groupBy(family.pods, ({ node }) => node);
  const kept: FamilyPod[] = [];
  for (const pods of byNode.values()) {
    const newest = pods.filter(({ set }) => set === pods.at(-1)?.set);
    if (new Set(newest.map(({ isReady }) => isReady)).size > 1) return { why: 'pods of one node differ' };
    kept.push(newest[0] as FamilyPod);
  }
  const isRefused = refusalOf(family) !== undefined;
  const missing = isRefused ? Math.max(1, wanted - kept.length) : 0;
  if (isRefused && kept.length >= wanted && !kept.some(({ set }) => isNewest(family, set))) kept.pop();
  if (kept.length + missing === 0) return { why: 'no pods' };
  const why = whyNotReplaced(
    family,
    family.pods.filter((pod) => !kept.includes(pod)),
  );
  if (why !== undefined) return { why };
  const top = { apiVersion: 'apps/v1', kind: 'DaemonSet', name };
  const podOn = (pod: FamilyPod) =>
    podAs(pod, {
      name: `${name}-${pod.object.metadata.name.slice(-5)}`,
      owner: ownerOf(family, top),
      labels: { 'controller-revision-hash': pod.set.hash },
      spec: { affinity: boundTo(pod), tolerations: [...listAt(pod.object, 'spec', 'tolerations'), ...DAEMON_TOLERATIONS] },
    });
  const ready = countOf(kept, ({ isReady }) => isReady);
  const status = {
    observedGeneration: at(family.deployment, 'status', 'observedGeneration'),
    currentNumberScheduled: kept.length,
    desiredNumberScheduled: kept.length + missing,
    numberMisscheduled: 0,
    numberReady: ready,
    numberAvailable: Math.min(ready, Number(at(family.deployment, 'status', 'availableReplicas') ?? 0)),
    ...(ready < kept.length + missing ? { numberUnavailable: kept.length + missing - ready } : {}),
    updatedNumberScheduled: countOf(kept, ({ set }) => isNewest(family, set)),
  };
  const { replicas: _, ...spec } = specOf(family);
  return {
    objects: [
      {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: metadataOf(family, top),
        spec: { ...spec, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } } },
        ...(hasStatus(family) ? { status } : {}),
      },
      ...controllerRevisions(family, top),
      ...refusalEvent(family, top, pluralEvents, recording),
    ],
    pods: new Map(kept.map((pod) => [pod.object.metadata.name, podOn(pod)])),
    top,
    inPlaceOf: () => top,
    event: pluralEvents,
  };
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#how-daemon-pods-are-scheduled */
function boundTo({ object, node }: FamilyPod): Loose {
  const affinity = mapAt(object, 'spec', 'affinity');
  const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] };
  return {
    ...affinity,
    nodeAffinity: { ...mapAt(affinity, 'nodeAffinity'), requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } },
  };
}

const DAEMON_TOLERATIONS = [
  'not-ready:NoExecute',
  'unreachable:NoExecute',
  'disk-pressure:NoSchedule',
  'memory-pressure:NoSchedule',
  'pid-pressure:NoSchedule',
  'unschedulable:NoSchedule',
].map((taint) => {
  const [key, effect] = taint.split(':');
  return { key: `node.kubernetes.io/${key}`, operator: 'Exists', effect };
});

function asJob(family: Family, recording: Recording): Outcome {
  const { name, wanted, deployment } = family;
  if (isScaled(family, recording.snapshot.objects)) return { why: 'an autoscaler scales it' };
  if (wanted === 0) return { why: 'scaled to zero' };
  const kept = family.pods.filter(({ set }) => isNewest(family, set));
  if (kept.length === 0 && refusalOf(family) === undefined) return { why: 'no pods' };
  if (kept.some(({ isReady }) => isReady)) return { why: 'its pods serve' };
  if (kept.some(({ object }) => listAt(object, 'status', 'containerStatuses').some((one) => at(one, 'state', 'running') !== undefined))) {
    return { why: 'its pods run and are not ready' };
  }
  const why = whyNotReplaced(
    family,
    family.pods.filter((pod) => !kept.includes(pod)),
  );
  if (why !== undefined) return { why };
  const top = { apiVersion: 'batch/v1', kind: 'Job', name };
  const uid = String(deployment.metadata.uid);
  const labels = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  const restarts = Math.max(
    0,
    ...kept.map(({ object }) =>
      Math.max(0, ...listAt(object, 'status', 'containerStatuses').map((one) => Number(at(one, 'restartCount') ?? 0))),
    ),
  );
  const template = mapAt(deployment, 'spec', 'template');
  const spec = {
    parallelism: wanted,
    completions: wanted,
    backoffLimit: Math.max(6, restarts + 4),
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: 'TerminatingOrFailed',
    selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
    template: {
      ...template,
      metadata: { ...mapAt(template, 'metadata'), labels: { ...mapAt(template, 'metadata', 'labels'), ...labels } },
      spec: { ...mapAt(template, 'spec'), restartPolicy: 'OnFailure' },
    },
  };
  const created =
    kept.map(({ object }) => String(object.metadata.creationTimestamp)).sort()[0] ?? family.sets.at(-1)?.object?.metadata.creationTimestamp;
  return {
    objects: [
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { ...metadataOf(family, top), creationTimestamp: created, generation: 1 },
        spec,
        status: { active: kept.length, ready: 0, terminating: 0, startTime: created, uncountedTerminatedPods: {} },
      },
      ...refusalEvent(family, top, pluralEvents, recording),
    ],
    pods: new Map(
      kept.map((pod) => [
        pod.object.metadata.name,
        podAs(pod, {
          name: `${name}-${pod.object.metadata.name.slice(-5)}`,
          owner: ownerOf(family, top),
          labels,
          spec: { restartPolicy: 'OnFailure' },
        }),
      ]),
    ),
    top,
    inPlaceOf: () => top,
    event: pluralEvents,
  };
}

function asReplicaSet(family: Family): Outcome {
  const { name, wanted, deployment } = family;
  // One that has no template but its own never replaces a pod: those of a newer template came when an older one had been deleted.
  const newest = family.pods.filter(({ set }) => isNewest(family, set));
  const old = family.pods.filter(({ set }) => !isNewest(family, set));
  const kept = [...old.slice(0, Math.max(0, wanted - newest.length)), ...newest.slice(0, wanted)];
  const why = whyNotReplaced(
    family,
    family.pods.filter((pod) => !kept.includes(pod)),
  );
  if (why !== undefined) return { why };
  const top = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name };
  const failure = listAt(family.sets.at(-1)?.object, 'status', 'conditions');
  const ready = countOf(kept, ({ isReady }) => isReady);
  const status = {
    observedGeneration: at(deployment, 'status', 'observedGeneration'),
    replicas: kept.length,
    fullyLabeledReplicas: kept.length,
    ...(ready > 0 ? { readyReplicas: ready, availableReplicas: ready } : {}),
    ...(failure.length > 0 ? { conditions: failure } : {}),
  };
  const { revisionHistoryLimit: _, ...spec } = specOf(family);
  return {
    objects: [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: metadataOf(family, top), spec, ...(hasStatus(family) ? { status } : {}) },
    ],
    pods: new Map(
      kept.map((pod) => [
        pod.object.metadata.name,
        podAs(pod, { name: `${name}-${pod.object.metadata.name.slice(-5)}`, owner: ownerOf(family, top) }),
      ]),
    ),
    top,
    inPlaceOf: () => top,
    event: pluralEvents,
  };
}

function asPod(family: Family, isScaled: boolean): Outcome {
  if (isScaled) return { why: 'an autoscaler scales it' };
  const newest = family.pods.filter(({ set }) => isNewest(family, set));
  if (family.wanted === 0) return { why: 'scaled to zero' };
  if (newest.length === 0 || isShortOfPods(family)) return { why: 'no pods' };
  if (new Set(newest.map(({ isReady }) => isReady)).size > 1) return { why: 'pods of one revision differ' };
  const first = newest[0] as FamilyPod;
  const why = whyNotReplaced(
    family,
    family.pods.filter((pod) => pod !== first),
  );
  if (why !== undefined) return { why };
  const top = { apiVersion: 'v1', kind: 'Pod', name: `${family.name}-1` };
  return {
    objects: [],
    pods: new Map([[first.object.metadata.name, podAs(first, { name: top.name })]]),
    top,
    inPlaceOf: () => undefined,
    event: () => undefined,
  };
}

/** https://argo-rollouts.readthedocs.io/en/stable/features/specification/ */
function asRollout(family: Family): Outcome {
  const { name, deployment, sets, pods } = family;
  const top = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name };
  const { observedGeneration, ...counts } = mapAt(deployment, 'status');
  const hasRolledOut =
    Number(at(counts, 'updatedReplicas') ?? 0) >= family.wanted && Number(at(counts, 'availableReplicas') ?? 0) >= family.wanted;
  const late = listAt(counts, 'conditions').find((one) => at(one, 'reason') === 'ProgressDeadlineExceeded');
  const phase = hasRolledOut ? 'Healthy' : late ? 'Degraded' : 'Progressing';
  const said = late
    ? `ProgressDeadlineExceeded: ReplicaSet "${sets.at(-1)?.name}" has timed out progressing.`
    : 'more replicas need to be updated';
  const stable = sets.find(({ name: set }) => pods.some((pod) => pod.set.name === set && pod.isReady)) ?? sets[0];
  const status = {
    ...counts,
    HPAReplicas: at(counts, 'replicas'),
    observedGeneration: String(observedGeneration ?? 1),
    currentPodHash: sets.at(-1)?.hash,
    stableRS: stable?.hash,
    phase,
    ...(hasRolledOut ? {} : { message: said }),
  };
  const { progressDeadlineSeconds } = mapAt(deployment, 'spec');
  const spec = {
    ...specOf(family),
    ...(progressDeadlineSeconds === undefined ? {} : { progressDeadlineSeconds }),
    strategy: { canary: {} },
  };
  const asOwned = (object: Loose): Loose =>
    JSON.parse(
      JSON.stringify(object)
        .replaceAll(`"${HASH}"`, '"rollouts-pod-template-hash"')
        .replaceAll('"deployment.kubernetes.io/revision"', '"rollout.argoproj.io/revision"')
        .replaceAll('"deployment.kubernetes.io/desired-replicas"', '"rollout.argoproj.io/desired-replicas"'),
    );
  const replicaSets = sets.flatMap(({ object }) => {
    if (object === undefined) return [];
    const owned = asOwned(object as unknown as Loose);
    return [
      {
        ...owned,
        metadata: {
          ...mapAt(owned, 'metadata'),
          ownerReferences: [{ ...ownerOf(family, top), controller: true, blockOwnerDeletion: true }],
        },
      },
    ];
  });
  return {
    objects: [
      { ...top, name: undefined, metadata: metadataOf(family, top), spec, ...(hasStatus(family) ? { status } : {}) },
      ...replicaSets,
    ],
    pods: new Map(pods.map(({ object }) => [object.metadata.name, asOwned(object as unknown as Loose)])),
    top,
    inPlaceOf: (set) => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: set }),
    event: (reason, message) => (reason === 'ScalingReplicaSet' ? undefined : { reason, message }),
  };
}

/** https://docs.redhat.com/en/documentation/openshift_container_platform/4.16/html/workloads_apis/deploymentconfig-apps-openshift-io-v1 */
function asDeploymentConfig(family: Family): Outcome {
  const { name, deployment, sets, pods, namespace } = family;
  const top = { apiVersion: 'apps.openshift.io/v1', kind: 'DeploymentConfig', name };
  const numbered = new Map(sets.map((set, index) => [set.name, `${name}-${set.number > 1 ? set.number : index + 1}`]));
  const controllerName = (set: RevisionSet) => numbered.get(set.name) ?? set.name;
  const latest = Number(controllerName(sets.at(-1) ?? (NO_SET as RevisionSet)).slice(name.length + 1)) || 1;
  const labelsOf = (set: RevisionSet) => ({ deployment: controllerName(set), deploymentconfig: name });
  const notes = (set: RevisionSet) => ({
    'openshift.io/deployment-config.latest-version': controllerName(set).slice(name.length + 1),
    'openshift.io/deployment-config.name': name,
    'openshift.io/deployment.name': controllerName(set),
  });
  const isDone = pods.every(({ isReady, set }) => isReady && isNewest(family, set));
  const controllers = sets.flatMap((set) => {
    if (set.object === undefined) return [];
    const template = templateWithoutHash(set);
    const { [HASH]: _, ...selector } = mapAt(set.object, 'spec', 'selector', 'matchLabels');
    const owner = { ...ownerOf(family, top), controller: true, blockOwnerDeletion: true };
    return [
      {
        apiVersion: 'v1',
        kind: 'ReplicationController',
        metadata: {
          name: controllerName(set),
          namespace,
          uid: set.object.metadata.uid,
          creationTimestamp: set.object.metadata.creationTimestamp,
          labels: { ...mapAt(template, 'metadata', 'labels'), 'openshift.io/deployment-config.name': name },
          annotations: { ...notes(set), 'openshift.io/deployment.phase': isNewest(family, set) && !isDone ? 'Running' : 'Complete' },
          ownerReferences: [owner],
        },
        spec: {
          replicas: at(set.object, 'spec', 'replicas'),
          selector: { ...selector, ...labelsOf(set) },
          template: {
            ...template,
            metadata: { ...mapAt(template, 'metadata'), labels: { ...mapAt(template, 'metadata', 'labels'), ...labelsOf(set) } },
          },
        },
        status: set.object.status,
      },
    ];
  });
  const { matchLabels } = mapAt(deployment, 'spec', 'selector');
  const spec = {
    ...specOf(family),
    selector: matchLabels,
    strategy: { type: 'Rolling', rollingParams: { timeoutSeconds: 600 } },
    triggers: [{ type: 'ConfigChange' }],
  };
  const status = {
    ...mapAt(deployment, 'status'),
    latestVersion: latest,
    details: { causes: [{ type: 'ConfigChange' }], message: 'config change' },
  };
  const podOf = (pod: FamilyPod): Loose => {
    const controller = controllerName(pod.set);
    return podAs(pod, {
      name: `${controller}-${pod.object.metadata.name.slice(-5)}`,
      owner: { apiVersion: 'v1', kind: 'ReplicationController', name: controller, uid: pod.set.object?.metadata.uid },
      labels: labelsOf(pod.set),
      annotations: notes(pod.set),
    });
  };
  return {
    objects: [
      { ...top, name: undefined, metadata: metadataOf(family, top), spec, ...(hasStatus(family) ? { status } : {}) },
      ...controllers,
    ],
    pods: new Map(pods.map((pod) => [pod.object.metadata.name, podOf(pod)])),
    top,
    inPlaceOf: (set) => ({ apiVersion: 'v1', kind: 'ReplicationController', name: numbered.get(set) ?? set }),
    event: pluralEvents,
  };
}

const NO_SET: RevisionSet = { name: '', number: 1, hash: '', object: undefined };

/** Kind of a resource that an operator of nobody in particular reads. */
const OPERATED = { apiVersion: 'platform.example.io/v1', kind: 'AppCluster' };

/** Operators of databases and brokers make their pods themselves, with no set between. */
function asOperatorPods(family: Family, isScaled: boolean): Outcome {
  const { name, namespace, deployment, pods, wanted } = family;
  if (isScaled) return { why: 'an autoscaler scales it' };
  if (wanted === 0) return { why: 'scaled to zero' };
  if (isShortOfPods(family) || refusalOf(family) !== undefined) return { why: 'no pods' };
  const why = whyNotReplaced(family, []);
  if (why !== undefined) return { why };
  const top = { ...OPERATED, name };
  const { creationTimestamp, uid, labels } = deployment.metadata as unknown as Loose;
  return {
    objects: [
      {
        ...OPERATED,
        metadata: { name, namespace, uid, creationTimestamp, labels, generation: 1 },
        spec: { instances: wanted },
        status: { instances: pods.length, readyInstances: countOf(pods, ({ isReady }) => isReady) },
      },
    ],
    pods: new Map(
      pods.map((pod, index) => [pod.object.metadata.name, podAs(pod, { name: `${name}-${index + 1}`, owner: ownerOf(family, top) })]),
    ),
    top,
    alsoTrue: pods.map((_, index) => ({ kind: 'Pod', name: `${name}-${index + 1}` })),
    inPlaceOf: () => top,
    event: () => undefined,
  };
}

/** What is edited is the operator's resource; what is at fault is the Deployment made of it as well. */
function asOperatorsDeployment(family: Family): Outcome {
  const { name, namespace, deployment, sets, pods } = family;
  const top = { ...OPERATED, name };
  const { annotations, ...metadata } = deployment.metadata as unknown as Loose;
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...notes } = mapAt({ annotations }, 'annotations');
  const owner = { ...top, uid: `${deployment.metadata.uid}-1`, controller: true, blockOwnerDeletion: true };
  const self = { apiVersion: 'apps/v1', kind: 'Deployment', name };
  return {
    objects: [
      {
        ...OPERATED,
        metadata: { name, namespace, uid: owner.uid, creationTimestamp: metadata.creationTimestamp, generation: 1 },
        spec: { instances: family.wanted },
      },
      { ...deployment, metadata: { ...metadata, annotations: notes, ownerReferences: [owner] } },
      ...sets.flatMap(({ object }) => (object === undefined ? [] : [object as unknown as Loose])),
    ],
    pods: new Map(pods.map(({ object }) => [object.metadata.name, object as unknown as Loose])),
    top: self,
    alsoTrue: [{ kind: 'AppCluster', name }],
    inPlaceOf: (set) => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: set }),
    event: (reason, message) => ({ reason, message }),
  };
}
