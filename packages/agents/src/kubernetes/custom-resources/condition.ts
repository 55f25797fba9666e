import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { conditionPatience, isDefinite, isMakerWanted } from '../objects/condition-patience.ts';
import { siblingId } from '../objects/existence.ts';
import { indexed } from '../objects/indexed.ts';
import { kindsPresent } from '../objects/kinds-present.ts';
import { makersOf } from '../objects/makers.ts';
import { missingObjectIn } from '../objects/missing-named.ts';
import { groupOf, type HeldObject, isYoungerThan, objectsOf } from '../objects/objects.ts';
import { hasStood, patienceMs } from '../objects/patience.ts';
import { conditionOf, instantAt, listAt, numberAt, textAt } from '../objects/read-object.ts';
import { referredTo } from '../objects/referred.ts';
import { tellingWords } from '../objects/telling-words.ts';
import { named, repeatedWarnings, sayWarning } from '../objects/warnings.ts';

/** Objects of kinds that no rule knows, by the conditions that all controllers write alike. */
export const conditionRule: Rule = {
  name: 'condition',
  check: (reader) => foreignKinds(reader).flatMap((kind) => objectsOf(reader, kind).flatMap((held) => checkObject(reader, held))),
};

/** Groups whose kinds have rules of their own. */
const KNOWN =
  /^(?:apps|batch|autoscaling|policy|extensions|networking\.k8s\.io|storage\.k8s\.io|rbac\.authorization\.k8s\.io|admissionregistration\.k8s\.io|apiregistration\.k8s\.io|authentication\.k8s\.io|authorization\.k8s\.io|coordination\.k8s\.io|discovery\.k8s\.io|events\.k8s\.io|flowcontrol\.apiserver\.k8s\.io|node\.k8s\.io|scheduling\.k8s\.io|certificates\.k8s\.io|metrics\.k8s\.io|resource\.k8s\.io|internal\.apiserver\.k8s\.io)$/;
/** Kinds with rules of their own in groups that have others. */
const KNOWN_KINDS =
  /^(?:Application|AuthorizationPolicy|Bucket|Certificate|DeploymentConfig|DestinationRule|Gateway|GatewayClass|GitRepository|HelmChart|HelmRelease|HelmRepository|Kustomization|OCIRepository|ReferenceGrant|Rollout|VirtualService|(?:GRPC|HTTP|TCP|TLS|UDP)Route)$/;

/** One object of a kind tells its group. */
const foreignKinds = indexed((reader): readonly string[] =>
  kindsPresent(reader).filter((kind) => {
    const group = groupOf(objectsOf(reader, kind)[0]?.object) ?? '';
    return group.includes('.') && !KNOWN.test(group) && !KNOWN_KINDS.test(kind);
  }),
);

/** Conditions that are good when True. */
const GOOD =
  /^(?:Ready|Available|Synced|Healthy|Succeeded|Established|Reconciled|Deployed|Accepted|Programmed|Valid|Provisioned|Initialized|Connected|Installed|Bound|ResolvedRefs|Registered|NamesAccepted|Adopted|Advertised)$|(?:Ready|Healthy|Synced)$/;
/** Conditions that are bad when True. */
const BAD =
  /^(?:Degraded|Stalled|Failed|Failing|Failure|Errors?|Errored|Unhealthy|Unavailable|Conflicted|Invalid|Misconfigured|NotReady)$|(?:Error|Failed|Failure|Degraded|Unhealthy)$/;
/** How a state says that it failed: `Failed`, `UpdateFailed`, `ConfigError`, `red`. */
const PHASE =
  /(?:^|[a-z_ -])(?:fail(?:ed|ure|ing)?|error(?:ed)?|degraded|unhealthy|unavailable|invalid|crashed|rejected|broken|lost|not ?ready)$|^red$|^failed[a-z]+$/i;
/** Reasons that say so of any condition that is False. */
const REFUSED = /Fail|Error|Invalid|Denied|Forbidden|NotFound|Exceeded|Rejected|Conflict/;
/** A state that waits, whose own reason says that it waits in vain. */
const WAITS = /^(?:pending|processing|waiting|progressing|installing|upgrading|inprogress|unknown)$/i;
interface Trouble {
  readonly type: string;
  readonly status: string;
  readonly said: string;
  readonly sinceMs: number | undefined;
}

