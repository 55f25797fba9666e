import { type CmdbReader, kubernetesItemId, parseKubernetesItemId } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { type HeldObject, objectsOf } from '../objects/objects.ts';
import { instantAt, listAt, textAt } from '../objects/read-object.ts';
import { workloadsIn } from '../objects/workload-index.ts';
import { type GitopsTrouble, troubleOf } from './gitops-message.ts';

/** A comparison that failed a minute ago is tried again; a rollout may make an application degraded for a while. */
const SETTLING_MS = 60_000;
const DEGRADED_MS = 300_000;

const CODES: Readonly<Record<GitopsTrouble, string>> = {
  source: 'T0-ARGOCD-001',
  render: 'T0-ARGOCD-002',
  apply: 'T0-ARGOCD-003',
  destination: 'T0-ARGOCD-004',
  'removed-api': 'T0-ARGOCD-006',
};

/** Applications of Argo CD that cannot be compared or synced. One that is out of sync and waits for a person is well. */
export const argocdRule: Rule = {
  name: 'argocd',
  check: (reader) =>
    objectsOf(reader, 'Application', 'argoproj.io').flatMap((application) => {
      const own = [...failedConditions(reader, application), ...failedOperation(reader, application)];
      return own.length > 0 ? own.slice(0, 1) : degraded(reader, application);
    }),
};

const CONDITIONS: ReadonlyMap<string, GitopsTrouble> = new Map([
  ['InvalidSpecError', 'destination'],
  ['ComparisonError', 'render'],
  ['SyncError', 'apply'],
]);

function failedConditions(reader: CmdbReader, application: HeldObject): readonly FindingDraft[] {
  const conditions = listAt(application.object, 'status', 'conditions');
  return [...CONDITIONS].flatMap(([type, fallback]): readonly FindingDraft[] => {
    const condition = conditions.find((entry) => textAt(entry, 'type') === type);
    const message = textAt(condition, 'message');
    const sinceMs = instantAt(condition, 'lastTransitionTime');
    if (message === undefined || (sinceMs !== undefined && Date.parse(reader.at) - sinceMs < SETTLING_MS)) return [];
    const trouble = isOwnPart(message) ? undefined : troubleOf(message, fallback);
    return [troubleFinding(reader, application, { trouble, message, sinceMs })];
  });
}

/** The repository server of Argo CD itself does not answer. */
function isOwnPart(message: string): boolean {
  return /code = Unavailable/i.test(message) && /repo-server|:8081|connection refused|no such host|EOF|name resolver error/i.test(message);
}

interface Trouble {
  readonly trouble: GitopsTrouble | undefined;
  readonly message: string;
  readonly sinceMs: number | undefined;
}

function troubleFinding(reader: CmdbReader, application: HeldObject, { trouble, message, sinceMs }: Trouble): FindingDraft {
  return {
    code: trouble === undefined ? 'T0-ARGOCD-007' : CODES[trouble],
    subject: application.id,
    message: `application ${application.name}: ${message.slice(0, 400)}`,
    sinceMs,
    evidence: [
      quote(reader, application.id, ['status', 'conditions']),
      quote(reader, application.id, ['status', 'operationState', 'message']),
    ],
    suspects: trouble === undefined ? repositoryServers(reader, application) : undefined,
  };
}

function repositoryServers(reader: CmdbReader, application: HeldObject): readonly string[] {
  const spaces = [...new Set([application.namespace, 'argocd'])];
  return spaces.flatMap((space) =>
    workloadsIn(reader, space)
      .filter((workload) => workload.name.includes('repo-server'))
      .map((workload) => workload.id),
  );
}

function failedOperation(reader: CmdbReader, application: HeldObject): readonly FindingDraft[] {
  const phase = textAt(application.object, 'status', 'operationState', 'phase') ?? '';
  const message = textAt(application.object, 'status', 'operationState', 'message') ?? '';
  const isRetrying = phase === 'Running' && /retrying attempt/i.test(message);
  if ((phase !== 'Failed' && phase !== 'Error' && !isRetrying) || textAt(application.object, 'status', 'sync', 'status') === 'Synced')
    return [];
  const results = listAt(application.object, 'status', 'operationState', 'syncResult', 'resources');
  const refused = results.find((entry) => textAt(entry, 'status') === 'SyncFailed');
  const told = textAt(refused, 'message') ?? message;
  const sinceMs = instantAt(application.object, 'status', 'operationState', 'finishedAt');
  return [
    troubleFinding(reader, application, {
      trouble: troubleOf(`${message} ${told}`, 'apply'),
      message: told || `the last sync ${phase.toLowerCase()}`,
      sinceMs,
    }),
  ];
}

function degraded(reader: CmdbReader, application: HeldObject): readonly FindingDraft[] {
  const sinceMs = instantAt(application.object, 'status', 'health', 'lastTransitionTime');
  if (textAt(application.object, 'status', 'health', 'status') !== 'Degraded') return [];
  if (sinceMs !== undefined && Date.parse(reader.at) - sinceMs < DEGRADED_MS) return [];
  const resources = listAt(application.object, 'status', 'resources');
  const told = resources.filter((entry) => /^(?:Degraded|Missing)$/.test(textAt(entry, 'health', 'status') ?? ''));
  // Newer versions keep the health of resources elsewhere: then any of them may be meant.
  const meant = told.length > 0 ? told : resources.filter((entry) => textAt(entry, 'health', 'status') === undefined);
  const suspects = meant.map((entry) => resourceId(application, entry));
  const names = told.map((entry) => `${textAt(entry, 'kind')} ${textAt(entry, 'name')}`).sort();
  return [
    {
      code: 'T0-ARGOCD-005',
      subject: application.id,
      message: `application ${application.name} is degraded${names.length > 0 ? `: ${names.slice(0, 5).join(', ')}` : ''}`,
      sinceMs,
      evidence: [quote(reader, application.id, ['status', 'health'])],
      suspects,
    },
  ];
}

function resourceId(application: HeldObject, entry: unknown): string {
  const { cluster = '' } = parseKubernetesItemId(application.id) ?? {};
  const identity = { kind: textAt(entry, 'kind') ?? '', name: textAt(entry, 'name') ?? '', namespace: textAt(entry, 'namespace') };
  return kubernetesItemId({ cluster, ...identity });
}
