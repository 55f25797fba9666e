import { expect, test } from 'vitest';
import type { Rule } from '../../findings/rule.ts';
import { clusterWide, LONG_AGO, made, told } from '../../fixtures/cluster-objects.ts';
import { argocdRule } from './argocd.ts';
import { crossplaneRule } from './crossplane.ts';
import { fluxRule } from './flux.ts';

const app = (status: object) => made('Application', 'web', { apiVersion: 'argoproj.io/v1alpha1', status });
const failing = (type: string, message: string) =>
  app({ sync: { status: 'Unknown' }, conditions: [{ type, message, lastTransitionTime: LONG_AGO }] });
const operation = (phase: string, message: string, sync = 'OutOfSync') =>
  app({ sync: { status: sync }, operationState: { phase, message } });
const named = 'Application shop/web';

const flux = (kind: string, reason: string, message: string, spec: object = {}, status = 'False') =>
  made(kind, 'web', {
    apiVersion: `${kind === 'HelmRelease' ? 'helm' : kind === 'Kustomization' ? 'kustomize' : 'source'}.toolkit.fluxcd.io/v1`,
    spec,
    status: { conditions: [{ type: 'Ready', status, reason, message, lastTransitionTime: LONG_AGO }] },
  });
const cross = (synced: string, ready: string, kind = 'Bucket') =>
  clusterWide(kind, 'logs', {
    apiVersion: 's3.aws.upbound.io/v1beta1',
    status: {
      conditions: [
        { type: 'Synced', status: synced, reason: 'ReconcileError' },
        { type: 'Ready', status: ready },
      ],
    },
  });