function checkObject(reader: CmdbReader, held: HeldObject): readonly FindingDraft[] {
  const { object } = held;
  // Synced and Ready together are Crossplane's, which has a rule.
  if (conditionOf(object, 'Synced') !== undefined && conditionOf(object, 'Ready') !== undefined) return [];
  if (readField(object, ['metadata', 'deletionTimestamp']) !== undefined || isSwitchedOff(object)) return [];
  const trouble = troubleOf(object);
  if (trouble === undefined) return [...unanswered(reader, held), ...warned(reader, held)].slice(0, 1);
  const told = withWarning(reader, held, trouble);
  const isCertain =
    isDefinite(told.said) ||
    PHASE.test(trouble.status) ||
    (trouble.status === 'True' && /fail|error/i.test(trouble.type)) ||
    isMakerWanted(reader, held.id);
  if (!hasStood(reader, held.id, { kind: conditionPatience(reader, held.id, isCertain), toldMs: trouble.sinceMs })) return [];
  const missing = missingPart(reader, held, told);
  if (missing !== undefined) return [missing];
  return [toDraft(reader, held, { trouble: told, code: codeOf(told.said), severity: isCertain ? 'fault' : 'degraded' })];
}

const MISSING: Readonly<Record<string, string>> = { Secret: 'T0-CONDITION-006', ConfigMap: 'T0-CONDITION-007' };

/** What the controller says is not there, where nobody is to make it: whoever lacks it is innocent. */
function missingPart(reader: CmdbReader, held: HeldObject, { said, sinceMs }: Trouble): FindingDraft | undefined {
  const missing = missingObjectIn(said);
  const code = MISSING[missing?.objectKind ?? ''];
  if (missing === undefined || code === undefined) return undefined;
  // What is of the whole cluster says in words only where it looks.
  const namespace = missing.namespace ?? (held.namespace === '' ? undefined : held.namespace);
  if (namespace === undefined) return undefined;
  const subject = siblingId(held.id, missing.objectKind, missing.name, namespace);
  if (reader.get(subject).state === 'found' || makersOf(reader, subject).length > 0) return undefined;
  const facts = {
    kind: missing.objectKind,
    name: missing.name,
    needer: `${textAt(held.object, 'kind')} ${held.name}`,
    said: tellingWords(said),
  };
  return {
    code,
    subject,
    key: held.id,
    facts,
    sinceMs,
    severity: 'fault',
    evidence: [quote(reader, held.id, ['status'])],
    seenOn: [held.id],
  };
}

/** A controller often says in general words that it failed, and by an event why: where that names more it is told too. */
function withWarning(reader: CmdbReader, held: HeldObject, trouble: Trouble): Trouble {
  const kind = textAt(held.object, 'kind') ?? '';
  const plain = (text: string) => text.replaceAll(kind, '').replaceAll(held.name, '');
  const general = plain(trouble.said.replace(/^\w+: /, ''));
  const [warning] = repeatedWarnings(reader, held.id).filter(({ message }) => !general.includes(plain(message).trim()));
  if (warning === undefined || named(plain(warning.message)) <= named(general)) return trouble;
  return { ...trouble, said: `${trouble.said}; ${sayWarning(warning)}` };
}

/** Said so often about an object that says nothing of itself, it is no first try. */
const WARNED = 5;

/** An object without any condition or phase, about which its controller repeats a warning. */
function warned(reader: CmdbReader, held: HeldObject): readonly FindingDraft[] {
  const status = readField(held.object, ['status']);
  const isSilent = status === undefined || status === null || Object.keys(status).length === 0;
  const [warning] = isSilent ? repeatedWarnings(reader, held.id).filter(({ count }) => count >= WARNED) : [];
  if (warning === undefined || !hasStood(reader, held.id, { kind: 'condition', toldMs: warning.firstMs })) return [];
  const trouble = {
    type: 'nothing of its state, and a warning',
    status: `repeated ${warning.count} times`,
    said: sayWarning(warning),
    sinceMs: warning.firstMs,
  };
  return [toDraft(reader, held, { trouble, code: codeOf(trouble.said), severity: 'fault' })];
}

