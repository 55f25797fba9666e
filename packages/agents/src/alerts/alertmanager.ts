import { type Alert, type CmdbReader, kubernetesItemId, type Severity, sha256, Tier0Error, toTimestamp } from '@tier0/core';
import { z } from 'zod';

/** Alerts of one notification at most; Alertmanager cuts its own lists far below (`max_alerts`). */
const MAX_ALERTS = 2_000;
/** Characters of one label or annotation that are kept. */
const MAX_TEXT = 2_000;

const TextMapSchema = z.record(z.string().max(256), z.string());

/** A notification as Alertmanager's webhook receiver sends it, version 4. Source: prometheus.io/docs/alerting/latest/configuration/#webhook_config. */
const NotificationSchema = z.object({
  version: z.literal('4'),
  status: z.enum(['firing', 'resolved']),
  alerts: z
    .array(
      z.object({
        status: z.enum(['firing', 'resolved']),
        labels: TextMapSchema,
        annotations: TextMapSchema.default({}),
        startsAt: z.iso.datetime({ offset: true }),
        endsAt: z.iso.datetime({ offset: true }).optional(),
        fingerprint: z.string().min(1).max(128).optional(),
      }),
    )
    .max(MAX_ALERTS),
});

/**
 * Alerts of a notification that was posted by Alertmanager (webhook, version 4), firing and resolved alike: a resolved one has `endsAt`.
 * Labels and annotations are data and are cut to a bound. Throws INVALID_INPUT for anything else, with the place.
 */
export function parseAlertmanagerNotification(text: string): readonly Alert[] {
  const parsed = NotificationSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data.alerts.map(toAlert);
  const [issue] = parsed.error.issues;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `This is no notification of Alertmanager, version 4: ${issue?.path.join('.') || 'the whole of it'}: ${issue?.message}.`,
    hint: 'Point a webhook_configs entry of Alertmanager at this address; nothing of this notification was taken.',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toAlert(raw: z.infer<typeof NotificationSchema>['alerts'][number]): Alert {
  const labels = Object.fromEntries(Object.entries(raw.labels).map(([name, value]) => [name, value.slice(0, MAX_TEXT)]));
  const alertname = labels.alertname ?? 'unnamed';
  const { summary, description, message } = raw.annotations;
  const told = summary ?? description ?? message ?? alertname;
  return {
    fingerprint: raw.fingerprint ?? fingerprintOf(labels),
    labels: { ...labels, alertname },
    summary: told.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_TEXT) || alertname,
    severity: severityOf(labels.severity),
    startsAt: toTimestamp(Date.parse(raw.startsAt)),
    ...(raw.status === 'resolved' ? { endsAt: toTimestamp(Date.parse(raw.endsAt ?? raw.startsAt)) } : {}),
    evidence: [],
    source: 'alertmanager',
  };
}

/** Stable over notifications: the labels are what makes an alert the same alert. */
function fingerprintOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return `am-${sha256(JSON.stringify(pairs)).slice(0, 16)}`;
}

/** The severities that the mixins of the Prometheus community use; an unknown word is taken for a warning, none at all too. */
function severityOf(label: string | undefined): Severity {
  if (label === 'critical' || label === 'error' || label === 'page') return 'fault';
  if (label === 'info' || label === 'none') return 'hygiene';
  return 'degraded';
}

/** Labels that name an object, with its kind, nearest to the thing that is changed first. Source: kube-state-metrics, kubelet, openshift-state-metrics, Argo Rollouts. */
const NAMING_LABELS: readonly (readonly [label: string, kind: string, clusterScoped?: true])[] = [
  ['deployment', 'Deployment'],
  ['statefulset', 'StatefulSet'],
  ['daemonset', 'DaemonSet'],
  ['deploymentconfig', 'DeploymentConfig'],
  ['rollout', 'Rollout'],
  ['cronjob', 'CronJob'],
  ['job_name', 'Job'],
  ['horizontalpodautoscaler', 'HorizontalPodAutoscaler'],
  ['persistentvolumeclaim', 'PersistentVolumeClaim'],
  ['pod', 'Pod'],
  ['ingress', 'Ingress'],
  ['service', 'Service'],
  ['node', 'Node', true],
  ['namespace', 'Namespace', true],
];

/**
 * The item an alert is about, by its labels: the first object they name that the CMDB knows, a pod's workload rather than the pod.
 * `exported_` labels come first: they are what the metric was about, where the scrape had labels of the same name. Undefined when none is known.
 */
export function itemOfAlert({ labels }: Pick<Alert, 'labels'>, reader: CmdbReader, cluster: string): string | undefined {
  const told = (name: string) => labels[`exported_${name}`] ?? labels[name];
  const namespace = told('namespace');
  for (const [label, kind, isClusterScoped] of NAMING_LABELS) {
    const name = told(label);
    if (name === undefined || name === '') continue;
    const id = kubernetesItemId({ cluster, kind, name, namespace: isClusterScoped ? undefined : namespace });
    if (reader.get(id).state === 'found') return kind === 'Pod' ? workloadOf(id, reader) : id;
  }
  return undefined;
}

/** The outermost controller of a pod; the pod where it has none. */
function workloadOf(pod: string, reader: CmdbReader): string {
  let item = pod;
  for (let hop = 0; hop < 4; hop++) {
    const owner = reader.relations(item, 'out', 'managedBy')[0]?.to;
    if (owner === undefined) return item;
    item = owner;
  }
  return item;
}