const cases: readonly (readonly [string, Rule, readonly unknown[], readonly string[]])[] = [
  [
    'a repository that asks for a password',
    argocdRule,
    [
      failing(
        'ComparisonError',
        'Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = authentication required',
      ),
    ],
    [`T0-ARGOCD-001 ${named}`],
  ],
  [
    'a path that is not in the repository',
    argocdRule,
    [failing('ComparisonError', 'rpc error: code = Unknown desc = apps/web: app path does not exist')],
    [`T0-ARGOCD-002 ${named}`],
  ],
  [
    'a refused object',
    argocdRule,
    [
      operation(
        'Failed',
        'one or more objects failed to apply, reason: Deployment.apps "web" is invalid: spec.selector: field is immutable',
      ),
    ],
    [`T0-ARGOCD-003 ${named}`],
  ],
  [
    'a refused object that is tried again',
    argocdRule,
    [operation('Running', 'one or more objects failed to apply. Retrying attempt #4 at 11:59AM.')],
    [`T0-ARGOCD-003 ${named}`],
  ],
  [
    'a cluster nobody knows',
    argocdRule,
    [failing('InvalidSpecError', 'unable to find destination server: there are no clusters with this name: prod-eu')],
    [`T0-ARGOCD-004 ${named}`],
  ],
  [
    'a namespace that is not there',
    argocdRule,
    [operation('Failed', 'one or more objects failed to apply, reason: namespaces "web" not found')],
    [`T0-ARGOCD-004 ${named}`],
  ],
  [
    'an API version that is gone',
    argocdRule,
    [operation('Failed', 'unable to recognize: no matches for kind "Ingress" in version "extensions/v1beta1"')],
    [`T0-ARGOCD-006 ${named}`],
  ],
  [
    'a repository server that is down',
    argocdRule,
    [
      failing(
        'ComparisonError',
        'rpc error: code = Unavailable desc = connection error: dial tcp 10.0.0.1:8081: connect: connection refused',
      ),
    ],
    [`T0-ARGOCD-007 ${named}`],
  ],
  [
    'degraded resources',
    argocdRule,
    [
      app({
        sync: { status: 'Synced' },
        health: { status: 'Degraded' },
        resources: [{ kind: 'Deployment', name: 'web', namespace: 'shop', health: { status: 'Degraded' } }],
      }),
    ],
    [`T0-ARGOCD-005 ${named}`],
  ],
  ['out of sync on purpose', argocdRule, [app({ sync: { status: 'OutOfSync' }, health: { status: 'Healthy' } })], []],
  ['an old failure after which all is in sync', argocdRule, [operation('Failed', 'x', 'Synced')], []],
  [
    'an Application of somebody else',
    argocdRule,
    [made('Application', 'x', { apiVersion: 'app.k8s.io/v1beta1', status: { conditions: [{ type: 'SyncError', message: 'x' }] } })],
    [],
  ],
  [
    'a source that cannot be fetched',
    fluxRule,
    [flux('GitRepository', 'GitOperationFailed', 'failed to checkout and determine revision: authentication required')],
    ['T0-FLUX-001 GitRepository shop/web'],
  ],
  [
    'a build that failed',
    fluxRule,
    [flux('Kustomization', 'BuildFailed', 'kustomize build failed: accumulating resources')],
    ['T0-FLUX-002 Kustomization shop/web'],
  ],
  [
    'a path that is not there',
    fluxRule,
    [flux('Kustomization', 'ArtifactFailed', 'kustomization path not found: stat /tmp/x/apps: no such file or directory')],
    ['T0-FLUX-002 Kustomization shop/web'],
  ],
  [
    'an apply that was refused',
    fluxRule,
    [flux('Kustomization', 'ReconciliationFailed', 'Deployment/shop/web dry-run failed: is invalid')],
    ['T0-FLUX-003 Kustomization shop/web'],
  ],
  [
    'an upgrade that failed',
    fluxRule,
    [flux('HelmRelease', 'UpgradeFailed', 'Helm upgrade failed: context deadline exceeded')],
    ['T0-FLUX-004 HelmRelease shop/web'],
  ],
  [
    'an unhealthy Deployment',
    fluxRule,
    [flux('Kustomization', 'HealthCheckFailed', "timeout waiting for: [Deployment/shop/web status: 'InProgress']")],
    ['T0-FLUX-005 Kustomization shop/web'],
  ],
  [
    'a dependency that is not ready',
    fluxRule,
    [flux('Kustomization', 'DependencyNotReady', "dependency 'flux-system/infra' is not ready")],
    ['T0-FLUX-006 Kustomization shop/web degraded'],
  ],
  [
    'an API version that is gone, for Flux',
    fluxRule,
    [flux('Kustomization', 'ReconciliationFailed', 'no matches for kind "CronJob" in version "batch/v1beta1"')],
    ['T0-FLUX-007 Kustomization shop/web'],
  ],
  [
    'a source object that is not there',
    fluxRule,
    [flux('Kustomization', 'ArtifactFailed', 'x', { sourceRef: { kind: 'GitRepository', name: 'gone' } })],
    ['T0-FLUX-008 Kustomization shop/web'],
  ],
  ['suspended on purpose', fluxRule, [flux('Kustomization', 'BuildFailed', 'x', { suspend: true })], []],
  ['still progressing', fluxRule, [flux('Kustomization', 'Progressing', 'x', {}, 'Unknown')], []],
  ['ready', fluxRule, [flux('HelmRelease', 'UpgradeSucceeded', 'x', {}, 'True')], []],
  ['a managed resource that its provider refuses', crossplaneRule, [cross('False', 'False')], ['T0-CROSSPLANE-001 Bucket logs']],
  ['a managed resource that is being made', crossplaneRule, [cross('True', 'False')], []],
  [
    'a managed resource that is ready and does not get what is declared',
    crossplaneRule,
    [cross('False', 'True')],
    ['T0-CROSSPLANE-001 Bucket logs'],
  ],
  ['a managed resource that is ready and synced', crossplaneRule, [cross('True', 'True')], []],
];

test.each(cases)('%s', async (_title, rule, objects, expected) => {
  expect(await told(rule, objects)).toEqual(expected);
});

test('a source that was not read is not missing', async () => {
  const object = flux('Kustomization', 'Succeeded', 'x', { sourceRef: { kind: 'GitRepository', name: 'gone' } }, 'True');
  expect(await told(fluxRule, [object], ['GitRepository'])).toEqual([]);
});
