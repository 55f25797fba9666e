import { record } from '../events.ts';
import type { Item, Loose } from '../item.ts';
import { buildWorld } from '../neighbours.ts';
import { addNamespace } from '../platform.ts';
import { at, type Story, subjectOf } from '../story.ts';
import { addSecret, addWorkload } from '../workloads.ts';
import type { World } from '../world.ts';

export interface ApplicationPlan {
  readonly name: string;
  readonly namespace: string;
  readonly repository: string;
  readonly path: string;
  readonly status: Loose;
  readonly revision?: string;
}

const REVISION = '4f0d2c8e6b7a91d35c2e8f104a6b9d7c3e5f1a20';

/** An Argo CD Application that once was synced and healthy; `status` is merged over that. */
export function addApplication(world: World, { name, namespace, repository, path, status, revision = REVISION }: ApplicationPlan): Item {
  addNamespace(world, 'argocd');
  return world.add(
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name, namespace: 'argocd', generation: 812 },
      spec: {
        destination: { namespace, server: 'https://kubernetes.default.svc' },
        project: 'default',
        source: { path, repoURL: repository, targetRevision: 'main' },
        syncPolicy: { automated: { prune: true, selfHeal: true } },
      },
      status: {
        controllerNamespace: 'argocd',
        health: { status: 'Healthy' },
        history: [{ deployedAt: world.at(9 * 1440), id: 41, revision, source: { path, repoURL: repository, targetRevision: 'main' } }],
        reconciledAt: world.at(2),
        resources: [{ group: 'apps', health: { status: 'Healthy' }, kind: 'Deployment', name, namespace, status: 'Synced', version: 'v1' }],
        sourceType: 'Kustomize',
        sync: {
          comparedTo: {
            destination: { namespace, server: 'https://kubernetes.default.svc' },
            source: { path, repoURL: repository, targetRevision: 'main' },
          },
          revision,
          status: 'Synced',
        },
        ...status,
      },
    },
    200 * 1440,
    'argocd-server',
  );
}

function ready(world: World, status: 'True' | 'False', reason: string, message: string, ago: number, type = 'Ready'): Loose {
  return { lastTransitionTime: world.at(ago), message, observedGeneration: 3, reason, status, type };
}

const tornPage: Story = {
  name: 'a-page-torn-from-the-cookbook',
  title: 'The recipe refers to a page that was torn out',
  text: [
    'A file was removed from the repository but is still listed in the kustomization next to it. Nothing can be rendered since Thursday,',
    'so a fix that was merged on Friday never arrives. What runs keeps running: the application says Healthy and Unknown.',
  ],
  build() {
    const world = buildWorld({
      seed: 221,
      now: '2026-02-07T10:40:00Z',
      serverVersion: 'v1.31.9',
      trade: 'bookshop',
      nodes: 'gke',
      labels: 'recommended',
      manager: 'argocd-controller',
    });
    const app = addWorkload(world, {
      namespace: 'readers',
      name: 'gift-wrapper',
      image: 'registry.inkwell.example/shop/gift-wrapper:2.3.0',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
      manager: 'argocd-controller',
    });
    const message =
      "Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = Manifest generation error (cached): `kustomize build <path to cached source>/readers/gift-wrapper` failed exit status 1: Error: accumulating resources: accumulation err='accumulating resources from 'ribbon-colours.yaml': open <path to cached source>/readers/gift-wrapper/ribbon-colours.yaml: no such file or directory': must build at directory: '<path to cached source>/readers/gift-wrapper/ribbon-colours.yaml': file is not directory";
    const application = addApplication(world, {
      name: 'gift-wrapper',
      namespace: 'readers',
      repository: 'https://git.inkwell.example/platform/deploy.git',
      path: 'readers/gift-wrapper',
      status: {
        conditions: [{ lastTransitionTime: world.at(2 * 1440), message, type: 'ComparisonError' }],
        sync: {
          comparedTo: {
            destination: { namespace: 'readers', server: 'https://kubernetes.default.svc' },
            source: { path: 'readers/gift-wrapper', repoURL: 'https://git.inkwell.example/platform/deploy.git', targetRevision: 'main' },
          },
          revision: '',
          status: 'Unknown',
        },
      },
    });
    addApplication(world, {
      name: 'house-style',
      namespace: 'readers',
      repository: 'https://git.inkwell.example/platform/deploy.git',
      path: 'readers/house-style',
      status: {},
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'gitops-render-failed', subject: subjectOf(application) }],
        forbidden: [subjectOf(app), at('Service', 'readers', 'gift-wrapper'), at('Application', 'argocd', 'house-style')],
      },
    };
  },
};

