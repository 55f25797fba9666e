import { parseKubernetesItemId, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import type { Rule } from '../../findings/rule.ts';
import { existence } from '../objects/existence.ts';
import { injectorOf } from '../objects/injected.ts';
import {
  besidePod,
  type ContainerView,
  containerFinding,
  containersOf,
  eventText,
  isYounger,
  nameOf,
  nodeOf,
  podFinding,
  troubledPods,
  waitingOf,
} from '../objects/pod-view.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import { tellingWords } from '../objects/telling-words.ts';
import { containerPath } from '../objects/workload.ts';

/** Containers whose image cannot be had. */
export const imageRule: Rule = {
  name: 'image',
  check: (reader) => troubledPods(reader).flatMap((pod) => containersOf(pod).flatMap(imageProblem)),
};

const IMAGE_REASONS: ReadonlySet<string> = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);
const PLATFORM =
  /no match for platform|no matching manifest|does not match the (?:detected|specified|expected) (?:host )?platform|no child with platform/i;
const NOT_FOUND =
  /not found|manifest unknown|does not exist|no such image|name unknown|repository name not known|invalid reference|couldn't parse|could not parse|invalidimagename|\b404\b/i;
const UNAUTHORIZED =
  /\b40[13]\b|unauthori[sz]ed|authentication required|access (?:is )?denied|denied: |forbidden|no basic auth|authorization failed|insufficient[_ ]scope|failed to fetch (?:anonymous|oauth) token/i;
const UNREACHABLE =
  /no such host|i\/o timeout|connection refused|connection reset|dial tcp|tls handshake|x509|certificate|context deadline exceeded|network is unreachable|no route to host|server misbehaving|request canceled|\bEOF\b|\b50[0234]\b|response to HTTPS client/i;

const EITHER = /does not exist or may require|access denied.*may require/i;
const LIMITED = /toomanyrequests|too many requests|\b429\b|pull rate limit/i;

/** The node itself cannot take the image in. */
const DISK_FULL = /no space left on device|disk quota exceeded|ENOSPC|not enough (?:disk )?space|insufficient (?:disk )?space/i;
const UNTRUSTED =
  /x509: certificate signed by unknown authority|certificate is not trusted|tls: failed to verify certificate: x509|certificate has expired/i;
