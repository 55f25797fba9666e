import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type CmdbReader, formatFieldPath, type Location, type Locator } from '@tier0/core';
import { createHelmRenderer, createKubectlRenderer, createLocator, createMirror, editYaml, type KustomizeRenderer } from '@tier0/gitops';
import { spreadOf, timed } from '../frame/measure.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Row, toRecord } from '../frame/record.ts';
import { applicationSetsRepository, fluxClustersRepository, fluxReleasesRepository, helmApplicationsRepository } from './layouts.ts';
import { hasHelm, type LiveObject } from './render.ts';
import {
  argoRepository,
  type BenchRepository,
  type Environment,
  fluxHelmRepository,
  fluxRepository,
  kustomizeRepository,
  plainRepository,
} from './repositories.ts';
import { differencesBetween, renderAll, type Truth, truthsOf } from './truths.ts';

const options = readOptions(['part']);
const part = options.value('part');
const context = { signal: new AbortController().signal, now: () => Date.now() };
const work = mkdtempSync(join(tmpdir(), 'tier0-bench-locate-'));
const rows: Row[] = [];
const notes: string[] = [];
const explained = new Map<string, number>();

/** `right`: the file that was changed to make the truth. `elsewhere`: another file, for a shared place, and rendering proves it right. */
type Verdict = 'right' | 'elsewhere' | 'wrong' | 'refused';

try {
  const withHelm = (await hasHelm()) ? [fluxReleasesRepository(), helmApplicationsRepository()] : [];
  if (withHelm.length === 0) notes.push('helm is not on PATH: "flux releases" and "helm applications" were not run.');
  const written = [plainRepository(), kustomizeRepository(), fluxHelmRepository(), argoRepository(), fluxRepository()];
  const all = [...written, fluxClustersRepository(), applicationSetsRepository(), ...withHelm];
  for (const repository of all.filter(({ name }) => part === undefined || name === part)) await measure(repository);
} finally {
  rmSync(work, { recursive: true, force: true });
}
for (const subject of ['with kubectl and helm', 'without a renderer']) {
  for (const measure of ['truths', 'right', 'elsewhere', 'wrong', 'refused']) {
    const sum = rows
      .filter((row) => row.measure.endsWith(`: ${measure}`) && row.subject === subject)
      .reduce((total, row) => total + row.median, 0);
    rows.push({ measure: `all: ${measure}`, subject, unit: 'fields', ...spreadOf([sum]) });
  }
}
notes.push(
  'A truth is a live field that changes when one value in one file is changed and everything is rendered again (kubectl kustomize; plain manifests as they stand).',
);
notes.push(
  'Charts of "flux helm" and "argo" are rendered by a stand-in that knows only what they use; "flux releases" and "helm applications" by helm.',
);
notes.push(
  'elsewhere: the value stands in a place that others share, or sets several fields, and the edit goes to an overlay or to values of its own; applied and rendered it gives exactly the wanted field.',
);
publish(toRecord('locate', { rows, notes }), options.json);