const lostPass: Story = {
  name: 'the-courier-lost-his-pass',
  title: 'The courier is no longer let into the archive',
  text: [
    'The deploy token for the Git server ran out at midnight. The source cannot be fetched; the two kustomizations below it',
    'stay at the last revision they got and look fine. Nothing in the cluster is down, but nothing can be changed.',
  ],
  build() {
    const world = buildWorld({
      seed: 222,
      now: '2026-08-31T09:50:00Z',
      serverVersion: 'v1.33.3',
      trade: 'hospital',
      nodes: 'azure',
      labels: 'app',
      manager: 'kustomize-controller',
    });
    addNamespace(world, 'flux-system');
    addSecret(world, {
      namespace: 'flux-system',
      name: 'ward-deploy-token',
      data: { password: 'demo-expired', username: 'flux' },
      ago: 365 * 1440,
    });
    const message =
      "failed to checkout and determine revision: unable to clone 'https://git.stlucia.example/clinic/deploy.git': authentication required: HTTP Basic: Access denied";
    const source = world.add(
      {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        metadata: { name: 'ward-deploy', namespace: 'flux-system', generation: 3, finalizers: ['finalizers.fluxcd.io'] },
        spec: {
          interval: '1m0s',
          ref: { branch: 'main' },
          secretRef: { name: 'ward-deploy-token' },
          timeout: '60s',
          url: 'https://git.stlucia.example/clinic/deploy.git',
        },
        status: {
          artifact: {
            digest: 'sha256:5b6c0f6a4d7e2f1b8a9c3d4e5f60718293a4b5c6d7e8f90112233445566778899'.slice(0, 71),
            lastUpdateTime: world.at(3 * 1440),
            path: 'gitrepository/flux-system/ward-deploy/9c1e.tar.gz',
            revision: 'main@sha1:9c1e77b0a4d2f3c8e5b61907d8a2c4f6e0b1d3a5',
            url: 'http://source-controller.flux-system.svc.cluster.local./gitrepository/flux-system/ward-deploy/9c1e.tar.gz',
          },
          conditions: [
            ready(world, 'False', 'GitOperationFailed', message, 590),
            ready(world, 'True', 'GitOperationFailed', message, 590, 'FetchFailed'),
            ready(
              world,
              'True',
              'Succeeded',
              "stored artifact for revision 'main@sha1:9c1e77b0a4d2f3c8e5b61907d8a2c4f6e0b1d3a5'",
              3 * 1440,
              'ArtifactInStorage',
            ),
          ],
          observedGeneration: 3,
        },
      },
      300 * 1440,
      'kubectl-client-side-apply',
    );
    record(world, source, {
      type: 'Warning',
      reason: 'GitOperationFailed',
      message,
      by: 'source-controller',
      first: 590,
      last: 1,
      count: 588,
    });
    for (const name of ['wards', 'labs']) addKustomization(world, name);
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'gitops-source-unreachable',
            subject: subjectOf(source),
            alsoAccept: [at('Secret', 'flux-system', 'ward-deploy-token')],
            alsoAcceptCauses: ['credentials-wrong'],
          },
        ],
        forbidden: [at('Kustomization', 'flux-system', 'wards'), at('Kustomization', 'flux-system', 'labs')],
      },
    };
  },
};

