import { type Cause, type CmdbReader, type Finding, parseKubernetesItemId } from '@tier0/core';
import { type CauseLink, strongest } from './cause-link.ts';

/** Relations a failure may travel between two findings. */
const MAX_HOPS = 8;
/** Below this a way through the graph is too much of a guess to explain anything: two inferred dependencies in a row still count. */
const MIN_STRENGTH = 0.2;
/** What is named by the evidence itself is believed before what merely lies on the way. */
const NAMED = 0.95;

/**
 * Links each finding to what may have caused it:
 * - on one subject, the deeper (what was written) explains the shallower (what it leads to);
 * - what the finding's own evidence names (`suspects`), and what harms the named thing, explains it;
 * - a fault whose harm reaches the subject over the CMDB's relations explains what the subject merely suffers.
 * What its own subject explains needs no cause elsewhere; what was written wrongly (depth 0) has none.
 */
export function causeLinks(findings: readonly Finding[], reader: CmdbReader): ReadonlyMap<string, readonly CauseLink[]> {
  const bySubject = Map.groupBy(findings, (finding) => finding.subject);
  const bySeenOn = new Map<string, Finding[]>();
  for (const finding of findings) for (const item of finding.seenOn ?? []) bySeenOn.set(item, [...(bySeenOn.get(item) ?? []), finding]);
  const faultSubjects = [...bySubject].filter(([, own]) => own.some((finding) => finding.severity === 'fault')).map(([subject]) => subject);
  const reach = reachersOf(reader, faultSubjects);
  return new Map(
    findings.map((symptom) => {
      const candidates = [...own(symptom, bySubject), ...told(symptom, bySeenOn), ...named(symptom, { bySubject, bySeenOn, reach })];
      const links = candidates.length > 0 ? candidates : suffered(symptom, bySubject, reach);
      return [symptom.fingerprint, strongest(links)];
    }),
  );
}

/** Findings with `explainedBy` filled from their links. */
export function linkFindings(findings: readonly Finding[], reader: CmdbReader): readonly Finding[] {
  const links = causeLinks(findings, reader);
  return findings.map((finding) => ({ ...finding, explainedBy: (links.get(finding.fingerprint) ?? []).map((link) => link.cause) }));
}

/** A subject whose harm arrives, and with which probability. */
interface Reacher {
  readonly subject: string;
  readonly strength: number;
}

/** Those whose harm arrives at an item, by the item. */
type Reach = ReadonlyMap<string, readonly Reacher[]>;
type BySubject = ReadonlyMap<string, readonly Finding[]>;

function own(symptom: Finding, bySubject: BySubject): readonly CauseLink[] {
  const places = KEEP_BACK.has(symptom.code) ? [] : [symptom.subject, ...(symptom.seenOn ?? [])];
  const kept = places.flatMap((place) => (bySubject.get(place) ?? []).filter(({ code }) => KEEP_BACK.has(code)));
  const deeper = (bySubject.get(symptom.subject) ?? []).filter(
    (cause) =>
      cause.severity === 'fault' &&
      (isDeeper(cause, symptom) || lacksWhatItSays(cause, symptom) || answersProbe(cause, symptom)) &&
      isSamePart(cause, symptom),
  );
  return [...new Set([...kept, ...deeper])].map((cause) => ({ cause: cause.fingerprint, strength: 1, via: 'same subject' }));
}

/** What keeps a correction from the pods explains whatever is wrong with the older template. */
const KEEP_BACK: ReadonlySet<string> = new Set(['T0-ROLLOUT-002', 'T0-DEPLOYMENT-005']);

/** Deeper in the chain; of equally deep ones the more telling. */
function isDeeper(cause: Finding, symptom: Finding): boolean {
  const [one, other] = [cause.depth, symptom.depth];
  return one < other || (one === other && one > 0 && vagueness(cause) < vagueness(symptom));
}

/** How little a cause says: that a container crashes or is not ready says less than that it cannot reach what it needs. */
const VAGUENESS: Partial<Record<Cause, number>> = {
  'needs-investigation': 4,
  'application-bug': 3,
  'bad-change': 2.8,
  'init-container-failing': 3.6,
  'init-container-hanging': 3.6,
  'liveness-probe-wrong': 3,
  'probe-dependency': 3,
  'readiness-probe-wrong': 3,
  'dependency-down': 1,
  'dependency-slow': 1,
};

/** That a probe does not succeed, without a word of why: whatever the program says of itself tells more. */
const GUESSES: ReadonlySet<string> = new Set(['T0-POD-037', 'T0-POD-038', 'T0-POD-042', 'T0-POD-043']);
const GUESSED = 3.9;

function vagueness({ cause, code, evidence }: Finding): number {
  if (GUESSES.has(code)) return GUESSED;
  // What a program says of itself tells more than that it ended.
  return (VAGUENESS[cause] ?? 0) - (isSaid({ evidence }) ? 0.5 : 0);
}

function isSaid({ evidence }: Pick<Finding, 'evidence'>): boolean {
  return evidence.some(({ source }) => source === 'logs');
}

/** A probe that kills asks where the program says itself that it does not listen; one that is turned away asks what a setting does not let in. */
const ANSWERS_PROBE: Readonly<Record<string, ReadonlySet<string>>> = {
  'T0-POD-033': new Set(['T0-LOG-002', 'T0-LOG-035']),
  'T0-POD-036': new Set(['T0-LOG-002', 'T0-LOG-003', 'T0-LOG-024']),
};

