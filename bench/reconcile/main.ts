import { createCmdb, DEFAULT_IDENTITY_RULES, identifyItems } from '@tier0/cmdb';
import { judgeJoins, makeHosts, makeYear } from '@tier0/cmdb/testing';
import { spreadOf, timed } from '../frame/measure.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Row, toRecord } from '../frame/record.ts';

const options = readOptions(['hosts', 'services', 'incidents', 'seed', 'seeds', 'noise-percent']);
const hosts = options.count('hosts', 5000);
const services = options.count('services', 500);
const incidents = options.count('incidents', 1000);
const seed = options.count('seed', 20_261_122);
const seeds = options.count('seeds', 3);
const noise = options.count('noise-percent', 5) / 100;
const NOW = '2026-11-22T12:00:00.000Z';
const WINDOW = { windowMs: 3_600_000, hops: 3 };

const found: Record<string, number[]> = {};
const units: Record<string, string> = {};
for (let round = 0; round < seeds; round++) {
  process.stderr.write(`bench reconcile: seed ${seed + round}\n`);
  await measureIdentity(seed + round);
  await measureYear(seed + round);
}
const rows = Object.entries(found).map(
  ([measure, values]): Row => ({ measure, subject: 'tier0', ...spreadOf(values), unit: units[measure] ?? '' }),
);
const notes = [
  `${hosts} machines in three views, ${Math.round(noise * 100)} % of the identifier values spoilt: changed case, trailing domains, placeholders, missing, swapped fields, values of other machines, typing errors.`,
  'precision is the share of joined pairs that are one thing, recall the share of pairs that are one thing and were joined. Targets: both >= 0.99.',
  `what-changed: ${incidents} planted culprits among ${services * 52} ordinary changes, asked 1 h back and 3 relations far; target >= 0.9. owner: asked at random instants of a year with reorganisations; target >= 0.99.`,
];
publish(toRecord('reconcile', { rows, notes }), options.json);

async function measureIdentity(run: number): Promise<void> {
  const estate = makeHosts({ hosts, seed: run, noise, observedAt: NOW });
  const cmdb = createCmdb({ sources: estate.views.map((view) => ({ name: view.source, discover: async () => view })) });
  await cmdb.refresh(contextAt(NOW));
  const { result, wallMs } = await timed(() => identifyItems(cmdb.reader(), DEFAULT_IDENTITY_RULES));
  const { precision, recall } = judgeJoins(estate.truth, result.rootOf);
  note('join-precision', precision, 'share');
  note('join-recall', recall, 'share');
  note('identify', wallMs, 'ms wall');
}

async function measureYear(run: number): Promise<void> {
  const year = makeYear({ services, seed: run, incidents });
  const cmdb = createCmdb({ sources: [] });
  for (const { at, facts } of year.commits) await cmdb.record(facts, contextAt(at));
  const reader = cmdb.reader();
  const places = year.incidents.map(({ item, at, culprit }) =>
    reader
      .asOf(at)
      .whatChanged(item, WINDOW)
      .findIndex(({ change }) => change.id === culprit),
  );
  const exact = year.owners.filter(({ item, at, team }) => reader.asOf(at).owner(item)?.team === team);
  note('what-changed-top-1', places.filter((place) => place === 0).length / places.length, 'share');
  note('what-changed-top-3', places.filter((place) => place >= 0 && place < 3).length / places.length, 'share');
  note('owner-exact', exact.length / year.owners.length, 'share');
}

function note(measure: string, value: number, unit: string): void {
  found[measure] = [...(found[measure] ?? []), value];
  units[measure] = unit;
}

function contextAt(at: string) {
  return { signal: new AbortController().signal, now: () => Date.parse(at) };
}
