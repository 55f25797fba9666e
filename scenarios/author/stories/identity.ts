import { suffer } from '../dependants.ts';
import type { Item, Loose } from '../item.ts';
import { buildWorld } from '../neighbours.ts';
import { addIngress } from '../platform.ts';
import { crashLoop } from '../pod-states.ts';
import { at, type Story, subjectOf } from '../story.ts';
import { addSecret, addWorkload } from '../workloads.ts';
import type { World } from '../world.ts';

function addRole(world: World, namespace: string, name: string, rules: Loose[], ago: number): Item {
  return world.add(
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name, namespace }, rules },
    ago,
    'kubectl-client-side-apply',
  );
}

function bind(world: World, namespace: string, role: string, account: { name: string; namespace: string }, ago: number): Item {
  return world.add(
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: role, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    },
    ago,
    'kubectl-client-side-apply',
  );
}

const caretaker: Story = {
  name: 'the-caretaker-may-look-not-touch',
  title: 'A caretaker who may look but not touch',
  text: [
    'The substation keeper now also restarts what hangs, so it has to delete pods. Its role still allows reading only.',
    'It is bound correctly; every attempt ends in a 403 and the program gives up.',
  ],
  build() {
    const world = buildWorld({
      seed: 191,
      now: '2026-08-27T03:14:00Z',
      serverVersion: 'v1.31.10',
      trade: 'energy',
      nodes: 'gke',
      labels: 'recommended',
    });
    const keeper = addWorkload(world, {
      namespace: 'dispatch',
      name: 'substation-keeper',
      image: 'quay.io/voltaire-grid/substation-keeper:2.0.0',
      labels: 'recommended',
      replicas: 1,
      serviceAccount: 'substation-keeper',
      days: 1 / 6,
    });
    const role = addRole(
      world,
      'dispatch',
      'substation-keeper',
      [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
      200 * 1440,
    );
    const binding = bind(world, 'dispatch', 'substation-keeper', { name: 'substation-keeper', namespace: 'dispatch' }, 200 * 1440);
    const log = [
      '{"level":"info","msg":"substation-keeper 2.0.0, housekeeping on"}',
      '{"level":"fatal","msg":"pods \\"inverter-7\\" is forbidden: User \\"system:serviceaccount:dispatch:substation-keeper\\" cannot delete resource \\"pods\\" in API group \\"\\" in the namespace \\"dispatch\\""}',
    ];
    crashLoop(world, world.firstPod(keeper), { container: 'substation-keeper', exitCode: 1, restarts: 39, ago: 235, lived: 6, log });
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'rbac-missing-permission',
            subject: subjectOf(role),
            alsoAccept: [at('ServiceAccount', 'dispatch', 'substation-keeper'), subjectOf(binding)],
          },
        ],
        forbidden: [subjectOf(keeper)],
        fixes: [
          [{ object: subjectOf(role), path: 'rules[0].verbs[3]', equals: 'delete' }],
          [{ object: subjectOf(role), path: 'rules[1].verbs', exists: true }],
        ],
      },
    };
  },
};