function answersProbe(cause: Finding, symptom: Finding): boolean {
  if (ANSWERS_PROBE[symptom.code]?.has(cause.code) === true) return true;
  return symptom.code === 'T0-POD-033' && ANSWERED.test(symptom.message) && COMPLAINS.has(cause.code);
}

/** The program is there and answers a probe that kills it with an error: its own complaint says why. */
const ANSWERED = /statuscode: [45]\d\d/;
const COMPLAINS: ReadonlySet<string> = new Set(['T0-LOG-011', 'T0-LOG-033', 'T0-LOG-078', 'T0-LOG-038', 'T0-LOG-051', 'T0-LOG-052']);

/** What a program was given before and runs without explains all that it complains of since. */
const RUNS_WITHOUT: ReadonlySet<string> = new Set(['T0-POD-088', 'T0-POD-089', 'T0-POD-098']);

function lacksWhatItSays(cause: Finding, symptom: Finding): boolean {
  return RUNS_WITHOUT.has(cause.code) && isSaid(symptom);
}

/** What was seen on this very item, though a change elsewhere would fix it. */
function told(symptom: Finding, bySeenOn: ReadonlyMap<string, readonly Finding[]>): readonly CauseLink[] {
  return (bySeenOn.get(symptom.subject) ?? [])
    .filter(
      (cause) =>
        cause.severity === 'fault' && (isDeeper(cause, symptom) || lacksWhatItSays(cause, symptom) || answersProbe(cause, symptom)),
    )
    .map((cause) => ({ cause: cause.fingerprint, strength: NAMED, via: 'seen on it' }));
}

/** What one container does is not explained by what another one does, but by what holds for the whole workload. */
function isSamePart(cause: Finding, symptom: Finding): boolean {
  if (cause.container === undefined || symptom.container === undefined || cause.container === symptom.container) return true;
  // Of a container that is not ready, and says no word of why, the trouble of the one beside it tells more.
  return GUESSES.has(symptom.code) && !GUESSES.has(cause.code) && cause.evidence.some(({ source }) => source === 'logs');
}

interface Places {
  readonly bySubject: BySubject;
  readonly bySeenOn: ReadonlyMap<string, readonly Finding[]>;
  readonly reach: Reach;
}

function named(symptom: Finding, { bySubject, bySeenOn, reach }: Places): readonly CauseLink[] {
  return (symptom.suspects ?? []).flatMap((suspect) => {
    if (suspect === symptom.subject) return [];
    const direct = faultsOf(bySubject, suspect).map((cause) => ({
      cause: cause.fingerprint,
      strength: NAMED,
      via: 'named by the evidence',
    }));
    if (direct.length > 0) return direct;
    const seen = (bySeenOn.get(suspect) ?? []).filter(({ severity, subject }) => severity === 'fault' && subject !== symptom.subject);
    if (seen.length > 0)
      return seen.map((cause) => ({ cause: cause.fingerprint, strength: NAMED, via: 'seen on what the evidence names' }));
    return (reach.get(suspect) ?? []).flatMap(({ subject, strength }) => {
      if (subject === symptom.subject || isNamedBy(subject, symptom.subject, bySubject)) return [];
      return faultsOf(bySubject, subject).map((cause) => ({
        cause: cause.fingerprint,
        strength: NAMED * strength,
        via: `harms ${parseKubernetesItemId(suspect)?.name ?? suspect}`,
      }));
    });
  });
}

function suffered(symptom: Finding, bySubject: BySubject, reach: Reach): readonly CauseLink[] {
  if (symptom.depth === 0) return [];
  return (reach.get(symptom.subject) ?? []).flatMap(({ subject, strength }) => {
    if (strength < MIN_STRENGTH || subject === symptom.subject || isNamedBy(subject, symptom.subject, bySubject)) return [];
    return faultsOf(bySubject, subject).map((cause) => ({ cause: cause.fingerprint, strength, via: 'relations' }));
  });
}

/**
 * Whether the evidence at one subject leads to another one, over what is named there in turn. Who names the symptom as its own reason is not
 * the reason of it, however near it lies.
 */
function isNamedBy(subject: string, wanted: string, bySubject: BySubject): boolean {
  const known = namedFrom.get(bySubject) ?? new Map<string, ReadonlySet<string>>();
  namedFrom.set(bySubject, known);
  const seen = known.get(subject) ?? namedInTurn(subject, bySubject);
  known.set(subject, seen);
  return seen.has(wanted);
}

const namedFrom = new WeakMap<BySubject, Map<string, ReadonlySet<string>>>();

function namedInTurn(subject: string, bySubject: BySubject): ReadonlySet<string> {
  const seen = new Set([subject]);
  for (const place of seen)
    for (const { suspects = [], severity } of bySubject.get(place) ?? [])
      if (severity !== 'hygiene') for (const suspect of suspects) seen.add(suspect);
  return seen;
}

function faultsOf(bySubject: BySubject, subject: string): readonly Finding[] {
  return (bySubject.get(subject) ?? []).filter((finding) => finding.severity === 'fault');
}

function reachersOf(reader: CmdbReader, subjects: readonly string[]): Reach {
  const reach = new Map<string, Reacher[]>();
  for (const subject of subjects)
    for (const { item, probability = 1 } of reader.impact(subject, { hops: MAX_HOPS, limit: 5000 }).items) {
      const known = reach.get(item) ?? [];
      known.push({ subject, strength: probability });
      reach.set(item, known);
    }
  return reach;
}
