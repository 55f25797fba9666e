import type { Cause, Finding, IncidentShape, RootCause } from '@tier0/core';
import { maskVariables } from '../../kubernetes/logs/mine-templates.ts';

/** What an incident is recognised by. */
export interface IncidentSignature {
  /** Undefined where nothing was found to be the cause. */
  readonly cause: Cause | undefined;
  readonly shape: IncidentShape;
}

/** What a diagnosis says about one incident. */
export interface DiagnosedIncident {
  readonly rootCause: RootCause;
  readonly findings: readonly Finding[];
  /** Course of the metric that told of it. */
  readonly metric?: string | undefined;
}

/** Templates kept of an incident; the first ones are nearest to the cause. */
const MOST_TEMPLATES = 12;

/** Takes the names, numbers and wording away from an incident and keeps what stays the same when it happens to somebody else. Pure. */
export function signatureOf({ rootCause, findings, metric }: DiagnosedIncident): IncidentSignature {
  const chain = chainOf(rootCause, findings);
  const path = rootCause.path.length > 0 ? rootCause.path : [rootCause.subject];
  const mask = maskNames([...path, ...chain.map(({ subject }) => subject)]);
  const lines = chain.flatMap((finding) => [finding.message, ...finding.evidence.flatMap(({ excerpt }) => excerpt.split('\n'))]);
  const templates = [...new Set(lines.map(mask).filter((line) => /[a-z]{3}/i.test(line)))].slice(0, MOST_TEMPLATES);
  return {
    cause: rootCause.cause,
    shape: {
      codes: [...new Set(chain.map(({ code }) => code))].sort(),
      path: path.map(kindIn),
      templates,
      ...(metric === undefined ? {} : { metric }),
    },
  };
}

/** The finding a cause rests on, and what it explains, directly or by way of others. */
function chainOf({ finding, subject, cause }: RootCause, findings: readonly Finding[]): readonly Finding[] {
  const chain = findings.filter((one) => (finding ? one.fingerprint === finding : one.subject === subject && one.cause === cause));
  const taken = new Set(chain.map(({ fingerprint }) => fingerprint));
  for (let before = -1; before !== chain.length; ) {
    before = chain.length;
    for (const one of findings) {
      if (taken.has(one.fingerprint) || !one.explainedBy.some((other) => taken.has(other))) continue;
      taken.add(one.fingerprint);
      chain.push(one);
    }
  }
  return chain;
}

/** `kubernetes:<cluster>/<namespace>/<Kind>/<name>` names a kind; so does `backstage:<kind>:...`. */
function kindIn(id: string): string {
  return id.startsWith('kubernetes:') ? (id.split('/').at(-2) ?? id) : (id.split(':').slice(0, 2).join(':') ?? id);
}

/** Makes `<*>` of names of the items involved, of what is quoted, and of everything that is a value. */
function maskNames(ids: readonly string[]): (line: string) => string {
  const names = new Set(
    ids.flatMap((id) => (id.split(':').slice(1).join(':').split('/') as readonly string[]).filter((part) => /^[a-z0-9.-]{2,}$/.test(part))),
  );
  const longestFirst = [...names].sort((a, b) => b.length - a.length).map((name) => name.replaceAll('.', '\\.'));
  const pattern =
    longestFirst.length > 0 ? new RegExp(`(?<![A-Za-z0-9])(?:${longestFirst.join('|')})(?![A-Za-z0-9])[\\w.-]*`, 'g') : undefined;
  return (line) => {
    const unnamed = pattern ? line.replace(pattern, '<*>') : line;
    return maskVariables(unnamed.replace(/"[^"]*"|'[^']*'|`[^`]*`/g, '<*>'))
      .replace(/\s+/g, ' ')
      .trim();
  };
}
