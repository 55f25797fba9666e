import { describe, expect, test } from 'vitest';
import { BROKEN_MANIFESTS, type Breakage, SOUND_MANIFESTS } from './fixtures/broken-manifests.ts';
import { manifestFlaws, schemaCheck } from './manifest-check.ts';
import { checkSchema } from './schema/schema-flaws.ts';

test.each(SOUND_MANIFESTS.map((object) => [String(object.kind), object] as const))('a sound %s has no flaw', (_, object) => {
  expect(manifestFlaws(object)).toEqual([]);
});

test('there are at least 300 broken manifests, each different', () => {
  expect(BROKEN_MANIFESTS.length).toBeGreaterThanOrEqual(300);
  expect(new Set(BROKEN_MANIFESTS.map((one) => one.name)).size).toBe(BROKEN_MANIFESTS.length);
});

/** What a look at the file cannot find, and who does. */
const LET_THROUGH: Partial<Record<Breakage, string>> = {
  'only the cluster knows': 'rehearsal and server-side dry run look at the cluster',
  'accepted all the same': 'the API server takes them, so they are for reviewers and policies',
};

describe.each([...new Set(BROKEN_MANIFESTS.map((one) => one.breakage))])('%s', (breakage) => {
  const manifests = BROKEN_MANIFESTS.filter((one) => one.breakage === breakage);
  const reason = LET_THROUGH[breakage];
  test(`${manifests.length} manifests are ${reason ? `let through: ${reason}` : 'caught'}`, () => {
    const caught = manifests.filter((one) => manifestFlaws(one.object).length > 0).map((one) => one.name);
    expect(caught).toEqual(reason ? [] : manifests.map((one) => one.name));
  });
});

test('a misspelt field is said with the right one', () => {
  const [sound] = SOUND_MANIFESTS;
  const object = { ...sound, spec: { ...(sound?.spec as object), replica: 3 } };
  expect(manifestFlaws(object)[0]?.message).toBe('there is no field "replica" here; did you mean replicas?');
});

test('custom resources are not checked, and that is said', () => {
  const object = { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', metadata: { name: 'web' }, spec: { anything: 1 } };
  expect(checkSchema(object)).toEqual({ status: 'unchecked' });
  expect(schemaCheck([{ file: 'a.yaml', before: undefined, after: object }])).toMatchObject({
    passed: true,
    detail: expect.stringContaining('no schema here for HelmRelease of helm.toolkit.fluxcd.io/v2'),
  });
});

test('a kind in a version that never was is a flaw, with the versions that are', () => {
  const verdict = checkSchema({ apiVersion: 'apps/v3', kind: 'Deployment', metadata: { name: 'web' } });
  expect(verdict).toMatchObject({ flaws: [{ rule: 'unknown-version', message: expect.stringContaining('apps/v1') }] });
});

test('flaws that were there before are named and do not stop a fix', () => {
  const [sound] = SOUND_MANIFESTS;
  const before = { ...sound, spec: { ...(sound?.spec as object), replica: 3 } };
  const after = { ...before, spec: { ...before.spec, replicas: 4 } };
  expect(schemaCheck([{ file: 'a.yaml', before, after }])).toMatchObject({
    passed: true,
    detail: expect.stringContaining('1 flaw was there before'),
  });
  const worse = { ...after, spec: { ...after.spec, replicas: 'four' } };
  expect(schemaCheck([{ file: 'a.yaml', before, after: worse }])).toMatchObject({
    passed: false,
    detail: expect.stringContaining('a.yaml: spec.replicas'),
  });
});