function addKustomization(world: World, name: string): Item {
  const revision = 'main@sha1:9c1e77b0a4d2f3c8e5b61907d8a2c4f6e0b1d3a5';
  return world.add(
    {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name, namespace: 'flux-system', generation: 3 },
      spec: { interval: '10m0s', path: `./${name}`, prune: true, sourceRef: { kind: 'GitRepository', name: 'ward-deploy' } },
      status: {
        conditions: [ready(world, 'True', 'ReconciliationSucceeded', `Applied revision: ${revision}`, 3 * 1440)],
        lastAppliedRevision: revision,
        lastAttemptedRevision: revision,
        observedGeneration: 3,
      },
    },
    300 * 1440,
    'kubectl-client-side-apply',
  );
}

const concrete: Story = {
  name: 'poured-in-concrete',
  title: 'A foundation that cannot be moved while one lives on it',
  text: [
    'The new chart of the quay display changes the labels it selects by. Kubernetes does not allow that for a Deployment that exists,',
    'so the upgrade failed three times and the release is stalled at its old version, which runs well.',
  ],
  build() {
    const world = buildWorld({
      seed: 223,
      now: '2026-09-09T15:55:00Z',
      serverVersion: 'v1.32.6',
      trade: 'ferry',
      nodes: 'metal',
      labels: 'app',
      manager: 'helm',
    });
    const app = addWorkload(world, {
      namespace: 'harbour',
      name: 'quay-display',
      image: 'ghcr.io/northsound-lines/quay-display:1.9.0',
      replicas: 2,
      port: 8080,
      manager: 'helm',
    });
    const message =
      'Helm upgrade failed for release harbour/quay-display with chart quay-display@2.0.0: cannot patch "quay-display" with kind Deployment: Deployment.apps "quay-display" is invalid: spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"app.kubernetes.io/instance":"quay-display", "app.kubernetes.io/name":"quay-display"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable';
    const release = world.add(
      {
        apiVersion: 'helm.toolkit.fluxcd.io/v2',
        kind: 'HelmRelease',
        metadata: { name: 'quay-display', namespace: 'harbour', generation: 3 },
        spec: {
          chart: {
            spec: {
              chart: 'quay-display',
              sourceRef: { kind: 'HelmRepository', name: 'northsound', namespace: 'harbour' },
              version: '2.0.0',
            },
          },
          interval: '10m0s',
          upgrade: { remediation: { retries: 2 } },
        },
        status: {
          conditions: [
            ready(world, 'False', 'UpgradeFailed', message, 71),
            ready(world, 'False', 'UpgradeFailed', message, 71, 'Released'),
            ready(world, 'True', 'RetriesExceeded', 'Failed to upgrade after 3 attempt(s)', 70, 'Stalled'),
          ],
          failures: 3,
          history: [
            {
              chartName: 'quay-display',
              chartVersion: '1.9.0',
              name: 'quay-display',
              namespace: 'harbour',
              status: 'deployed',
              version: 7,
            },
          ],
          lastAttemptedRevision: '2.0.0',
          observedGeneration: 3,
          upgradeFailures: 3,
        },
      },
      150 * 1440,
      'kustomize-controller',
    );
    record(world, release, { type: 'Warning', reason: 'UpgradeFailed', message, by: 'helm-controller', first: 75, last: 71, count: 3 });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'helm-upgrade-failed', subject: subjectOf(release) }],
        forbidden: [subjectOf(app), at('Service', 'harbour', 'quay-display')],
        fixes: [
          [{ object: subjectOf(release), path: 'spec.chart.spec.version', equals: '1.9.0' }],
          [{ object: subjectOf(release), path: 'spec.upgrade.force', equals: true }],
        ],
      },
    };
  },
};

export const GITOPS_STORIES: readonly Story[] = [tornPage, lostPass, concrete];