async function measure(repository: BenchRepository): Promise<void> {
  const started = performance.now();
  const url = commit(repository);
  const before = await renderAll(repository, repository.files);
  const truths = await truthsOf(repository, before);
  const shared = sharedFiles(truths);
  for (const [subject, renderer] of [
    ['with kubectl and helm', createKubectlRenderer()],
    ['without a renderer', undefined],
  ] as const) {
    const verdicts = new Map<Verdict, number>();
    const times: number[] = [];
    const locatorFor = locatorsOf(repository, url, renderer);
    for (const truth of truths) {
      const locator = locatorFor(truth.difference.environment);
      const { result, wallMs } = await timed(() => locate(locator, truth));
      const verdict = await judge({ repository, before, shared }, truth, result);
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      times.push(wallMs);
      explain(repository, subject, truth, result, verdict);
    }
    const row = (name: string, value: number) =>
      rows.push({ measure: `${repository.name}: ${name}`, subject, unit: 'fields', ...spreadOf([value]), n: truths.length });
    row('truths', truths.length);
    for (const verdict of ['right', 'elsewhere', 'wrong', 'refused'] as const) row(verdict, verdicts.get(verdict) ?? 0);
    rows.push({ measure: `${repository.name}: time of one`, subject, unit: 'ms', ...spreadOf(times) });
  }
  process.stderr.write(`${repository.name}: ${truths.length} truths in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}

function explain(repository: BenchRepository, subject: string, truth: Truth, location: Location, verdict: Verdict): void {
  if (verdict === 'right' || verdict === 'elsewhere') return;
  const key = `${repository.name} ${subject} ${verdict}`;
  const seen = explained.get(key) ?? 0;
  explained.set(key, seen + 1);
  const { live, path } = truth.difference;
  if (seen < 6)
    notes.push(
      `${verdict}, ${repository.name}, ${subject}: ${live.kind} ${live.name} ${formatFieldPath(path)} from ${truth.file}: ${location.reason}`,
    );
}

function commit(repository: BenchRepository): string {
  const folder = join(work, repository.name.replaceAll(' ', '-'));
  for (const [file, text] of repository.files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com', ...args], { cwd: folder, stdio: 'pipe' });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message=bench');
  return folder;
}

/** One locator for each environment, kept as a run keeps it: the first question reads the commit, the others find it read. */
function locatorsOf(repository: BenchRepository, url: string, renderer: KustomizeRenderer | undefined): (of: Environment) => Locator {
  const mirror = createMirror({ url, directory: join(work, `mirror-${repository.name.replaceAll(' ', '-')}`) });
  const locators = new Map(
    repository.environments.map(
      (one) =>
        [
          one,
          createLocator({ mirror, branch: 'main', path: one.path, renderer, chartRenderer: renderer && createHelmRenderer() }),
        ] as const,
    ),
  );
  return (environment) => locators.get(environment) as Locator;
}

function locate(locator: Locator, { difference }: Truth): Promise<Location> {
  const { live, path, before, after } = difference;
  const item = `kubernetes:bench/${live.namespace}/${live.kind}/${live.name}`;
  // The cluster shows the object itself; whether its owner is there too is not known, as where nobody may read owners.
  const reader = { object: (id: string) => (id === item ? live.value : undefined), items: () => ({ items: [] }) } as unknown as CmdbReader;
  return locator.locate({ edit: { item, fieldPath: path, expectOld: before, value: after }, reader }, context);
}

interface Court {
  readonly repository: BenchRepository;
  readonly before: ReadonlyMap<Environment, readonly LiveObject[]>;
  /** Files that more than one environment is made of. */
  readonly shared: ReadonlySet<string>;
}

/** Files whose values reach more than one environment, as far as the truths show. */
function sharedFiles(truths: readonly Truth[]): ReadonlySet<string> {
  const reached = new Map<string, Set<Environment>>();
  for (const { file, difference } of truths) reached.set(file, (reached.get(file) ?? new Set()).add(difference.environment));
  return new Set([...reached].filter(([, environments]) => environments.size > 1).map(([file]) => file));
}

/** Applies what was located to the repository and renders everything again: exactly the wanted field may have changed. */
async function judge({ repository, before, shared }: Court, truth: Truth, location: Location): Promise<Verdict> {
  if (location.status !== 'found') return 'refused';
  const { edit } = location;
  const edited = editYaml(repository.files.get(edit.file) ?? '', edit);
  if (edited.status !== 'edited') return 'wrong';
  const after = await renderAll(repository, new Map([...repository.files, [edit.file, edited.text]])).catch(() => undefined);
  const differences = after ? differencesBetween(before, after) : undefined;
  const { difference } = truth;
  const [only] = differences ?? [];
  const isExact =
    differences?.length === 1 &&
    only?.live === difference.live &&
    isDeepStrictEqual([only.path, only.after], [difference.path, difference.after]);
  if (!isExact) return 'wrong';
  return edit.file === truth.file ? 'right' : shared.has(truth.file) || truth.reach > 1 ? 'elsewhere' : 'wrong';
}
