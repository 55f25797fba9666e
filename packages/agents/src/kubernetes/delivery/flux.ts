import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { siblingId } from '../objects/existence.ts';
import { groupOf, type HeldObject, objectsOf } from '../objects/objects.ts';
import { hasStood } from '../objects/patience.ts';
import { conditionOf, instantAt, listAt, textAt } from '../objects/read-object.ts';
import { type GitopsTrouble, isPastRetrying, namedObjects, troubleOf } from './gitops-message.ts';

const SOURCES = ['Bucket', 'GitRepository', 'HelmChart', 'HelmRepository', 'OCIRepository'] as const;
const CODES: Readonly<Record<GitopsTrouble, string>> = {
  source: 'T0-FLUX-001',
  render: 'T0-FLUX-002',
  apply: 'T0-FLUX-003',
  destination: 'T0-FLUX-003',
  'removed-api': 'T0-FLUX-007',
};

/** Sources, Kustomizations and HelmReleases of Flux that are not ready. What is suspended or still progressing is well. */
export const fluxRule: Rule = {
  name: 'flux',
  check: (reader) => [
    ...SOURCES.flatMap((kind) => fluxObjects(reader, kind).flatMap((held) => checkSource(reader, held))),
    ...fluxObjects(reader, 'Kustomization').flatMap((held) => checkKustomization(reader, held)),
    ...fluxObjects(reader, 'HelmRelease').flatMap((held) => checkRelease(reader, held)),
  ],
};

/** The kinds' names are not Flux's alone. */
function fluxObjects(reader: CmdbReader, kind: string): readonly HeldObject[] {
  return objectsOf(reader, kind).filter((held) => (groupOf(held.object) ?? 'fluxcd.io').endsWith('fluxcd.io'));
}

/** Why an object is not ready, once that is more than a moment old. */
interface NotReady {
  readonly reason: string;
  readonly message: string;
  readonly sinceMs: number | undefined;
}

function notReady(reader: CmdbReader, held: HeldObject): NotReady | undefined {
  if (readField(held.object, ['spec', 'suspend']) === true) return undefined;
  const ready = conditionOf(held.object, 'Ready');
  const stalled = conditionOf(held.object, 'Stalled');
  const isStalled = textAt(stalled, 'status') === 'True';
  const sinceMs = instantAt(ready, 'lastTransitionTime');
  if (textAt(ready, 'status') !== 'False' && !isStalled) return undefined;
  const reason = textAt(ready, 'reason') ?? textAt(stalled, 'reason') ?? '';
  const isDefinite = isStalled || isPastRetrying(`${reason} ${textAt(ready, 'message') ?? ''}`);
  if (!isDefinite && !hasStood(reader, held.id, { kind: 'delivery-retry', toldMs: failingSinceMs(held) ?? sinceMs })) return undefined;
  if (/^(?:Progressing|ProgressingWithRetry|Suspended)$/.test(reason)) return undefined;
  const said = [refusalBefore(held, ready) ?? ready, ...(isStalled ? [stalled] : [])].flatMap(
    (condition) => textAt(condition, 'message') ?? [],
  );
  return {
    reason: isStalled && textAt(stalled, 'reason') === 'RetriesExceeded' ? 'RetriesExceeded' : reason,
    message: said.join('; '),
    sinceMs,
  };
}

/** A roll-back that succeeded is no reason: what was refused before it stands in another condition. */
function refusalBefore({ object }: HeldObject, ready: unknown): unknown {
  const isReturn = /rollback|uninstall|remediat/i.test(`${textAt(ready, 'reason')} ${textAt(ready, 'message')}`);
  const released = conditionOf(object, 'Released');
  return isReturn && textAt(released, 'status') === 'False' ? released : undefined;
}

/** First of the failures that its history counts as one; newer versions of Flux keep one. */
function failingSinceMs({ object }: HeldObject): number | undefined {
  const [newest] = listAt(object, 'status', 'history');
  const isFailing = /fail|error/i.test(textAt(newest, 'lastReconciledStatus') ?? '');
  return isFailing ? instantAt(newest, 'firstReconciled') : undefined;
}

function fluxFinding(
  reader: CmdbReader,
  held: HeldObject,
  { code, trouble, suspects }: { readonly code: string; readonly trouble: NotReady; readonly suspects?: FindingDraft['suspects'] },
): FindingDraft {
  return {
    code,
    subject: held.id,
    message: `${textAt(held.object, 'kind')} ${held.name} is not ready: ${(trouble.message || trouble.reason).slice(0, 400)}`,
    sinceMs: trouble.sinceMs,
    evidence: [quote(reader, held.id, ['status', 'conditions'])],
    suspects,
  };
}

