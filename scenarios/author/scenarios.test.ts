import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAUSES, isCause, parseFieldPath, readField } from '@tier0/core';
import { type ExpectedRootCause, readScenario, type Scenario, type SubjectRef } from '@tier0/eval';
import { describe, expect, test } from 'vitest';
import type { Loose } from './item.ts';
import { amountOf } from './quota.ts';
import { STORIES } from './stories/index.ts';
import { filesOf } from './write-scenario.ts';

const home = join(import.meta.dirname, '../generated');
const scenarios = await Promise.all(STORIES.map(({ name }) => readScenario(join(home, name))));
const faults = scenarios.filter(({ expected }) => !expected.healthy);
const controls = scenarios.filter(({ expected }) => expected.healthy);

type KubernetesObject = Scenario['objects'][number];

const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob']);

function keyOf({ kind, namespace, name }: SubjectRef): string {
  return `${kind}/${namespace ?? ''}/${name}`;
}

function refOf({ kind, metadata }: KubernetesObject): SubjectRef {
  return { kind, namespace: metadata.namespace, name: metadata.name };
}

function wordsOf({ cause, alsoAcceptCauses = [] }: ExpectedRootCause): readonly string[] {
  return [cause, ...alsoAcceptCauses];
}

/** Names something that the truth says is not there. */
function mayBeAbsent(truth: ExpectedRootCause): boolean {
  return wordsOf(truth).some((cause) => cause.endsWith('-missing'));
}

function isReady(object: Loose): boolean {
  return object.status?.conditions?.some((condition: Loose) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}

/** Workloads with every pod ready, ready pods and Services that no root cause names. */
function healthyNeighbours({ objects, expected }: Scenario): number {
  const named = new Set(
    expected.rootCauses.flatMap(({ subject, alsoAccept = [], path = [] }) => [subject, ...alsoAccept, ...path]).map(keyOf),
  );
  return objects.filter((object: Loose) => {
    if (named.has(keyOf(refOf(object)))) return false;
    if (object.kind === 'Deployment' || object.kind === 'StatefulSet')
      return object.spec.replicas > 0 && object.status.readyReplicas === object.spec.replicas;
    return object.kind === 'Service' || (object.kind === 'Pod' && isReady(object));
  }).length;
}

function instantsIn(value: Loose, found: string[] = []): string[] {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value)) found.push(value);
  else if (typeof value === 'object' && value !== null) for (const child of Object.values(value)) instantsIn(child, found);
  return found;
}

function problemsOf(scenario: Scenario): readonly string[] {
  const now = Date.parse(scenario.meta.now);
  const objects = scenario.objects as readonly Loose[];
  const uids = new Map(objects.map((object) => [object.metadata.uid, object]));
  const nodes = new Set(objects.filter(({ kind }) => kind === 'Node').map(({ metadata }) => metadata.name));
  return objects.flatMap((object) => {
    const { kind, metadata, spec, data: _data, ...rest } = object;
    const say = (problem: string) => `${scenario.name}: ${kind} ${metadata.namespace ?? ''}/${metadata.name} ${problem}`;
    const owners = (metadata.ownerReferences ?? []).map((owner: Loose) => uids.get(owner.uid));
    return [
      ...owners.filter((owner: Loose) => !owner).map(() => say('has an owner that is not there')),
      ...owners
        .filter((owner: Loose) => owner && owner.metadata.creationTimestamp > metadata.creationTimestamp)
        .map(() => say('is older than its owner')),
      ...(object.endpoints ?? [])
        .filter(({ targetRef }: Loose) => targetRef && !uids.has(targetRef.uid))
        .map(() => say('points at a pod that is not there')),
      ...(kind === 'Pod' && spec.nodeName && !nodes.has(spec.nodeName) ? [say('stands on an unknown node')] : []),
      ...(kind === 'Pod' && spec.nodeName && object.status.phase === 'Running' && !object.status.podIP
        ? [say('runs without an address')]
        : []),
      ...(kind === 'Pod' ? [object.status.startTime, ...object.status.conditions.map((each: Loose) => each.lastTransitionTime)] : [])
        .filter((instant: string | undefined) => instant !== undefined && instant < metadata.creationTimestamp)
        .map(() => say('had a status before it was made')),
      ...instantsIn({ metadata, rest })
        .filter((instant) => Date.parse(instant) > now && instant !== metadata.deletionTimestamp)
        .map((instant) => say(`knows the future: ${instant}`)),
      ...(metadata.managedFields ?? [])
        .filter((entry: Loose) => entry.time < metadata.creationTimestamp)
        .map(() => say('was written before it was made')),
    ];
  });
}