const passkey: Story = {
  name: 'a-passkey-for-the-old-tenant',
  title: 'The pass carries the name of the previous tenant',
  text: [
    'The bursary sync moved from namespace `enrolment` to `exams` and so did its account. The binding was copied, its subject still names the old namespace.',
  ],
  build() {
    const world = buildWorld({
      seed: 192,
      now: '2026-01-08T10:20:00Z',
      serverVersion: 'v1.33.1',
      trade: 'university',
      nodes: 'aws',
      labels: 'app',
    });
    const sync = addWorkload(world, {
      namespace: 'exams',
      name: 'bursary-courier',
      image: 'harbor.uni-elm.example/campus/bursary-courier:3.2.0',
      replicas: 1,
      port: 8080,
      serviceAccount: 'bursary-courier',
      days: 1,
    });
    const role = addRole(
      world,
      'exams',
      'bursary-courier',
      [{ apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['get', 'list', 'watch'] }],
      1439,
    );
    const binding = bind(world, 'exams', 'bursary-courier', { name: 'bursary-courier', namespace: 'enrolment' }, 1439);
    suffer(world, sync, {
      error:
        'Failed to watch *v1.ConfigMap: failed to list *v1.ConfigMap: configmaps is forbidden: User "system:serviceaccount:exams:bursary-courier" cannot list resource "configmaps" in API group "" in the namespace "exams"',
      ago: 1435,
    });
    return {
      world,
      answer: {
        rootCauses: [
          { cause: 'rbac-binding-wrong', subject: subjectOf(binding), alsoAccept: [at('ServiceAccount', 'exams', 'bursary-courier')] },
        ],
        forbidden: [subjectOf(role), subjectOf(sync), at('Service', 'exams', 'bursary-courier')],
        fixes: [
          [{ object: subjectOf(binding), path: 'subjects[0].namespace', equals: 'exams' }],
          [{ object: subjectOf(binding), path: 'subjects[1].namespace', equals: 'exams' }],
        ],
      },
    };
  },
};

const newLock: Story = {
  name: 'new-lock-old-keys-in-the-lounge',
  title: 'The lock was changed, one key was not',
  text: [
    'The password of the miles database was rotated in its own Secret and in the database. The mileage shop has a copy of the password',
    'in a Secret of its own, which nobody remembered. The database is up and other clients are fine.',
  ],
  build() {
    const world = buildWorld({
      seed: 193,
      now: '2026-04-30T23:10:00Z',
      serverVersion: 'v1.32.2',
      trade: 'airline',
      nodes: 'metal',
      labels: 'app',
    });
    const database = addWorkload(world, {
      namespace: 'loyalty',
      name: 'points-bank',
      kind: 'StatefulSet',
      image: 'docker.io/library/postgres:17.2',
      replicas: 1,
      port: 5432,
      claim: { size: '60Gi', class: 'ceph-block' },
      container: { env: [{ name: 'POSTGRES_PASSWORD', valueFrom: { secretKeyRef: { key: 'password', name: 'points-bank-auth' } } }] },
    });
    const auth = addSecret(world, {
      namespace: 'loyalty',
      name: 'points-bank-auth',
      data: { password: 'demo-spring-2026', username: 'points' },
      ago: 180 * 1440,
    });
    world.touch(auth, { manager: 'kubectl-patch', ago: 55, paths: [['data', 'password']] });
    const reader = addWorkload(world, {
      namespace: 'loyalty',
      name: 'tier-reporter',
      image: 'registry.cirrus.example/sky/tier-reporter:1.3.0',
      replicas: 1,
      port: 8080,
      env: { PGHOST: 'points-bank', PGPASSWORD: { secretKeyRef: { key: 'password', name: 'points-bank-auth' } } },
    });
    const shop = addWorkload(world, {
      namespace: 'loyalty',
      name: 'mileage-boutique',
      image: 'registry.cirrus.example/sky/mileage-boutique:8.0.1',
      replicas: 2,
      port: 8080,
      env: { PGHOST: 'points-bank', PGUSER: 'points' },
      secret: { PGPASSWORD: 'demo-autumn-2025' },
    });
    suffer(world, shop, { error: 'pq: password authentication failed for user "points"', ago: 54 });
    world.log(world.firstPod(database), 'points-bank', [
      `${world.at(54)} UTC [8113] FATAL:  password authentication failed for user "points"`,
      `${world.at(30)} UTC [8201] LOG:  checkpoint complete: wrote 41 buffers`,
      `${world.at(0.5)} UTC [8344] FATAL:  password authentication failed for user "points"`,
    ]);
    const own = at('Secret', 'loyalty', 'mileage-boutique-credentials');
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'credentials-wrong',
            subject: own,
            alsoAccept: [subjectOf(shop)],
            alsoAcceptCauses: ['secret-content-wrong'],
            path: [subjectOf(shop)],
          },
        ],
        forbidden: [
          subjectOf(database),
          subjectOf(reader),
          at('Service', 'loyalty', 'points-bank'),
          at('Service', 'loyalty', 'mileage-boutique'),
        ],
        fixes: [[{ object: own, path: 'data.PGPASSWORD', equals: Buffer.from('demo-spring-2026').toString('base64') }]],
      },
    };
  },
};

