import { z } from 'zod';

/** Where a secret is read: it is never written into the configuration itself. */
export type SecretReference = { readonly env: string } | { readonly file: string };

const SecretReferenceSchema = z
  .union([
    z.strictObject({ env: z.string().min(1).describe('Environment variable that holds it.') }),
    z.strictObject({ file: z.string().min(1).describe('File that holds it, e.g. a mounted Secret.') }),
  ])
  .describe('A secret by reference: {env: NAME} or {file: PATH}.');

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time, written like `30s`, `5m`, `24h`, `7d`; milliseconds once read. */
const DurationSchema = z
  .string()
  .regex(DURATION, 'write it like 30s, 5m, 24h or 7d')
  .transform((text) => {
    const [, amount = '0', unit = 'ms'] = DURATION.exec(text) ?? [];
    return Number(amount) * (UNITS[unit] ?? 1);
  });

const duration = (text: string, what: string) => DurationSchema.prefault(text).describe(`${what} Default ${text}.`);
const name = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/, 'use lower-case letters, digits, "." and "-"');
const plainUrl = z
  .string()
  .min(1)
  .refine(
    (text) => !/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i.test(text),
    'it holds credentials: leave them out of the URL, and name them by reference',
  );
const objectName = z
  .string()
  .regex(/^[a-z0-9.-]+\/[a-z0-9.-]+$/, 'write it as NAMESPACE/NAME')
  .transform((text) => ({ namespace: text.split('/')[0] ?? '', name: text.split('/')[1] ?? '' }));

const ForgeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('local').describe('Pull requests are refs of the repository itself.') }),
  z.strictObject({
    kind: z.enum(['github', 'gitlab', 'gitea']),
    project: z.string().min(1).describe('owner/name, or the full path of a GitLab project.'),
    url: plainUrl.optional().describe('API of a forge of your own.'),
    token: SecretReferenceSchema,
    webhookSecret: SecretReferenceSchema.optional().describe('Shared secret of its webhook; without it the forge is asked now and then.'),
  }),
]);

const DeliverySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('flux'), kustomization: objectName.describe('NAMESPACE/NAME of the Kustomization.') }),
  z.strictObject({ kind: z.literal('argocd'), application: objectName.describe('NAMESPACE/NAME of the Application.') }),
  z.strictObject({ kind: z.literal('rollout').describe('Somebody applies the branch: live objects are compared with the files.') }),
]);

const ClusterSchema = z.strictObject({
  name: name.describe('Name of the cluster in what tier0 writes.'),
  kubeconfig: z.string().min(1).optional().describe('Path of a kubeconfig. Without it: the service account of the pod tier0 runs in.'),
  context: z.string().min(1).optional().describe('Context of the kubeconfig. Default: its current one.'),
  repository: z.strictObject({
    url: plainUrl.describe('Git repository that declares the cluster: a path, file:// or http(s) URL.'),
    branch: z.string().min(1).default('main'),
    path: z.string().min(1).optional().describe('Folder of the repository that declares this cluster.'),
    authorization: SecretReferenceSchema.optional().describe('Value of the HTTP Authorization header.'),
  }),
  forge: ForgeSchema.prefault({ kind: 'local' }),
  delivery: DeliverySchema.prefault({ kind: 'rollout' }),
  prometheus: z.strictObject({ url: plainUrl }).optional().describe('Where memory is read; without it no forecasts are made.'),
  catalog: z.string().min(1).optional().describe('Backstage catalog file. Default: catalog-info.yaml files of the repository.'),
});

