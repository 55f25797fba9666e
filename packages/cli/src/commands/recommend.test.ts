import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Environment } from '../environment.ts';
import { recommend } from './recommend.ts';

/** What an organisation may hold against manifests, in both languages the gate judges. */
const POLICIES = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: restricted }
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["pods"] }]
  validations:
    - expression: "has(object.spec.securityContext) && object.spec.securityContext.runAsNonRoot == true"
      message: pods run as somebody
    - expression: "object.spec.containers.all(c, has(c.securityContext) && c.securityContext.allowPrivilegeEscalation == false)"
      message: no container gets more rights than it began with
    - expression: "object.spec.containers.all(c, has(c.resources) && has(c.resources.limits) && 'memory' in c.resources.limits)"
      message: every container has a memory limit
    - expression: "object.spec.containers.all(c, !c.image.endsWith(':latest'))"
      message: images have versions
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: restricted }
spec: { policyName: restricted, validationActions: [Deny] }
---
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: who-answers }
spec:
  validationFailureAction: Enforce
  rules:
    - name: team
      match: { any: [{ resources: { kinds: [Deployment, StatefulSet, Job, CronJob] } }] }
      validate: { message: say which team answers, pattern: { metadata: { labels: { team: "?*" } } } }
    - name: registry
      match: { any: [{ resources: { kinds: [Pod] } }] }
      validate: { message: images come from our registry, pattern: { spec: { containers: [{ image: "r.example.com/*" }] } } }