function holds(scenario: Scenario, predicate: Loose): boolean {
  const object = scenario.objects.find((each) => keyOf(refOf(each)) === keyOf(predicate.object));
  const value = object && (predicate.path === '' ? object : readField(object, parseFieldPath(predicate.path)));
  const same = (wanted: unknown) => JSON.stringify(value) === JSON.stringify(wanted);
  if (predicate.exists !== undefined) return (value !== undefined) === predicate.exists;
  if (predicate.oneOf) return predicate.oneOf.some(same);
  if (predicate.atLeast !== undefined) return value !== undefined && amountOf(value as string) >= amountOf(predicate.atLeast);
  if (predicate.atMost !== undefined) return value !== undefined && amountOf(value as string) <= amountOf(predicate.atMost);
  return same(predicate.equals);
}

describe('recorded incidents', () => {
  test('are many enough, and cover every group of causes that a recording can show', () => {
    const seen = new Set(faults.flatMap(({ expected }) => expected.rootCauses.flatMap(wordsOf)));
    const uncovered = Object.entries(CAUSES).filter(([group, causes]) => group !== 'unknown' && !causes.some((cause) => seen.has(cause)));
    expect(uncovered).toEqual([]);
    expect(faults.length).toBeGreaterThanOrEqual(42);
    expect(controls.length).toBeGreaterThanOrEqual(13);
    expect(faults.filter(({ expected }) => expected.rootCauses.length > 1).length).toBeGreaterThanOrEqual(6);
  });

  test('every folder on the shelf of the generated ones has its story here, and the other way round', () => {
    expect(readdirSync(home).sort()).toEqual(STORIES.map(({ name }) => name).sort());
  });

  test('the index is what the folders say', () => {
    const args = ['--conditions=tier0-source', join(import.meta.dirname, 'write-index.ts'), '--check'];
    expect(spawnSync(process.execPath, args, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  test('name causes of the vocabulary, and objects that are there', () => {
    const wrong = scenarios.flatMap(({ name, objects, expected }) => {
      const known = new Set(objects.map((object) => keyOf(refOf(object))));
      const absent = (subjects: readonly SubjectRef[]) => subjects.map(keyOf).filter((key) => !known.has(key));
      const truths = expected.rootCauses.flatMap((truth) => [
        ...wordsOf(truth).filter((cause) => !isCause(cause)),
        ...absent([...(mayBeAbsent(truth) ? [] : [truth.subject, ...(truth.alsoAccept ?? [])]), ...(truth.path ?? [])]),
      ]);
      return [...truths, ...absent(expected.forbidden ?? [])].map((key) => `${name}: ${key}`);
    });
    expect(wrong).toEqual([]);
  });

  test('an innocent object is never a right answer too', () => {
    const wrong = faults.flatMap(({ name, expected }) => {
      const right = expected.rootCauses.flatMap(({ subject, alsoAccept = [] }) => [subject, ...alsoAccept]).map(keyOf);
      return (expected.forbidden ?? [])
        .map(keyOf)
        .filter((key) => right.includes(key))
        .map((key) => `${name}: ${key}`);
    });
    expect(wrong).toEqual([]);
  });

  test('are repaired by no way that already holds', () => {
    const wrong = faults.flatMap((scenario) =>
      (scenario.expected.fixes ?? [])
        .filter(({ all }) => all.every((predicate) => holds(scenario, predicate)))
        .map((fix) => `${scenario.name}: ${JSON.stringify(fix)}`),
    );
    expect(wrong).toEqual([]);
  });

  test('hold what a control plane would write: owners, targets, nodes and times fit together', () => {
    expect(scenarios.flatMap(problemsOf)).toEqual([]);
  });

  test('stand among at least thirty healthy neighbours', () => {
    expect(scenarios.filter((scenario) => healthyNeighbours(scenario) < 30).map(({ name }) => name)).toEqual([]);
  });

  test('do not tell by their names: neither folders nor root causes repeat or quote the vocabulary', () => {
    const names = faults.flatMap(({ expected }) =>
      expected.rootCauses
        .map(({ subject }) => subject)
        .filter(({ kind }) => WORKLOADS.has(kind))
        .map(({ name }) => name),
    );
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    const causes = Object.values(CAUSES).flat() as readonly string[];
    expect(STORIES.filter(({ name }) => causes.some((cause) => name.includes(cause)))).toEqual([]);
  });

  test.each(['friday-label-tidy-up', 'moving-day'])('%s is written again byte for byte', (name) => {
    const story = STORIES.find((each) => each.name === name)!;
    for (const [file, text] of filesOf(story)) expect(readFileSync(join(home, name, file), 'utf8') === text, file).toBe(true);
  });
});