function checkSource(reader: CmdbReader, held: HeldObject): readonly FindingDraft[] {
  const missing = missingSource(reader, held, ['spec', 'sourceRef']);
  if (missing.length > 0) return missing;
  const trouble = notReady(reader, held);
  if (trouble === undefined) return [];
  const suspects = sourceOf(held, ['spec', 'sourceRef']);
  const isWaiting = /NoSourceArtifact|SourceNotReady|DependencyNotReady/.test(trouble.reason);
  return [fluxFinding(reader, held, { code: isWaiting ? 'T0-FLUX-006' : 'T0-FLUX-001', trouble, suspects })];
}

function checkKustomization(reader: CmdbReader, held: HeldObject): readonly FindingDraft[] {
  const missing = missingSource(reader, held, ['spec', 'sourceRef']);
  if (missing.length > 0) return missing;
  const trouble = notReady(reader, held);
  if (trouble === undefined) return [];
  const { reason, message } = trouble;
  if (/HealthCheckFailed/.test(reason))
    return [fluxFinding(reader, held, { code: 'T0-FLUX-005', trouble, suspects: namedIn(held, message) })];
  if (isWaitingFor(reason, message))
    return [fluxFinding(reader, held, { code: 'T0-FLUX-006', trouble, suspects: waitedFor(held, ['spec', 'sourceRef']) })];
  if (reason === 'BuildFailed') return [fluxFinding(reader, held, { code: 'T0-FLUX-002', trouble })];
  return [fluxFinding(reader, held, { code: CODES[troubleOf(message, /Artifact/.test(reason) ? 'render' : 'apply')], trouble })];
}

function isWaitingFor(reason: string, message: string): boolean {
  return /DependencyNotReady|SourceNotReady/.test(reason) || /is not ready|artifact not found|source is not ready/i.test(message);
}

function checkRelease(reader: CmdbReader, held: HeldObject): readonly FindingDraft[] {
  const path = chartSource(held);
  const missing = missingSource(reader, held, path);
  if (missing.length > 0) return missing;
  const trouble = notReady(reader, held);
  if (trouble === undefined) return [];
  const { reason, message } = trouble;
  const kind = troubleOf(message, 'apply');
  if (/Install|Upgrade|Test|Rollback|Uninstall|RetriesExceeded|Remediat|Release/.test(reason)) {
    const isGone = kind === 'removed-api';
    return [fluxFinding(reader, held, { code: isGone ? 'T0-FLUX-007' : 'T0-FLUX-004', trouble, suspects: namedIn(held, message) })];
  }
  if (isWaitingFor(reason, message) || /Artifact|HelmChart/.test(reason)) {
    return [fluxFinding(reader, held, { code: 'T0-FLUX-006', trouble, suspects: [...waitedFor(held, path), chartOf(held)] })];
  }
  return [fluxFinding(reader, held, { code: CODES[kind], trouble })];
}

function chartSource(held: HeldObject): readonly string[] {
  return readField(held.object, ['spec', 'chartRef']) === undefined ? ['spec', 'chart', 'spec', 'sourceRef'] : ['spec', 'chartRef'];
}

/** The HelmChart that Flux makes for a release: `<namespace>-<name>` in the namespace of its source. */
function chartOf(held: HeldObject): string {
  const namespace = textAt(held.object, 'spec', 'chart', 'spec', 'sourceRef', 'namespace') ?? held.namespace;
  return siblingId(held.id, 'HelmChart', `${held.namespace}-${held.name}`, namespace);
}

function sourceOf(held: HeldObject, path: readonly string[]): readonly string[] {
  const kind = textAt(held.object, ...path, 'kind');
  const name = textAt(held.object, ...path, 'name');
  return kind && name ? [siblingId(held.id, kind, name, textAt(held.object, ...path, 'namespace'))] : [];
}

function waitedFor(held: HeldObject, path: readonly string[]): readonly string[] {
  const kind = textAt(held.object, 'kind') ?? '';
  const dependencies = listAt(held.object, 'spec', 'dependsOn').flatMap((entry) => {
    const name = textAt(entry, 'name');
    return name ? [siblingId(held.id, kind, name, textAt(entry, 'namespace'))] : [];
  });
  return [...sourceOf(held, path), ...dependencies];
}

function namedIn(held: HeldObject, message: string): readonly string[] {
  return namedObjects(message).map(({ kind, namespace, name }) => siblingId(held.id, kind, name, namespace));
}

function missingSource(reader: CmdbReader, held: HeldObject, path: readonly string[]): readonly FindingDraft[] {
  const source = sourceOf(held, path)[0];
  if (source === undefined || readField(held.object, ['spec', 'suspend']) === true || reader.get(source).state !== 'absent') return [];
  const kind = textAt(held.object, ...path, 'kind');
  const name = textAt(held.object, ...path, 'name');
  return [
    {
      code: 'T0-FLUX-008',
      subject: held.id,
      key: `${kind}/${name}`,
      facts: { kind: textAt(held.object, 'kind'), name: held.name, sourceKind: kind, sourceName: name },
      evidence: [quote(reader, held.id, path)],
    },
  ];
}
