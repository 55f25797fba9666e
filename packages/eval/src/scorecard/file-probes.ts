import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { type CallContext, toTier0Error } from '@tier0/core';
import { createHttpClient } from '@tier0/core/http';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { dataFolder } from '../package-data.ts';
import { installedProgram } from '../tools/npm-server.ts';
import { runProgram } from '../tools/run-program.ts';
import { readYaml } from '../yaml/checked-yaml.ts';
import type { ProbeFinding } from './probes.ts';

const Common = {
  id: z.string().regex(/^[a-z0-9-]+$/, { error: 'an id is made of lower-case letters, digits and hyphens' }),
  /** `RatedTool.id` and `CapabilityRow.id`: the cell that it decides. */
  tool: z.string(),
  row: z.string(),
  motivation: z.string().min(1),
};

/** Probes that look at programs, servers and manifests instead of trials, as people write them. */
export const ProbeFileSchema = z.strictObject({
  schema: z.literal('tier0.probes/v1'),
  probes: z.array(
    z.discriminatedUnion('looks', [
      z.strictObject({
        ...Common,
        looks: z.literal('help'),
        /** Program and arguments that print the help; `npm` and `bin` instead name a program of an installed package. */
        command: z.array(z.string().min(1)).default([]),
        npm: z.string().optional(),
        bin: z.string().optional(),
        /** Words that must stand there. */
        holds: z.array(z.string().min(1)).min(1),
      }),
      z.strictObject({ ...Common, looks: z.literal('openapi'), url: z.url(), holds: z.array(z.string().min(1)).default([]) }),
      z.strictObject({ ...Common, looks: z.literal('rbac'), file: z.string().min(1) }),
    ]),
  ),
});
/** One of them. */
export type FileProbe = z.infer<typeof ProbeFileSchema>['probes'][number];

/** What belongs to this machine. */
export interface ProbeSurroundings {
  /** Value of PATH for programs. */
  readonly searchPath: string;
  /** Folders whose `node_modules` are looked into. */
  readonly packageFolders: readonly string[];
  /** Folder that relative paths of manifests start from. */
  readonly root: string;
}

/** The probes that ship with this package and those of more files. Throws INVALID_INPUT with the line. */
export async function readFileProbes(more: readonly string[] = []): Promise<readonly FileProbe[]> {
  const files = [join(dataFolder(), 'probes.yaml'), ...more];
  return (await Promise.all(files.map(async (file) => (await readYaml(file, ProbeFileSchema)).value.probes))).flat();
}

/** Looks at each. What is not here is not available, which decides nothing. */
export async function runFileProbes(
  probes: readonly FileProbe[],
  surroundings: ProbeSurroundings,
  context: CallContext,
): Promise<readonly ProbeFinding[]> {
  return await Promise.all(
    probes.map(async (probe) => {
      const { id, tool, row, motivation } = probe;
      const seen = await look(probe, surroundings, context).catch((error) => {
        context.signal.throwIfAborted();
        return { outcome: 'NotAvailable' as const, message: toTier0Error(error).message };
      });
      return { probe: id, tool, row, motivation, ...seen };
    }),
  );
}

type Seen = Pick<ProbeFinding, 'outcome' | 'message'>;

async function look(probe: FileProbe, surroundings: ProbeSurroundings, context: CallContext): Promise<Seen> {
  if (probe.looks === 'help') return await lookAtHelp(probe, surroundings, context);
  if (probe.looks === 'openapi') {
    const { origin, pathname, search } = new URL(probe.url);
    const client = createHttpClient({ name: probe.tool, baseUrl: origin, timeoutMs: 5_000, retry: { attempts: 1 } });
    return judgeOpenApi((await client.send({ path: `${pathname}${search}` }, context)).json(), probe.holds);
  }
  const file = isAbsolute(probe.file) ? probe.file : join(surroundings.root, probe.file);
  return judgeRoles(parseAllDocuments(await readFile(file, 'utf8')).map((document) => document.toJS()));
}