/** Words of the kubelet that repeat that there is an error, and not which. */
const BARE =
  /^(?:\s|back-?off pulling image(?: "[^"]*")?|error(?: response)?:?|errimagepull:?|imagepullbackoff:?|failed to pull image(?: "[^"]*")?|pulling image(?: "[^"]*")?|""|[.:,"'-])*$/i;

type ImageCode = 'T0-POD-001' | 'T0-POD-002' | 'T0-POD-003' | 'T0-POD-013' | 'T0-POD-026' | 'T0-POD-045' | 'T0-POD-046' | 'T0-POD-047';

const TOLD: Readonly<Record<ImageCode, string>> = {
  'T0-POD-001': 'the registry does not have it',
  'T0-POD-002': 'the registry refuses access',
  'T0-POD-003': 'the registry cannot be reached',
  'T0-POD-026': 'the registry limits how often it is pulled',
  'T0-POD-013': 'it is not built for the platform of the node',
  'T0-POD-045': 'the disk of the node is full',
  'T0-POD-046': 'for a reason that no rule knows',
  'T0-POD-047': 'the certificate of the registry is not trusted',
};

/** Of these the words of the registry, or of the way to it, tell which. */
const QUOTED: ReadonlySet<string> = new Set(['T0-POD-002', 'T0-POD-003', 'T0-POD-046', 'T0-POD-047']);

/** The reason at the end of what the kubelet says of a pull. */
function pullWords(told: string, image: string): string {
  const reason = told
    .replace(/^.*?(?:Failed to pull image "[^"]*": |ErrImagePull: )/s, '')
    .replace(/\bfailed to (?:pull and unpack image|resolve reference|resolve image) "[^"]*": /g, '');
  const plain = tellingWords(reason).replaceAll(image, '').trim();
  return plain === '' || BARE.test(plain) ? '' : `: ${plain}`;
}

/** First back-off of the kubelet is 10 s: a first failure younger than this may still pass. */
const FIRST_BACKOFF_MS = 15_000;

function imageProblem(view: ContainerView): readonly FindingDraft[] {
  const { reason, message } = waitingOf(view);
  if (!IMAGE_REASONS.has(reason) || (reason === 'ErrImagePull' && isYounger(view.pod, FIRST_BACKOFF_MS))) return [];
  const image = imageOf(view);
  const events = eventText(view.pod, /^(?:Failed|FailedToRetrieveImagePullSecret)$/);
  const told = describesPull(message) ? message : `${message} ${aboutImage(events, image)}`;
  const code = imageCode(reason, told.replaceAll(image, ''), isLikelyMissing(view, image));
  const known = reason === 'ErrImageNeverPull' ? 'it is not on the node, and the pull policy is Never' : TOLD[code];
  const text = QUOTED.has(code) ? `${known}${pullWords(told, image)}` : known;
  if (isOfOldRevision(view, image)) return [oldRevision(view, image)];
  const node = code === 'T0-POD-045' ? nodeOf(view.pod) : undefined;
  if (node !== undefined) {
    const message = `container ${view.name}: image ${image} cannot be unpacked on node ${nameOf(node)}: its disk is full`;
    return [{ ...containerFinding(view, { code, key: '', message, subject: node }), container: undefined, seenOn: [view.pod.workload] }];
  }
  // What a paused Deployment does not roll out is no longer meant: that it is paused is told at it.
  const severity = isHeldBack(view, image) ? ('degraded' as const) : undefined;
  const injector = injectorOf(view);
  if (injector !== undefined) {
    const message = `${nameOf(injector)} puts container ${view.name} into pods, and its image ${image} cannot be pulled: ${text} (${reason})`;
    const { container: _, ...finding } = containerFinding(view, { code, key: image, message, subject: injector });
    return [{ ...finding, message, seenOn: [view.pod.workload] }];
  }
  const draft = { code, key: image, severity, message: `container ${view.name}: image ${image} cannot be pulled: ${text} (${reason})` };
  if (code !== 'T0-POD-002') return [containerFinding(view, draft)];
  const missing = missingPullSecrets(view, events);
  if (missing.length === 0) return [containerFinding(view, { ...draft, message: `${draft.message}; ${pullSecretsOf(view)}` })];
  const secrets = missing.map((secret) =>
    podFinding(view.pod, {
      code: 'T0-POD-008',
      subject: secret,
      message: `pull secret ${nameOf(secret)} does not exist, and the registry refuses image ${image} without it`,
      paths: [view.statusPath, ['spec', 'imagePullSecrets']],
    }),
  );
  return [containerFinding(view, { ...draft, code: 'T0-POD-012', suspects: missing }), ...secrets];
}

/** With what the registry was asked: a pull secret that is there may be for another registry, or out of date. */
function pullSecretsOf({ pod }: ContainerView): string {
  const names = listAt(pod.object, 'spec', 'imagePullSecrets').flatMap((entry) => textAt(entry, 'name') ?? []);
  if (names.length === 0) return 'its pod names no pull secret';
  return `its pod names pull ${names.length === 1 ? 'secret' : 'secrets'} ${names.join(', ')}, which may be for another registry or out of date`;
}

/** The template names another image by now, and its Deployment is paused. */
function isHeldBack({ pod, name }: ContainerView, image: string): boolean {
  const object = pod.reader.object(pod.workload);
  if (pod.workloadKind !== 'Deployment' || readField(object, ['spec', 'paused']) !== true) return false;
  const meant = textAt(object, ...containerPath('Deployment', name), 'image');
  return meant !== undefined && meant !== image;
}

/** A back-off message often hides the first error; from 1.31 on it repeats it. */
function describesPull(message: string): boolean {
  return [PLATFORM, NOT_FOUND, UNAUTHORIZED, UNREACHABLE, LIMITED, DISK_FULL, UNTRUSTED].some((pattern) => pattern.test(message));
}

/** Events of one pod may be about several images. */
function aboutImage(events: string, image: string): string {
  const own = events.split('\n').filter((line) => line.includes(image));
  return (own.length > 0 ? own : [events]).join(' ');
}

function imageCode(reason: string, message: string, isAmbiguousMissing: boolean): ImageCode {
  if (reason === 'InvalidImageName' || reason === 'ErrImageNeverPull') return 'T0-POD-001';
  if (reason === 'RegistryUnavailable') return 'T0-POD-003';
  if (PLATFORM.test(message)) return 'T0-POD-013';
  if (DISK_FULL.test(message)) return 'T0-POD-045';
  if (UNTRUSTED.test(message)) return 'T0-POD-047';
  if (LIMITED.test(message)) return 'T0-POD-026';
  if (EITHER.test(message)) return isAmbiguousMissing || /: not found|manifest unknown/i.test(message) ? 'T0-POD-001' : 'T0-POD-002';
  if (UNAUTHORIZED.test(message) && !/: not found|manifest unknown|name unknown/i.test(message)) return 'T0-POD-002';
  if (UNREACHABLE.test(message) && !NOT_FOUND.test(message)) return 'T0-POD-003';
  // Where nothing at all is told, a name that is not there is what mostly is wrong; other words are not put into its mouth.
  return NOT_FOUND.test(message) || BARE.test(message) ? 'T0-POD-001' : 'T0-POD-046';
}

/**
 * Some registries answer "does not exist or may require a login" to strangers, whichever is true. Without a pull secret, and on the
 * registry that everybody may read, the plainer reading is that the name is wrong.
 */
function isLikelyMissing({ pod }: ContainerView, image: string): boolean {
  const host = image.includes('/') ? (image.split('/', 1)[0] ?? '') : '';
  const isPublicHub = !/[.:]/.test(host) || host === 'docker.io';
  return isPublicHub && listAt(pod.object, 'spec', 'imagePullSecrets').length === 0;
}

/** The pod is of an older revision of its StatefulSet, whose present template asks for another image. */
function isOfOldRevision({ pod, name }: ContainerView, image: string): boolean {
  const owner = pod.reader.object(pod.workload);
  if (pod.workloadKind !== 'StatefulSet') return false;
  const own = textAt(pod.object, 'metadata', 'labels', 'controller-revision-hash');
  const present = textAt(readField(owner, containerPath('StatefulSet', name)), 'image');
  const update = textAt(owner, 'status', 'updateRevision');
  return own !== undefined && update !== undefined && own !== update && present !== undefined && present !== image;
}

/** The template was corrected; the controller waits for a pod that cannot become ready, for ever. */
function oldRevision(view: ContainerView, image: string): FindingDraft {
  const message = `pod ${nameOf(view.pod.id)} of ${nameOf(view.pod.workload)} is of an older revision, whose image ${image} cannot be pulled; the template is corrected already, and the controller does not replace the pod: it has to be deleted`;
  const draft = containerFinding(view, { code: 'T0-STATEFULSET-003', key: image, message, subject: view.pod.id });
  return { ...draft, message, container: undefined, seenOn: [view.pod.workload] };
}

function imageOf({ spec, status }: ContainerView): string {
  return textAt(spec, 'image') ?? textAt(status, 'image') ?? 'unknown';
}

function missingPullSecrets({ pod }: ContainerView, events: string): readonly string[] {
  const named = listAt(pod.object, 'spec', 'imagePullSecrets').flatMap((entry) => textAt(entry, 'name') ?? []);
  const unretrieved = /unable to retrieve some image pull secrets \(([^)]*)\)/i.exec(events)?.[1]?.split(/,\s*/) ?? [];
  const ids = named.filter((name) => {
    const identity = parseKubernetesItemId(besidePod(pod, 'Secret', name));
    const state = identity ? existence(pod.reader, identity) : 'unknown';
    return state === 'absent' || (state === 'unknown' && unretrieved.includes(name));
  });
  return ids.map((name) => besidePod(pod, 'Secret', name)).sort();
}
