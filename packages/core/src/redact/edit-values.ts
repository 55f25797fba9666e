import { sha256 } from '../digest/canonical-json.ts';
import type { FieldPath, FieldPathSegment } from '../model/field-path.ts';
import type { ItemEdit } from '../model/item-edit.ts';
import type { JsonValue } from '../model/json-value.ts';
import { redactValue } from './redact-value.ts';

/** Fields that say how something runs. Their values are shown as they are. */
const SHOWN: ReadonlySet<string> = new Set(
  (
    'image imagePullPolicy replicas minReplicas maxReplicas resources limits requests cpu memory livenessProbe readinessProbe startupProbe selector ' +
    'matchLabels labels ports port targetPort containerPort nodePort protocol schedule suspend paused strategy rollingUpdate maxSurge maxUnavailable ' +
    'minAvailable nodeSelector tolerations affinity topologySpreadConstraints serviceAccountName storageClassName accessModes storage hard claimName ' +
    'secretName name key ingressClassName host path pathType number serviceName restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds ' +
    'backoffLimit progressDeadlineSeconds revisionHistoryLimit securityContext runAsUser runAsNonRoot fsGroup hostPort mountPath subPath sizeLimit ' +
    'imagePullSecrets policyTypes ingress egress podSelector namespaceSelector targetRevision optional configMapRef secretRef configMapKeyRef ' +
    'failurePolicy finalizers concurrencyPolicy rules subjects roleRef parentRefs sectionName metrics backend backends backendRefs volumes volumeMounts runtimeClassName priorityClassName schedulerName nodeName workingDir terminationMessagePath ' +
    'terminationMessagePolicy whenUnsatisfiable topologyKey effect operator enableServiceLinks lifecycle ' +
    'initContainers dnsPolicy externalName taints unschedulable hostNetwork emptyDir configMap defaultMode items updateStrategy ' +
    'command secretKeyRef replicaCount tag digest initialDelaySeconds periodSeconds timeoutSeconds failureThreshold successThreshold scaleTargetRef'
  ).split(' '),
);
/** Below these nothing is known to be harmless: what stands there is people's. */
const WITHHELD: ReadonlySet<string> = new Set([
  'env',
  'args',
  'data',
  'binaryData',
  'stringData',
  'annotations',
  'httpHeaders',
  'value',
  'values',
]);
/** Where pods may run and which objects are meant: keys, operators and values there are names of the cluster. */
const PLACEMENT: ReadonlySet<string> = new Set(
  'tolerations taints affinity nodeSelector nodeSelectorTerms matchExpressions matchLabels topologySpreadConstraints'.split(' '),
);
const MEASURES = /^(?:-?\d+(?:\.\d+)?(?:%|ms|s|m|h|[KMGTPE]i?)?|true|false|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)$/;
/** What names a part is no part's content, wherever it stands. */
const NAMES: ReadonlySet<string> = new Set(['name', 'kind', 'apiVersion', 'apiGroup', 'fieldPath']);
/** A flag by itself, or one with a number, a switch, a path or an address. */
const FLAG = /^-{1,2}[a-z][-a-z0-9.]*(?:=(?:\d+[a-z]{0,2}|true|false|\/[-\w./]*|[-a-z0-9.]*:\d{1,5}))?$/i;
/** An address with its port, or a name of the cluster: no user, no path, no query. */
const ADDRESS =
  /^(?:(?:https?|tcp|grpc|redis|amqp|nats):\/\/)?(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?:\d{1,5}|[a-z0-9][-a-z0-9]*(?:\.[-a-z0-9]+)?\.svc(?:\.cluster\.local)?(?::\d{1,5})?)$/;

/**
 * A value of a field as it may be printed or handed out: as it is where the field is known to be harmless, else by its length and digest, so
 * that two of them can be told apart and none can be read.
 */
export function shownValue(path: FieldPath, value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((entry, index) => shownValue([...path, index], entry));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value as Readonly<Record<string, JsonValue>>);
    return Object.fromEntries(entries.map(([key, part]) => [key, shownValue([...path, key], part)]));
  }
  if (typeof value !== 'string') return value;
  return isHarmless(path, value) ? value : `[withheld: ${value.length} characters, sha256 ${sha256(value).slice(0, 12)}]`;
}

function isHarmless(path: FieldPath, value: string): boolean {
  if (holdsSecret({ item: '', fieldPath: path, value })) return false;
  if (MEASURES.test(value) || ADDRESS.test(value)) return true;
  const names = path.map(nameOf).filter((name) => name !== undefined);
  if (NAMES.has(names.at(-1) ?? '')) return true;
  if (names.some((name) => PLACEMENT.has(name)) && !names.includes('env')) return true;
  if (names.includes('args') && FLAG.test(value)) return true;
  const isReference = names.includes('valueFrom') || names.includes('envFrom');
  return (isReference || !names.some((name) => WITHHELD.has(name))) && names.some((name) => SHOWN.has(name));
}

/** Whether an edit would write, or names as what was there, something that looks like a secret. */
export function holdsSecret(edit: ItemEdit): boolean {
  return [edit.value, edit.expectOld].some((value) => value !== undefined && redactValue(placed(edit.fieldPath, value)).removed.length > 0);
}

/** The value with the names around it, as in the object it comes from. */
function placed(path: FieldPath, value: unknown): unknown {
  let inner = value;
  for (const segment of path.toReversed()) inner = around(segment, inner);
  return inner;
}

function around(segment: FieldPathSegment, inner: unknown): unknown {
  if (typeof segment === 'string') return { [segment]: inner };
  const isMap = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
  return [typeof segment === 'object' && isMap ? { [segment.key]: segment.value, ...inner } : inner];
}

function nameOf(segment: FieldPathSegment): string | undefined {
  return typeof segment === 'string' ? segment : undefined;
}