const HELP_MS = 20_000;

async function lookAtHelp(
  { command, npm, bin, holds }: Extract<FileProbe, { readonly looks: 'help' }>,
  { searchPath, packageFolders }: ProbeSurroundings,
  { signal }: CallContext,
): Promise<Seen> {
  const installed = npm === undefined ? undefined : installedProgram(npm, bin ?? npm, packageFolders);
  if (npm !== undefined && installed === undefined) return { outcome: 'NotAvailable', message: `${npm} is not installed` };
  const [program = '', ...parameters] = installed === undefined ? command : [process.execPath, installed.file, '--help'];
  const environment = { PATH: searchPath, HOME: '/nonexistent' };
  const end = await runProgram({
    command: program,
    arguments: parameters,
    environment,
    signal: AbortSignal.any([signal, AbortSignal.timeout(HELP_MS)]),
  });
  return judgeText(`${end.stdout}\n${end.stderr}`, holds);
}

/** Whether all the words stand in a help text. */
export function judgeText(text: string, holds: readonly string[]): Seen {
  const missing = holds.filter((word) => !text.includes(word));
  return missing.length === 0
    ? { outcome: 'True', message: `its help tells of ${holds.join(' and ')}` }
    : { outcome: 'False', message: `its help does not tell of ${missing.join(' and ')}` };
}

/** Whether a document describes an API, and the given paths among it. */
export function judgeOpenApi(document: unknown, holds: readonly string[]): Seen {
  const { openapi, paths } = (document ?? {}) as { readonly openapi?: unknown; readonly paths?: Readonly<Record<string, unknown>> };
  const known = Object.keys(paths ?? {});
  if (typeof openapi !== 'string' || known.length === 0) return { outcome: 'False', message: 'it serves no OpenAPI document with paths' };
  const missing = holds.filter((path) => !known.includes(path));
  return missing.length === 0
    ? { outcome: 'True', message: `its OpenAPI ${openapi} document describes ${known.length} paths` }
    : { outcome: 'False', message: `its OpenAPI document lacks ${missing.join(' and ')}` };
}

interface Role {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
  readonly rules?: readonly { readonly resources?: readonly string[]; readonly verbs?: readonly string[] }[];
}

const READING = ['get', 'list', 'watch'];
/** Reviews are created to ask a question; they change nothing. */
const REVIEWS = ['selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'subjectaccessreviews', 'tokenreviews'];

/** Whether all the roles of some manifests only read, without Secrets and without wildcards. */
export function judgeRoles(documents: readonly unknown[]): Seen {
  const roles = documents.map((document) => (document ?? {}) as Role).filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role');
  if (roles.length === 0) return { outcome: 'NotAvailable', message: 'there is no role in it' };
  const flaws = roles.flatMap(({ metadata, rules = [] }) =>
    rules.flatMap((rule) => flawsOf(rule).map((flaw) => `${metadata?.name}: ${flaw}`)),
  );
  return flaws.length === 0
    ? { outcome: 'True', message: `${roles.length} roles, all of them only read, without Secrets and wildcards` }
    : { outcome: 'False', message: flaws.slice(0, 4).join('; ') };
}

function flawsOf({ resources = [], verbs = [] }: NonNullable<Role['rules']>[number]): readonly string[] {
  const isReview = resources.length > 0 && resources.every((resource) => REVIEWS.includes(resource));
  const writes = verbs.filter((verb) => !READING.includes(verb) && !(isReview && verb === 'create'));
  return [
    ...(writes.length > 0 ? [`may ${writes.join(', ')} ${resources.join(', ') || 'addresses'}`] : []),
    ...(resources.includes('*') ? ['every resource'] : []),
    ...(resources.some((resource) => resource === 'secrets' || resource.startsWith('secrets/')) ? ['Secrets'] : []),
  ];
}