function isSwitchedOff(object: unknown): boolean {
  if (numberAt(object, 'spec', 'replicas') === 0) return true;
  const isFlag = ['suspend', 'suspended', 'paused', 'pause'].some((field) => readField(object, ['spec', field]) === true);
  return (
    isFlag ||
    Object.keys((readField(object, ['metadata', 'annotations']) as object | null | undefined) ?? {}).some((key) => /\/paused?$/.test(key))
  );
}

/** The worst of what an object says; of equal ones the one that says most. Conditions of an older generation say nothing of the present. */
function troubleOf(object: unknown): Trouble | undefined {
  const generation = numberAt(object, 'metadata', 'generation') ?? 0;
  // Policies tell each object that they are attached to apart.
  const attached = ['ancestors', 'parents']
    .flatMap((list) => listAt(object, 'status', list))
    .flatMap((entry) => listAt(entry, 'conditions'));
  const current = [...listAt(object, 'status', 'conditions'), ...attached].filter(
    (entry) => (numberAt(entry, 'observedGeneration') ?? generation) >= generation,
  );
  const bad = current.filter((entry) => {
    const [type, status] = [textAt(entry, 'type') ?? '', textAt(entry, 'status')];
    if (BAD.test(type)) return status === 'True';
    // What cannot be known for a reason that is a failure is not well.
    if (status === 'Unknown') return GOOD.test(type) && isDefinite(textAt(entry, 'message') ?? '');
    return status === 'False' && (GOOD.test(type) || REFUSED.test(textAt(entry, 'reason') ?? ''));
  });
  const told = bad.map(
    (entry): Trouble => ({
      type: textAt(entry, 'type') ?? '',
      status: textAt(entry, 'status') ?? '',
      said: [textAt(entry, 'reason'), textAt(entry, 'message')].filter((part) => part !== undefined).join(': ') || 'no reason given',
      sinceMs: instantAt(entry, 'lastTransitionTime') ?? instantAt(entry, 'lastUpdateTime'),
    }),
  );
  const [worst] = told.toSorted((a, b) => Number(isDefinite(b.said)) - Number(isDefinite(a.said)) || b.said.length - a.said.length);
  return worst ?? byPhase(object, current.length > 0);
}

function byPhase(object: unknown, hasConditions: boolean): Trouble | undefined {
  const status = readField(object, ['status']);
  const inner = Object.values((status as object | null | undefined) ?? {}).filter(
    (value) => typeof value === 'object' && !Array.isArray(value),
  );
  const found = [status, ...inner].flatMap((part) =>
    Object.entries((part as Readonly<Record<string, unknown>> | null | undefined) ?? {}).flatMap(([field, value]) =>
      /(?:phase|state|status|health)$/i.test(field) && typeof value === 'string' ? [{ field, value }] : [],
    ),
  );
  const texts = ['message', 'reason', 'error', 'errorMessage', 'errorDescription', 'failureMessage', 'failureReason'];
  const listed = ['validationErrors', 'errors'].flatMap((field) => listAt(status, field)).find((text) => typeof text === 'string');
  const said =
    texts.map((field) => textAt(status, field) ?? textAt(status, field, 'message')).find((text) => text !== undefined) ?? listed ?? '';
  const sinceMs = instantAt(object, 'metadata', 'creationTimestamp');
  const bad = found.find(({ value }) => PHASE.test(value) || (!hasConditions && WAITS.test(value) && isDefinite(said)));
  if (bad !== undefined) return { type: bad.field, status: bad.value, said: said === '' ? 'failed, and no reason given' : said, sinceMs };
  const error = texts.slice(2).map((field) => ({ field, text: textAt(status, field) ?? textAt(status, field, 'message') }));
  const told = error.find(({ text }) => text !== undefined);
  return told?.text === undefined ? undefined : { type: told.field, status: 'told', said: told.text, sinceMs };
}

