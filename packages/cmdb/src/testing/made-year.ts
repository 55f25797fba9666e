import type { CmdbFact, ConfigurationItem, Relation, RelationType, SourceSlice } from '@tier0/core';
import { sha256 } from '@tier0/core';
import { seededRandom } from './fact-maker.ts';

/** How large an estate is, and how much happens in its year. */
export interface MadeYearOptions {
  readonly services: number;
  readonly seed: number;
  /** Incidents with a planted culprit. */
  readonly incidents: number;
  /** Ordinary changes a service sees in the year. Default 52: one a week. */
  readonly changesPerService?: number | undefined;
}

/** What somebody on call would ask, with the true answer. */
export interface MadeIncident {
  /** Item that shows the symptom. */
  readonly item: string;
  /** When it is noticed. ISO 8601, UTC. */
  readonly at: string;
  /** Id of the change that did it. */
  readonly culprit: string;
}

/** Who owned what at an instant. */
export interface MadeOwner {
  readonly item: string;
  readonly at: string;
  readonly team: string;
}

/** A year of an estate: facts in the order they happened, and the questions with their answers. */
export interface MadeYear {
  readonly commits: readonly { readonly at: string; readonly facts: readonly CmdbFact[] }[];
  readonly incidents: readonly MadeIncident[];
  readonly owners: readonly MadeOwner[];
}

const START = Date.parse('2026-01-01T00:00:00.000Z');
const YEAR = 365 * 24 * 3_600_000;
const MINUTE = 60_000;
const SLICE: SourceSlice = { scope: 'made:year', source: 'made' };
/** A change does its harm after this many minutes at least, and at most. */
const HARM = { least: 2, most: 45 };

/** Makes the same year for the same options. */
export function makeYear({ services, seed, incidents, changesPerService = 52 }: MadeYearOptions): MadeYear {
  const random = seededRandom(seed);
  const below = (count: number) => Math.floor(random() * count);
  const at = (ms: number) => new Date(ms).toISOString();
  const anyTime = () => START + MINUTE + below(YEAR - 2 * MINUTE);
  const teams = Array.from({ length: Math.max(3, Math.ceil(services / 12)) }, (_, index) => `backstage:group:default/team-${index}`);
  const service = (index: number) => `backstage:component:default/service-${index}`;
  const pod = (index: number) => `kubernetes:production/shop/Deployment/service-${index}`;
  const facts: { readonly ms: number; readonly fact: CmdbFact }[] = [];
  const say = (ms: number, fact: CmdbFact) => void facts.push({ ms, fact });
  const relate = (from: string, type: RelationType, to: string): CmdbFact => ({
    type: 'relation-asserted',
    slice: SLICE,
    validFrom: at(START),
    relation: { from, to, type, confidence: 1, properties: {}, source: SLICE.source } satisfies Relation,
  });

  for (const team of teams) say(START, asserted(team, 'Group'));
  const upstream: number[][] = [];
  const owned: { readonly ms: number; readonly team: string }[][] = [];
  for (let index = 0; index < services; index++) {
    say(START, asserted(service(index), 'Component'));
    say(START, asserted(pod(index), 'Deployment'));
    say(START, relate(pod(index), 'realizes', service(index)));
    // Whom it depends on stands before it, near ones and a few that everybody uses.
    const needs = new Set(
      Array.from({ length: Math.min(index, 1 + below(3)) }, () => (random() < 0.3 ? below(Math.min(index, 5)) : below(index))),
    );
    upstream.push([...needs]);
    for (const need of needs) say(START, relate(pod(index), 'dependsOn', pod(need)));
    const team = teams[below(teams.length)] as string;
    say(START, relate(service(index), 'ownedBy', team));
    owned.push([{ ms: START, team }]);
  }
  for (let index = 0; index < services; index++) {
    if (random() >= 0.4) continue;
    const ms = anyTime();
    const before = owned[index]?.[0]?.team as string;
    const team = teams[(teams.indexOf(before) + 1) % teams.length] as string;
    say(ms, {
      type: 'relation-retracted',
      slice: SLICE,
      validFrom: at(ms),
      relation: { from: service(index), type: 'ownedBy', to: before },
    });
    say(ms, { ...relate(service(index), 'ownedBy', team), validFrom: at(ms) } as CmdbFact);
    owned[index]?.push({ ms, team });
  }
  const changed = (index: number, ms: number, note: string): string => {
    const id = `change-${sha256(`${index} ${ms} ${note}`).slice(0, 16)}`;
    const change = { id, item: pod(index), at: at(ms), summary: `${note} of service-${index}`, fields: [], source: SLICE.source };
    say(ms, { type: 'change-observed', slice: SLICE, validFrom: change.at, change });
    return id;
  };
  for (let index = 0; index < services; index++) {
    for (let count = 0; count < changesPerService; count++) changed(index, anyTime(), 'rollout');
  }
  const planted = Array.from({ length: incidents }, (): MadeIncident => {
    const victim = services - 1 - below(Math.ceil(services * 0.8));
    let culprit = victim;
    for (let hops = below(4); hops > 0 && (upstream[culprit]?.length ?? 0) > 0; hops--) {
      culprit = upstream[culprit]?.[below(upstream[culprit]?.length ?? 1)] as number;
    }
    const ms = anyTime();
    const noticed = ms + (HARM.least + below(HARM.most - HARM.least)) * MINUTE;
    return { item: pod(victim), at: at(noticed), culprit: changed(culprit, ms, 'rollout') };
  });
  const owners = Array.from({ length: services }, (_, index): MadeOwner => {
    const ms = anyTime();
    const team = owned[index]?.findLast((one) => one.ms <= ms)?.team as string;
    return { item: pod(index), at: at(ms), team };
  });
  facts.sort((a, b) => a.ms - b.ms);
  const commits = Array.from({ length: Math.ceil(facts.length / 5000) }, (_, index) => {
    const part = facts.slice(index * 5000, (index + 1) * 5000);
    return { at: at(part.at(-1)?.ms ?? START), facts: part.map(({ fact }) => fact) };
  });
  return { commits, incidents: planted, owners };
}

function asserted(id: string, kind: string): CmdbFact {
  const observedAt = new Date(START).toISOString();
  const name = id.slice(id.lastIndexOf('/') + 1);
  const sources = [{ name: SLICE.source, observedAt }];
  const item: ConfigurationItem = { id, kind, name, scope: 'made', columns: {}, digest: sha256(id), identifiers: [], sources, observedAt };
  return { type: 'item-asserted', slice: SLICE, validFrom: observedAt, item };
}