/** Self-signed for this story, valid from 2025-10-17 until 2026-01-15. Its key was thrown away. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBezCCASKgAwIBAgICQkIwCgYIKoZIzj0EAwIwIzEhMB8GA1UEAwwYbGVuZGlu
Zy5tZXJpZGlhbi5leGFtcGxlMB4XDTI1MTAxNzAwMDAwMFoXDTI2MDExNTAwMDAw
MFowIzEhMB8GA1UEAwwYbGVuZGluZy5tZXJpZGlhbi5leGFtcGxlMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEDpgDa6IyRLCWyC5kIinIHtwS4r4zwjvfI1uJmFVl
jJadHIzpb3JbwtcHbGc2jyn4WZ71CCIH0qzHCe2whQGIIqNGMEQwIwYDVR0RBBww
GoIYbGVuZGluZy5tZXJpZGlhbi5leGFtcGxlMB0GA1UdDgQWBBQxrnykS96+8S2b
6X7fpAnrMo0QGTAKBggqhkjOPQQDAgNHADBEAiAgesUjtVWafq/nGLZmZkmj7Edi
Poxa2FmchkMVDvNR3gIgJWYcA+7jTMRbodpk8wX1qCybl/TxDr9qgIWE4JmQLnc=
-----END CERTIFICATE-----
`;

const milk: Story = {
  name: 'the-milk-turned-on-thursday',
  title: 'Something in the fridge is past its date',
  text: [
    'The lending front is reached over TLS with a certificate that was put in by hand in October for ninety days. It ran out on Thursday at midnight.',
    'Pods, Service and ingress are all healthy. The broker app, which calls in over the front, refuses the connection.',
  ],
  build() {
    const world = buildWorld({
      seed: 194,
      now: '2026-01-17T08:05:00Z',
      serverVersion: 'v1.31.4',
      trade: 'bank',
      nodes: 'azure',
      labels: 'k8s-app',
    });
    const front = addWorkload(world, {
      namespace: 'lending',
      name: 'loan-front',
      image: 'artifacts.meridian.example/core/loan-front:6.1.0',
      labels: 'k8s-app',
      replicas: 2,
      port: 8080,
    });
    const secret = addSecret(world, {
      namespace: 'lending',
      name: 'lending-front-tls',
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': CERTIFICATE, 'tls.key': 'not a key: left out of the recording\n' },
      ago: 92 * 1440,
    });
    const ingress = addIngress(world, {
      namespace: 'lending',
      name: 'loan-front',
      host: 'lending.meridian.example',
      service: 'loan-front',
      tlsSecret: 'lending-front-tls',
      ago: 92 * 1440,
    });
    const broker = addWorkload(world, {
      namespace: 'accounts',
      name: 'broker-lane',
      image: 'artifacts.meridian.example/core/broker-lane:1.0.8',
      labels: 'k8s-app',
      replicas: 2,
      port: 8080,
      env: { LENDING_URL: 'https://lending.meridian.example/api' },
    });
    suffer(world, broker, {
      error:
        'Get "https://lending.meridian.example/api": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-01-17T08:04:58Z is after 2026-01-15T00:00:00Z',
      ago: 2 * 1440 + 484,
    });
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'certificate-expired',
            subject: subjectOf(secret),
            alsoAccept: [subjectOf(ingress)],
            path: [subjectOf(ingress), subjectOf(broker)],
          },
        ],
        forbidden: [subjectOf(front), subjectOf(broker), at('Service', 'lending', 'loan-front')],
      },
    };
  },
};

export const IDENTITY_STORIES: readonly Story[] = [caretaker, passkey, newLock, milk];