/** Nobody has looked at the newest generation. */
function unanswered(reader: CmdbReader, held: HeldObject): readonly FindingDraft[] {
  const generation = numberAt(held.object, 'metadata', 'generation');
  const observed = numberAt(held.object, 'status', 'observedGeneration');
  if (generation === undefined || observed === undefined || observed >= generation) return [];
  const writtenMs = Math.max(...listAt(held.object, 'metadata', 'managedFields').map((entry) => instantAt(entry, 'time') ?? 0), 0);
  if (
    writtenMs === 0 ||
    Date.parse(reader.at) - writtenMs < patienceMs('condition') ||
    isYoungerThan(reader, held.object, patienceMs('condition'))
  )
    return [];
  const trouble = {
    type: 'observedGeneration',
    status: String(observed),
    said: `generation ${generation} was not looked at yet`,
    sinceMs: writtenMs,
  };
  return [toDraft(reader, held, { trouble, code: 'T0-CONDITION-005', severity: 'degraded' })];
}

function codeOf(said: string): string {
  if (/x509|certificate (?:signed|verify|is not trusted|has expired)|unknown authority/i.test(said)) return 'T0-CONDITION-004';
  if (
    /\b40[13]\b|unauthori[sz]ed|forbidden|access ?denied|permission denied|invalid (?:credentials|token|api key|password)|authentication failed|AccessDenied|InvalidClientTokenId|SignatureDoesNotMatch/i.test(
      said,
    )
  )
    return 'T0-CONDITION-003';
  if (
    /connection refused|no such host|i\/o timeout|context deadline exceeded|no route to host|connection reset|network is unreachable|dial tcp|\b50[234]\b|vault is sealed|is sealed/i.test(
      said,
    )
  )
    return 'T0-CONDITION-002';
  return 'T0-CONDITION-001';
}

function toDraft(
  reader: CmdbReader,
  held: HeldObject,
  { trouble, code, severity }: { readonly trouble: Trouble; readonly code: string; readonly severity: 'fault' | 'degraded' },
): FindingDraft {
  const { type, status, said, sinceMs } = trouble;
  const kind = textAt(held.object, 'kind') ?? '';
  return {
    code,
    subject: held.id,
    facts: { kind, name: held.name, type, status, said: tellingWords(said) },
    sinceMs,
    severity,
    evidence: [quote(reader, held.id, ['status'])],
    suspects: [...referredTo(held), ...calledByField(reader, held), ...ownedBy(reader, held.id)],
  };
}

/** How deep the specification is searched for references. */
const DEPTH = 5;

/** Kinds by the API group that they are of. */
const kindsByGroup = indexed((reader) => Map.groupBy(foreignKinds(reader), (kind) => groupOf(objectsOf(reader, kind)[0]?.object) ?? ''));

/** A plain name in a field that is called after another kind of the same group: `storageLocation: default`, `scheduleName: daily`. */
function calledByField(reader: CmdbReader, held: HeldObject): readonly string[] {
  const kinds = kindsByGroup(reader).get(groupOf(held.object) ?? '') ?? [];
  const calledBy = (field: string, name: string) => {
    const stem = field.replace(/Name$/, '').toLowerCase();
    const called = stem.length > STEM ? kinds.filter((kind) => kind.toLowerCase().endsWith(stem)) : [];
    return called.map((kind) => siblingId(held.id, kind, name)).filter((id) => id !== held.id && reader.get(id).state === 'found');
  };
  const walk = (value: unknown, depth: number): readonly string[] =>
    typeof value !== 'object' || value === null || depth > DEPTH
      ? []
      : Object.entries(value).flatMap(([field, inner]) => (typeof inner === 'string' ? calledBy(field, inner) : walk(inner, depth + 1)));
  return walk(readField(held.object, ['spec']), 0);
}

/** A field of fewer letters is called after nothing. */
const STEM = 3;

/** What the object made for itself: a part that failed says more than the whole. */
function ownedBy(reader: CmdbReader, item: string): readonly string[] {
  return reader.relations(item, 'in', 'managedBy').map(({ from }) => from);
}
