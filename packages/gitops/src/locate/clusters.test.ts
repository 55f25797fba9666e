import { type CmdbReader, type Location, parseFieldPath } from '@tier0/core';
import { testContext } from '@tier0/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { createTestRepository, type TestRepository } from '../testing/repository.ts';
import { createLocator } from './locate.ts';

/** The layout that Flux recommends: clusters name folders of apps, which change a base that all of them share. */

const opened: TestRepository[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((repository) => repository.remove()));
});

const flux = (name: string, path: string) =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {path: ./${path}}\n`;
const overlay = 'kind: Kustomization\nresources: [../base]\npatches:\n  - path: values.yaml\n';
const values = (cluster: string) =>
  `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n  values:\n    hostname: web.${cluster}.example.com\n`;
const release =
  'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n  values:\n    cache:\n      tag: 8.6.2\n';

const files = {
  'clusters/staging/apps.yaml': flux('apps', 'apps/staging'),
  'clusters/production/apps.yaml': flux('apps', 'apps/production'),
  'apps/base/kustomization.yaml': 'kind: Kustomization\nresources: [release.yaml]\n',
  'apps/base/release.yaml': release,
  'apps/staging/kustomization.yaml': overlay,
  'apps/staging/values.yaml': values('staging'),
  'apps/production/kustomization.yaml': overlay,
  'apps/production/values.yaml': values('production'),
};

interface Asking {
  readonly path?: string;
  /** Folder that the live Kustomization renders; undefined where nobody looked. */
  readonly rendered?: string;
  readonly marked?: boolean;
}

async function locate(field: string, expectOld: string, { path, rendered, marked = true }: Asking): Promise<Location> {
  const repository = await createTestRepository(files);
  opened.push(repository);
  const labels = { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' };
  const live = {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'web', namespace: 'shop', ...(marked ? { labels } : {}) },
  };
  const owner = rendered === undefined ? undefined : { spec: { path: `./${rendered}` } };
  const reader = { object: (id: string) => (id.includes('/Kustomization/') ? owner : live), items: () => ({ items: [] }) };
  const edit = { item: 'kubernetes:c/shop/HelmRelease/web', fieldPath: parseFieldPath(field), expectOld, value: 'other' };
  const locator = createLocator({ mirror: repository.newMirror(), branch: 'main', path });
  return locator.locate({ edit, reader: reader as unknown as CmdbReader }, testContext());
}

describe('two clusters in one repository', () => {
  test.each(['staging', 'production'])("the live object's path says that it is %s", async (cluster) => {
    const asked = { rendered: `apps/${cluster}` };
    const found = await locate('spec.values.hostname', `web.${cluster}.example.com`, asked);
    expect(found).toMatchObject({ status: 'found', edit: { file: `apps/${cluster}/values.yaml` } });
  });

  test('the folder of the cluster says it where the live object does not', async () => {
    for (const path of ['clusters/staging', './clusters/staging/', 'apps/staging']) {
      const found = await locate('spec.values.hostname', 'web.staging.example.com', { path });
      expect(found, path).toMatchObject({ edit: { file: 'apps/staging/values.yaml' } });
    }
    const unmarked = await locate('spec.values.hostname', 'web.production.example.com', { path: 'clusters/production', marked: false });
    expect(unmarked).toMatchObject({ edit: { file: 'apps/production/values.yaml' } });
  });

  test('what the base says for both is said anew in the overlay of one, and both are named', async () => {
    const found = await locate('spec.values.cache.tag', '8.6.2', { rendered: 'apps/staging' });
    expect(found).toMatchObject({
      status: 'found',
      edit: { file: 'apps/staging/kustomization.yaml' },
      reason: expect.stringMatching(/apps\/base\/release.yaml is shared by .*apps\/production.* and .*apps\/staging/),
    });
  });

  test('with neither nobody can tell', async () => {
    expect(await locate('spec.values.hostname', 'web.staging.example.com', {})).toMatchObject({ status: 'ambiguous' });
  });
});