`;

const WISHES = [
  'a web service called a from image r.example.com/a:1 on port 80 for team blue',
  'a web service called payment from image r.example.com/payment:1.4.2 on port 8080 in namespace shop for team payments',
  'an api named prices from image r.example.com/prices:2.0 on port 9000 with 4 replicas for team blue',
  'a frontend called web from image r.example.com/web:7 on port 3000 at shop.example.com for team blue',
  'a backend called stock from image r.example.com/stock:7 on port 3000 with 2 to 10 replicas for team blue',
  'a server called search from image r.example.com/search:1.2 on port 9200 health check /healthz for team blue',
  'a web app called wiki from image r.example.com/wiki:1 on port 80 as 1 replica for team blue',
  `a web site called docs from image r.example.com/docs@sha256:${'a'.repeat(64)} on port 80 for team blue`,
  'a worker called mailer from image r.example.com/mailer:3 for team blue',
  'a worker called resize from image r.example.com/resize:3 with 8 replicas in namespace media for team blue',
  'a consumer called events from image r.example.com/events:3 with 2 to 20 replicas for team blue',
  'a daemon called sync from image r.example.com/sync:0.1 for team blue',
  'a job called import from image r.example.com/import:1 for team blue',
  'a migration called schema-7 from image r.example.com/schema:7 in namespace shop for team blue',
  'a task called once from image r.example.com/once:1 for team blue',
  'a cron job called tidy from image r.example.com/tidy:1 every night at 2:30 for team blue',
  'a cron job called poll from image r.example.com/poll:1 every 15 minutes for team blue',
  'a backup called keep from image r.example.com/keep:1 hourly for team blue',
  'a job called weekly from image r.example.com/weekly:1 with schedule "0 4 * * 1" for team blue',
  'a database called ledger from image r.example.com/pg:17 on port 5432 with 20Gi of storage for team blue',
  'a cache called sessions from image r.example.com/valkey:8 on port 6379 with 1Gi of storage and 3 replicas for team blue',
  'a broker called mq from image r.example.com/mq:4 on port 5672 with 5Gi of storage in namespace infra for team blue',
];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tier0-recommend-'));
  await mkdir(join(folder, 'policies'));
  await writeFile(join(folder, 'policies', 'all.yaml'), POLICIES);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function asked(...args: readonly string[]) {
  const out: string[] = [];
  const heard: string[] = [];
  const environment: Environment = {
    terminal: { write: (text) => void out.push(text), colour: false, width: 120 },
    stderr: (text) => void heard.push(text),
    ask: async () => '',
    signal: new AbortController().signal,
    variables: {},
  };
  const code = await recommend.run(args, environment);
  return { code, out: out.join(''), heard: heard.join('') };
}

describe('manifests that pass the gate’s schemas and the organisation’s policies', () => {
  test.each(WISHES)('%s', async (wish) => {
    const { code, out, heard } = await asked(wish, '--policies', join(folder, 'policies'));
    expect(heard).not.toContain('refused');
    expect(heard).not.toContain('not understood');
    expect(code).toBe(0);
    const objects = parseAllDocuments(out).map((document) => document.toJS() as { readonly kind: string });
    expect(objects.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['ServiceAccount', 'NetworkPolicy']));
  });
});

test.each([
  ['a foreign registry', 'a worker called a from image other.io/a:1 for team blue', /images come from our registry/],
  ['nobody who answers', 'a worker called a from image r.example.com/a:1', /say which team answers/],
])('%s: refused by policy, with why, and not shown', async (_, wish, why) => {
  const { code, out, heard } = await asked(wish, '--policies', join(folder, 'policies'));
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(heard).toMatch(why);
});

test('blueprints of the organisation are used; what the API server would not take is not shown', async () => {
  const own = join(folder, 'own');
  await mkdir(own);
  await writeFile(join(own, 'house.yaml'), 'labels: { team: "$(team)", by: house }\ndefaults: { team: ops }\n');
  await writeFile(join(own, 'worker.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: $(name) }\ndata: { image: $(image) }\n');
  const written = await asked('a worker called a from image r.example.com/a:1', '--blueprints', own);
  expect(written.code).toBe(0);
  expect(parseAllDocuments(written.out)[0]?.toJS()).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', labels: { team: 'ops', by: 'house' } },
    data: { image: 'r.example.com/a:1' },
  });
  await writeFile(join(own, 'worker.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: $(name) }\ndate: {}\n');
  expect(await asked('a worker called a from image r.example.com/a:1', '--blueprints', own)).toMatchObject({ code: 1, out: '' });
  await writeFile(join(own, 'extra.yaml'), 'a: 1\n');
  await expect(asked('a worker called a from image r.example.com/a:1', '--blueprints', own)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
});

describe('sizes by what was used', () => {
  const serve = async (days: number) => {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += String(chunk);
      });
      request.on('end', () => {
        const form = new URLSearchParams(body);
        const [start, end] = [Number(form.get('start')), Number(form.get('end'))];
        const isCpu = form.get('query')?.includes('cpu') === true;
        const from = Math.max(start, end - days * 86_400);
        const values = Array.from({ length: Math.floor((end - from) / 300) }, (_, index) => {
          return [from + index * 300, String(isCpu ? index * 300 * 0.2 : 300 * 2 ** 20)];
        });
        response.setHeader('content-type', 'application/json');
        const result = [{ metric: { pod: 'payment-1' }, values }];
        response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
  };
  const wish = 'a worker called payment from image r.example.com/payment:1';

  test('are written from two weeks of metrics, and not at all from one day', async () => {
    for (const [days, expected] of [
      [14, /memory: 315Mi/],
      [1, undefined],
    ] as const) {
      const server = await serve(days);
      try {
        const args = [wish, '--prometheus', `http://127.0.0.1:${(server.address() as AddressInfo).port}`, '--like', 'shop/payment'];
        if (expected === undefined) await expect(asked(...args)).rejects.toMatchObject({ code: 'NOT_FOUND' });
        else {
          const { out } = await asked(...args);
          expect(out).toMatch(expected);
          expect(out).toMatch(/cpu: 20[01]m/);
        }
      } finally {
        await new Promise((resolve) => server.close(resolve));
      }
    }
  });

  test('need both a source and an example', async () => {
    await expect(asked(wish, '--like', 'shop/payment')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(asked(wish, '--prometheus', 'http://127.0.0.1:9')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