const HttpSchema = z.strictObject({
  listen: z
    .string()
    .regex(/^(\[[0-9a-f:]+\]|[\w.-]+):\d{1,5}$/i, 'write it as ADDRESS:PORT')
    .default('127.0.0.1:8300'),
  tokens: z
    .array(
      z.strictObject({
        name: z.string().min(1).describe('Who it is: the account that an approval on the local forge is given by.'),
        scopes: z.array(z.enum(['read', 'approve', 'operate', 'alerts'])).min(1),
        token: SecretReferenceSchema,
      }),
    )
    .default([])
    .describe('Bearer tokens. Needed for any address that is not this machine.'),
  oidc: z
    .strictObject({
      issuer: plainUrl.describe('Issuer of the tokens, as it stands in them; its keys are found by OpenID Connect Discovery.'),
      audience: z.string().min(1).describe('Whom a token must be meant for.'),
      nameClaim: z.string().min(1).default('sub').describe('Claim that holds the account an approval is given by.'),
      scopesClaim: z.string().min(1).default('scope').describe('Claim that holds scopes: words parted by spaces, or a list.'),
      scopesPrefix: z.string().default('tier0:').describe('What stands before read, approve, operate and alerts there.'),
    })
    .optional()
    .describe("Bearer tokens of an OpenID Connect issuer, besides those of one's own."),
  hosts: z.array(z.string().min(1)).default([]).describe('Host names it is reached by, besides the loopback ones.'),
  origins: z.array(z.string().min(1)).default([]).describe('Web origins that may call it, besides its own.'),
});

const MODEL = { url: plainUrl, name: z.string().min(1).default('default'), key: SecretReferenceSchema.optional() };

/** What `tier0 serve` is told, as `tier0.yaml` holds it. */
export const DutyConfigSchema = z.strictObject({
  author: z.string().min(1).default('tier0-bot').describe('Account that proposes; it can never approve.'),
  state: z.string().min(1).default('tier0-state').describe('Folder for records, audit, mirrors and what the CMDB saw.'),
  clusters: z.array(ClusterSchema).min(1),
  shared: z
    .strictObject({
      postgres: SecretReferenceSchema.describe('Address of the server, postgres://USER:PASSWORD@HOST:PORT/DATABASE.'),
      schema: z
        .string()
        .regex(/^[a-z_][a-z0-9_]{0,39}$/)
        .default('tier0_duty'),
      replica: z.string().min(1).max(100).optional().describe('Name of this replica. Default: host name and process.'),
      lease: duration('15s', 'How long a replica that is silent keeps what it carries.'),
    })
    .optional()
    .describe('What several replicas share. Without it one process works in the state folder.'),
  limits: z
    .strictObject({
      openPullRequests: z.number().int().positive().default(10).describe('Of tier0, in one repository, at once.'),
      changesPerHour: z.number().int().positive().default(12).describe('New pull requests an hour, each cluster.'),
      incidentsAtOnce: z.number().int().positive().default(20).describe('Carried at the same time, each cluster; others wait.'),
    })
    .prefault({}),
  times: z
    .strictObject({
      confirm: duration('30s', 'An alert must last this long before an incident is opened.'),
      clear: duration('5m', 'What was away this long has ended; what comes back is a new occurrence.'),
      respect: duration('24h', 'What people closed, or were given, is left to them this long.'),
      diagnose: duration('5m', 'How long is looked again when an alert came and no cause is seen yet.'),
      approval: duration('24h', 'How long people are waited for.'),
      reconcile: duration('30m', 'How long a merged change has to become live.'),
      hold: duration('2m', 'How long health must last.'),
      verify: duration('1h', 'How long is looked whether the cause is gone, before it is given up.'),
      poll: duration('10s', 'Between two looks at the forge.'),
      history: duration('24h', 'How long what was and is no more can be asked about: the time slider of the graph, and what changed.'),
    })
    .prefault({}),
  patterns: z.string().min(1).optional().describe('JSON file of patterns beside the built-in ones.'),
  model: z
    .strictObject({
      ...MODEL,
      fallback: z
        .strictObject(MODEL)
        .optional()
        .describe('Asked where the first one cannot answer: it is down, asked too often, or takes no key.'),
    })
    .optional()
    .describe('OpenAI-compatible API for a second opinion. It decides nothing.'),
  http: HttpSchema.prefault({}),
});

/** The configuration as it was read: defaults in place, durations in milliseconds. */
export type DutyConfig = z.infer<typeof DutyConfigSchema>;
/** One cluster of the configuration. */
export type ClusterConfig = DutyConfig['clusters'][number];

/** JSON Schema (2020-12) of `tier0.yaml`, for editors. */
export function dutyConfigJsonSchema(): object {
  return { title: 'tier0.yaml', ...z.toJSONSchema(DutyConfigSchema, { io: 'input' }) };
}
