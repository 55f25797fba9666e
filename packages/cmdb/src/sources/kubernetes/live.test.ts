import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { kubernetesItemId } from '@tier0/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCmdb } from '../../graph/cmdb.ts';
import { keepCurrent } from './keep-current.ts';
import { createObjectGetter } from './object-getter.ts';
import { createKubernetesWatch } from './watch.ts';

/**
 * Against a real API server. It writes (a namespace of its own), so it never takes the kubeconfig that happens to be set: name one on purpose,
 * of a cluster that is there to be written to.
 */
const KUBECONFIG = process.env.TIER0_TEST_KUBECONFIG;
const NAMESPACE = `tier0-test-${process.pid}`;
const kubectl = (args: readonly string[], input = '') =>
  execFileSync('kubectl', ['--kubeconfig', KUBECONFIG ?? '', ...args], { input, encoding: 'utf8' });
/** A kind of an add-on that no list of this repository names. */
const GROUP = `tier0-test-${process.pid}.example`;
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `caskets.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: { plural: 'caskets', singular: 'casket', kind: 'Casket' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};
const item = (kind: string, name: string) => kubernetesItemId({ cluster: 'live', kind, name, namespace: NAMESPACE });
const configMap = (value: string, extra: object = {}) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'seen', namespace: NAMESPACE, ...extra }, data: { value } });

describe.skipIf(KUBECONFIG === undefined)('a real API server (set TIER0_TEST_KUBECONFIG to a cluster that may be written to)', () => {
  const stop = new AbortController();
  const context = { signal: stop.signal, now: () => Date.now() };
  const kubeconfig = KUBECONFIG === undefined ? '' : readFileSync(KUBECONFIG, 'utf8');
  const watch = createKubernetesWatch({ kubeconfig, cluster: 'live' });
  const cmdb = createCmdb({ sources: [watch] });
  let following: Promise<void>;
  const until = async (isSo: () => boolean) => {
    for (let tries = 0; tries < 150; tries++) {
      if (isSo()) return true;
      await delay(100);
    }
    return false;
  };

  beforeAll(async () => {
    kubectl(['create', 'namespace', NAMESPACE]);
    kubectl(['apply', '-f', '-'], JSON.stringify(definition));
    kubectl(['wait', '--for=condition=Established', `crd/${definition.metadata.name}`, '--timeout=30s']);
    following = keepCurrent(cmdb, watch, context);
    for (let tries = 0; tries < 300; tries++) {
      await delay(100);
      try {
        if (cmdb.reader().items({ kind: 'Namespace' }).items.length > 0) return;
      } catch {
        // Nothing was read yet.
      }
    }
  }, 60_000);
  afterAll(async () => {
    stop.abort();
    await following?.catch(() => undefined);
    kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
    kubectl(['delete', 'crd', definition.metadata.name, '--wait=false']);
  });

  test('what is created, changed and deleted is seen as it happens', async () => {
    kubectl(['apply', '-f', '-'], configMap('1', { labels: { a: '1' } }));
    expect(await until(() => cmdb.reader().get(item('ConfigMap', 'seen')).state === 'found')).toBe(true);
    kubectl(['label', 'configmap', 'seen', '-n', NAMESPACE, 'a=2', '--overwrite']);
    const label = () => {
      const found = cmdb.reader().get(item('ConfigMap', 'seen'));
      return found.state === 'found' ? found.item.columns['label:a'] : undefined;
    };
    expect(await until(() => label() === '2')).toBe(true);
    kubectl(['delete', 'configmap', 'seen', '-n', NAMESPACE]);
    expect(await until(() => cmdb.reader().get(item('ConfigMap', 'seen')).state === 'absent')).toBe(true);
  }, 60_000);

  test('an object of an add-on nobody named is seen as it is made and as it goes', async () => {
    const casket = { apiVersion: `${GROUP}/v1`, kind: 'Casket', metadata: { name: 'oak', namespace: NAMESPACE } };
    kubectl(['apply', '-f', '-'], JSON.stringify(casket));
    expect(await until(() => cmdb.reader().get(item('Casket', 'oak')).state === 'found')).toBe(true);
    kubectl(['delete', `caskets.${GROUP}`, 'oak', '-n', NAMESPACE]);
    expect(await until(() => cmdb.reader().get(item('Casket', 'oak')).state === 'absent')).toBe(true);
  }, 60_000);

  test('three hundred changes at once are all there in the end', async () => {
    const many = Array.from({ length: 300 }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `many-${index}`, namespace: NAMESPACE },
      data: {},
    }));
    kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: many }));
    const held = () =>
      cmdb
        .reader()
        .items({ kind: 'ConfigMap' })
        .items.filter(({ name, scope }) => scope === `live/${NAMESPACE}` && name.startsWith('many-')).length;
    expect(await until(() => held() === 300)).toBe(true);
  }, 120_000);

  test('single objects are read as they are now, what is not there is undefined, a Secret is refused', async () => {
    const getter = createObjectGetter({ kubeconfig });
    expect(await getter.get({ apiVersion: 'v1', kind: 'Namespace', namespace: undefined, name: NAMESPACE }, context)).toMatchObject({
      kind: 'Namespace',
    });
    expect(await getter.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: NAMESPACE, name: 'none' }, context)).toBeUndefined();
    expect(await getter.get({ apiVersion: 'none.example/v1', kind: 'None', namespace: NAMESPACE, name: 'none' }, context)).toBeUndefined();
    await expect(getter.get({ apiVersion: 'v1', kind: 'Secret', namespace: NAMESPACE, name: 'any' }, context)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  }, 60_000);
});
