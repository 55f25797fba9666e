import { parseKubernetesItemId, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { type AbsentDriver, absentDriver } from '../objects/csi-driver.ts';
import { eventsAbout } from '../objects/events.ts';
import { existence, siblingId } from '../objects/existence.ts';
import { indexed } from '../objects/indexed.ts';
import { makersBehind } from '../objects/makers.ts';
import {
  besidePod,
  containerFinding,
  containersOf,
  eventMessages,
  eventText,
  isYounger,
  nameOf,
  nodeOf,
  type PodView,
  podFinding,
  podViews,
  troubledPods,
  waitingOf,
} from '../objects/pod-view.ts';
import { conditionOf, instantAt, listAt, textAt } from '../objects/read-object.ts';
import { referencesOf } from '../objects/reference.ts';
import { tellingWords } from '../objects/telling-words.ts';
import { missingReferences, saidOfAbsent } from './configuration.ts';

/** Pods that were given a node and do not start there: what they wait for, by their specification first and by events where there are any. */
export const podWaitingRule: Rule = {
  name: 'pod-waiting',
  check: (reader) => troubledPods(reader).flatMap((pod) => [...schedulingWait(pod), ...configurationWait(pod), ...creationWait(pod)]),
};

interface Told {
  readonly kind: 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim';
  readonly name: string;
  readonly key?: string | undefined;
}

const KEYED = /couldn't find key (\S+) in (ConfigMap|Secret) (\S+)/gi;
const ABSENT = /\b(configmap|secret|persistentvolumeclaim) "([^"]+)" not found/gi;
/** `MountVolume.SetUp failed for volume "settings" : references non-existent config key: app.conf`. */
const VOLUME_KEY = /volume "([^"]+)"[^\n]*references non-existent (config|secret) key: (\S+)/gi;

/** Missing objects and keys that the kubelet names. */
function toldIn(pod: PodView, text: string): readonly Told[] {
  const plain = (name: string) => name.replace(/^.*\//, '').replace(/[",.;:]+$/, '');
  const keyed = [...text.matchAll(KEYED)].map(
    (match): Told => ({ kind: kindNamed(match[2]), name: plain(match[3] ?? ''), key: plain(match[1] ?? '') }),
  );
  const absent = [...text.matchAll(ABSENT)].map((match): Told => ({ kind: kindNamed(match[1]), name: plain(match[2] ?? '') }));
  const volumes = [...text.matchAll(VOLUME_KEY)].flatMap((match) => volumeKey(pod, match[1] ?? '', plain(match[3] ?? '')));
  return [...keyed, ...absent, ...volumes];
}

function kindNamed(word = ''): Told['kind'] {
  const lower = word.toLowerCase();
  return lower === 'configmap' ? 'ConfigMap' : lower === 'secret' ? 'Secret' : 'PersistentVolumeClaim';
}

function volumeKey(pod: PodView, volume: string, key: string): readonly Told[] {
  const source = readField(pod.object, ['spec', 'volumes', { key: 'name', value: volume }]);
  const configMap = textAt(source, 'configMap', 'name');
  const secret = textAt(source, 'secret', 'secretName');
  if (configMap !== undefined) return [{ kind: 'ConfigMap', name: configMap, key }];
  return secret === undefined ? [] : [{ kind: 'Secret', name: secret, key }];
}

const MISSING: Readonly<Record<Told['kind'], string>> = {
  ConfigMap: 'T0-POD-006',
  Secret: 'T0-POD-008',
  PersistentVolumeClaim: 'T0-POD-061',
};

/** At the missing object, unless the snapshot holds it: then the words are older than the object. */
function toldFindings(pod: PodView, told: readonly Told[], paths: readonly (readonly string[])[]): readonly FindingDraft[] {
  return told.flatMap(({ kind, name, key }) => {
    const subject = besidePod(pod, kind, name);
    const identity = parseKubernetesItemId(subject);
    const state = identity ? existence(pod.reader, identity) : 'unknown';
    if (key === undefined && state !== 'unknown') return [];
    if (key !== undefined && holdsKey(pod, subject, key)) return [];
    const code = key === undefined ? MISSING[kind] : kind === 'Secret' ? 'T0-POD-009' : 'T0-POD-007';
    const who = nodeOf(pod) === undefined ? 'scheduler' : 'kubelet';
    const said =
      key === undefined
        ? { message: `${kind} ${name} does not exist, says the ${who}${saidOfAbsent(pod.reader, subject)}` }
        : { facts: { kind, name, key } };
    return [podFinding(pod, { code, subject, key, ...said, suspects: makersBehind(pod.reader, subject), paths })];
  });
}

function holdsKey({ reader }: PodView, item: string, key: string): boolean {
  const object = reader.object(item);
  return ['data', 'binaryData', 'stringData'].some((field) =>
    Object.hasOwn((readField(object, [field]) as object | null | undefined) ?? {}, key),
  );
}

/** The scheduler too names a claim that is not there, where the claims themselves were not recorded. */
function schedulingWait(pod: PodView): readonly FindingDraft[] {
  const message = textAt(conditionOf(pod.object, 'PodScheduled'), 'message') ?? '';
  return nodeOf(pod) === undefined ? toldFindings(pod, toldIn(pod, message), [['status', 'conditions']]) : [];
}

function configurationWait(pod: PodView): readonly FindingDraft[] {
  return containersOf(pod).flatMap((view) => {
    const { reason, message } = waitingOf(view);
    if (reason !== 'CreateContainerConfigError') return [];
    const told = toldIn(pod, message);
    const suspects = told.map(({ kind, name }) => besidePod(pod, kind, name));
    if (told.length === 0) return [];
    return [
      ...toldFindings(pod, told, [view.statusPath as readonly string[]]),
      containerFinding(view, {
        code: 'T0-POD-014',
        facts: { container: view.name, said: tellingWords(message) },
        suspects,
      }),
    ];
  });
}

/** Mounting volumes and making the sandbox may take this long, and be tried again. */
const CREATION_MS = 2 * 60_000;
/** Where nothing tells what the pod is at, it may be pulling an image. */
const SILENT_MS = 5 * 60_000;
const MOUNT_EVENTS = /^Failed(?:Mount|AttachVolume|MapVolume)$/;
const SANDBOX_EVENTS = /^FailedCreatePodSandBox$/;
const PULLING_EVENTS = /^Pulling$/;

/** Bound to a node, and no container was created: a volume, the network of the pod, or the node itself. */
function creationWait(pod: PodView): readonly FindingDraft[] {
  if (textAt(pod.object, 'status', 'phase') !== 'Pending' || nodeOf(pod) === undefined || !isCreating(pod)) return [];
  const mountWords = tellingFirst(eventMessages(pod, MOUNT_EVENTS));
  const mounts = mountWords.join('\n');
  const told = toldIn(pod, mounts);
  const missing = [...missingReferences(pod), ...told.map(({ kind, name }) => besidePod(pod, kind, name))];
  if (missing.length > 0) {
    const names = [...new Set(missing)].map((id) => `${parseKubernetesItemId(id)?.kind} ${nameOf(id)}`).join(', ');
    const message = `its containers cannot be created: ${names} is missing`;
    return [...toldFindings(pod, told, [['status', 'containerStatuses']]), waiting(pod, 'T0-POD-025', message, missing)];
  }
  const killed = killedSandbox(pod);
  if (killed !== undefined) return [killed];
  const definite = definiteMount(pod, mounts);
  if (definite.length > 0) return definite;
  const refused = refusedSandbox(pod);
  if (refused !== undefined) return [refused];
  const claims = claimsOf(pod);
  if (isYounger(pod, CREATION_MS) && !isRefusedAgain(pod)) return [];
  const taken = attachedElsewhere(pod, claims, mounts);
  if (taken.length > 0) {
    const message = `volume ${taken.map(nameOf).join(', ')} is in use on another node, and only one node at a time may have it`;
    return [waiting(pod, 'T0-POD-027', message, [...taken, ...volumesOf(pod, taken)])];
  }
  if (mounts !== '')
    return [
      waiting(pod, 'T0-POD-025', `a volume cannot be mounted: ${tellingWords(mountWords[0] ?? '')}`, [
        ...claims,
        ...volumesOf(pod, claims),
        ...nodeList(pod),
      ]),
    ];
  const [sandbox] = eventMessages(pod, SANDBOX_EVENTS);
  if (sandbox !== undefined)
    return [waiting(pod, 'T0-POD-023', `its network sandbox cannot be made: ${tellingWords(sandbox)}`, nodeList(pod))];
  if (isPulling(pod) || isYounger(pod, SILENT_MS)) return [];
  const what = claims.length > 0 ? `, and it mounts ${claims.map(nameOf).join(', ')}` : '';
  return [
    waiting(
      pod,
      'T0-POD-024',
      `its containers have not been created since it was bound to node ${textAt(pod.object, 'spec', 'nodeName')}${what}`,
      [...claims, ...volumesOf(pod, claims), ...nodeList(pod)],
    ),
  ];
}

/** Tries that failed with the same telling words: the next one will too. */
const TRIES = 4;

function isRefusedAgain({ reader, id }: PodView): boolean {
  return eventsAbout(reader, id).some(
    ({ reason, message, count }) =>
      /^FailedMount$/.test(reason) &&
      count >= TRIES &&
      /exit status|mount failed|permission denied|refused|no such|invalid/i.test(message) &&
      !SAYS_NOTHING.test(message),
  );
}

/** What a sandbox fails of that may pass by itself: the network, what it is asked of, and what is short for a while. */
const MAY_PASS =
  /time[ds]?[ -]?out|deadline|unavailable|connection (?:refused|reset)|not (?:yet )?(?:ready|initialized|running)|\bcni\b|plugin|network|temporarily|too many|no space|no such file|already exists|reserved|busy/i;

/** What the specification asks of the sandbox and the node cannot give, told at each try in the same words: no wait mends it. */
function refusedSandbox(pod: PodView): FindingDraft | undefined {
  const said = eventsAbout(pod.reader, pod.id).find(
    ({ reason, message, count }) => SANDBOX_EVENTS.test(reason) && count >= TRIES && !MAY_PASS.test(message),
  );
  return said === undefined ? undefined : waiting(pod, 'T0-POD-023', `its sandbox cannot be made: ${tellingWords(said.message)}`, []);
}

/** Words of the attach and mount controllers that only say that time has passed. */
const SAYS_NOTHING = /timed out waiting for the condition|context deadline exceeded|failed to attach or mount all volumes$/i;

/** The messages that name a path, an object or a driver before those that only say that it takes long. */
function tellingFirst(messages: readonly string[]): readonly string[] {
  return [...messages.filter((message) => !SAYS_NOTHING.test(message)), ...messages.filter((message) => SAYS_NOTHING.test(message))];
}

/** The first process of a container needs a few MiB; a limit below that kills it before the program begins. */
function killedSandbox(pod: PodView): FindingDraft | undefined {
  const said = eventMessages(pod, SANDBOX_EVENTS).find((line) => /oom[- ]?killed|out of memory|memory limit too low/i.test(line));
  if (said === undefined) return undefined;
  const containers = listAt(pod.object, 'spec', 'containers');
  const least = containers.find((entry) => readField(entry, ['resources', 'limits', 'memory']) !== undefined);
  const limit = String(readField(least, ['resources', 'limits', 'memory']) ?? 'unknown');
  const draft = waiting(
    pod,
    'T0-POD-005',
    `its sandbox is killed for memory before a program starts, with a limit of ${limit}: ${tellingWords(said)}`,
    [],
  );
  return { ...draft, container: textAt(least, 'name') };
}

const HOST_PATH = /hostPath type check failed: (\S+) is not (?:a |an )?([a-z ]+)|hostPath type check failed: ([^\n]+)/i;
const NO_DRIVER =
  /driver name (\S+) not found in the list of registered CSI drivers|driver (\S+) is not (?:registered|installed)|csinode[^\n]*does not contain driver (\S+)/i;

/** What no wait mends: a path of the node that is not what the volume asks for, a driver that the node does not have. */
function definiteMount(pod: PodView, mounts: string): readonly FindingDraft[] {
  const path = HOST_PATH.exec(mounts);
  const where = textAt(pod.object, 'spec', 'nodeName') ?? '';
  if (path !== null) {
    const what = path[1] === undefined ? (path[3] ?? '') : `${path[1]} is not a ${path[2]?.trim()}`;
    const message = `a volume takes a path of its node that is not what it asks for: ${what} on node ${where}`;
    const volume = volumeNamed(pod, mounts);
    if (volume === undefined) return [waiting(pod, 'T0-POD-028', message, [])];
    const told = waiting(
      pod,
      'T0-POD-028',
      `PersistentVolume ${nameOf(volume)} takes a path of its node that is not there: ${what} on node ${where}`,
      [],
    );
    return [{ ...told, subject: volume, key: where, evidence: [quote(pod.reader, volume, ['spec'])], seenOn: [pod.workload] }];
  }
  const driver = NO_DRIVER.exec(mounts)
    ?.slice(1)
    .find((part) => part !== undefined);
  if (driver === undefined) return [];
  const absent = absentDriver(pod.reader, driver, where);
  const brought = absent === undefined ? [] : [absent.daemonSet];
  const message = `a volume needs the CSI driver ${driver}, which node ${where} does not have`;
  const wait = waiting(pod, 'T0-POD-029', message, [...brought, ...claimsOf(pod)]);
  return absent === undefined ? [wait] : [wait, notBrought(pod, { driver, node: where, absent })];
}

/** The PersistentVolume that the kubelet names by its own name, where the pod has it by a claim: the path stands there. */
function volumeNamed(pod: PodView, mounts: string): string | undefined {
  const named = [...mounts.matchAll(/volume "([^"]+)"/g)].map(([, name]) => name);
  return volumesOf(pod, claimsOf(pod)).find((volume) => named.includes(nameOf(volume)));
}

/** The driver is not on the node since the DaemonSet that brings it is kept from there. */
function notBrought(
  pod: PodView,
  { driver, node, absent }: { readonly driver: string; readonly node: string; readonly absent: AbsentDriver },
): FindingDraft {
  const facts = { daemonSet: nameOf(absent.daemonSet), driver, node, why: absent.why };
  const evidence = [quote(pod.reader, absent.daemonSet, ['spec', 'template', 'spec', 'tolerations'])];
  return { code: 'T0-POD-102', subject: absent.daemonSet, key: `${driver} ${node}`, facts, evidence, seenOn: [pod.workload] };
}

const podsByClaim = indexed((reader) => {
  const users = new Map<string, PodView[]>();
  for (const pod of podViews(reader)) for (const claim of claimsOf(pod)) users.set(claim, [...(users.get(claim) ?? []), pod]);
  return users;
});

/** Claims that one node at a time may have, and that a pod on another node still holds. */
function attachedElsewhere(pod: PodView, claims: readonly string[], mounts: string): readonly string[] {
  return claims.filter((claim) => {
    const modes = listAt(pod.reader.object(claim), 'spec', 'accessModes');
    const isSingle = modes.length > 0 && modes.every((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod');
    const holders = (podsByClaim(pod.reader).get(claim) ?? []).filter((other) => {
      const phase = textAt(other.object, 'status', 'phase');
      return other.id !== pod.id && phase === 'Running' && nodeOf(other) !== undefined && nodeOf(other) !== nodeOf(pod);
    });
    return isSingle && (holders.length > 0 || (claims.length === 1 && /multi-attach/i.test(mounts)));
  });
}

function isCreating(pod: PodView): boolean {
  const views = containersOf(pod);
  const isWaiting = (reason: string) => reason === 'ContainerCreating' || reason === 'PodInitializing' || reason === '';
  const begun = views.some(
    (view) => readField(view.status, ['state', 'running']) !== undefined || readField(view.status, ['state', 'terminated']) !== undefined,
  );
  return !begun && views.every((view) => isWaiting(waitingOf(view).reason)) && hasStatus(pod);
}

/** The kubelet has taken notice of the pod. */
function hasStatus(pod: PodView): boolean {
  return listAt(pod.object, 'status', 'containerStatuses').length > 0 || textAt(pod.object, 'status', 'startTime') !== undefined;
}

/** A pull that began and has neither ended nor failed: a large image takes its time, up to a quarter of an hour. */
function isPulling(pod: PodView): boolean {
  return eventText(pod, PULLING_EVENTS) !== '' && isYounger(pod, 15 * 60_000);
}

function waiting(pod: PodView, code: string, message: string, suspects: readonly string[]): FindingDraft {
  const scheduled = instantAt(conditionOf(pod.object, 'PodScheduled'), 'lastTransitionTime');
  return podFinding(pod, {
    code,
    message,
    suspects,
    sinceMs: scheduled,
    paths: [
      ['status', 'containerStatuses'],
      ['spec', 'volumes'],
    ],
  });
}

function claimsOf(pod: PodView): readonly string[] {
  const claims = referencesOf(readField(pod.object, ['spec'])).filter(({ kind }) => kind === 'PersistentVolumeClaim');
  return claims.map(({ kind, name }) => besidePod(pod, kind, name));
}

/** The volumes that the claims are bound to. */
function volumesOf({ reader }: PodView, claims: readonly string[]): readonly string[] {
  return claims.flatMap((claim) => {
    const volume = textAt(reader.object(claim), 'spec', 'volumeName');
    return volume === undefined ? [] : [siblingId(claim, 'PersistentVolume', volume, '')];
  });
}

function nodeList(pod: PodView): readonly string[] {
  return [nodeOf(pod) ?? []].flat();
}
