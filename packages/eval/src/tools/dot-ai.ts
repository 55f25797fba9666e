import { type CallContext, Tier0Error } from '@tier0/core';
import { createHttpClient, type HttpClient } from '@tier0/core/http';
import { z } from 'zod';
import type { SubjectRef } from '../scenario/scenario.ts';
import { causeOfText } from './cause-of-text.ts';
import { subjectOfText } from './subject-of-text.ts';
import type { DiagnosisAnswer, ScenarioAccess, ToolUnderTest } from './tool-under-test.ts';

/** Where dot-ai runs, and what it is asked. */
export interface DotAiToolOptions {
  /** Default `dot-ai`. */
  readonly id?: string | undefined;
  /** Address of a running dot-ai server, e.g. `http://127.0.0.1:3456`. Without it the tool is not run. */
  readonly url?: string | undefined;
  /** Value of its `DOT_AI_AUTH_TOKEN`; without it every request is answered 401. */
  readonly token?: string | undefined;
  /** The question of every trial. The same words for every incident, so that nothing is given away. */
  readonly issue?: string | undefined;
}

const MAX_BYTES = 8 * 1024 * 1024;
const LONGEST_MS = 3_600_000;
const ISSUE = 'Something may be wrong in this cluster. Find the root cause, or say that everything is healthy.';
const NOTE = '`remediate` in mode manual over its REST interface; nothing is executed.';
const HOW_TO_ADD =
  'Choose a port for the clusters of the trials, start dot-ai with a language model and a KUBECONFIG for http://127.0.0.1:PORT, then pass that port and the address and token of dot-ai.';

/** dot-ai's `remediate` in mode manual, over its REST interface. Nothing is executed. */
export function createDotAiTool(options: DotAiToolOptions = {}): ToolUnderTest {
  return {
    async describe() {
      return {
        id: options.id ?? 'dot-ai',
        name: 'dot-ai',
        version: await versionOf(options).catch(() => 'unknown'),
        kind: 'peer',
        note: NOTE,
      };
    },
    async availability() {
      if (options.url === undefined) return { status: 'not-run', reason: 'No address of a dot-ai server was given.', howToAdd: HOW_TO_ADD };
      return isHealthy(options.url).then(
        (healthy) =>
          healthy
            ? { status: 'available' }
            : { status: 'not-run', reason: `${options.url} does not answer as dot-ai.`, howToAdd: HOW_TO_ADD },
        () => ({ status: 'not-run', reason: `${options.url} cannot be reached.`, howToAdd: HOW_TO_ADD }),
      );
    },
    diagnose: (access, context) => remediate(options, access, context),
  };
}

async function isHealthy(url: string): Promise<boolean> {
  const { status } = await clientOf({ url }).send({ path: '/healthz', answers: 'any' }, briefly());
  return status === 200;
}

/** An investigation takes minutes and costs money: it is not asked for twice. The caller's signal ends it. */
function clientOf({ url = '', token }: DotAiToolOptions): HttpClient {
  return createHttpClient({
    name: 'dot-ai',
    baseUrl: url,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    timeoutMs: LONGEST_MS,
    deadlineMs: LONGEST_MS,
    maxBytes: MAX_BYTES,
    retry: { attempts: 1 },
    hints: { unauthorised: 'Pass the value of its DOT_AI_AUTH_TOKEN as the token of the adapter.' },
  });
}

function briefly(): CallContext {
  return { signal: AbortSignal.timeout(5_000), now: Date.now };
}

const EnvelopeSchema = z.object({
  success: z.boolean(),
  data: z.object({ result: z.unknown().optional() }).optional(),
  error: z.object({ message: z.string().optional() }).optional(),
  meta: z.object({ version: z.string().optional() }).optional(),
});

const ReplySchema = z.object({
  status: z.string(),
  analysis: z
    .object({ rootCause: z.string(), confidence: z.number().min(0).max(1).optional(), factors: z.array(z.string()).optional() })
    .optional(),
  remediation: z
    .object({
      summary: z.string().optional(),
      actions: z.array(z.object({ description: z.string().optional(), command: z.string().optional() })).optional(),
    })
    .optional(),
});
type Reply = z.infer<typeof ReplySchema>;

/** The version is in the envelope of any answer; listing the tools costs no model call. */
async function versionOf(options: DotAiToolOptions): Promise<string> {
  if (options.url === undefined) return 'unknown';
  const answer = await clientOf(options).send({ path: '/api/v1/tools', answers: 'any' }, briefly());
  const envelope = EnvelopeSchema.safeParse(answer.json());
  return envelope.data?.meta?.version ?? 'unknown';
}

async function remediate(options: DotAiToolOptions, access: ScenarioAccess, context: CallContext): Promise<DiagnosisAnswer> {
  if (options.url === undefined) throw refused('has no address');
  const where = access.namespaces ? ` Namespaces: ${access.namespaces.join(', ')}.` : '';
  const question = { issue: `${options.issue ?? ISSUE}${where}`.slice(0, 2_000), mode: 'manual' };
  const answer = await clientOf(options).send({ method: 'POST', path: '/api/v1/tools/remediate', json: question, answers: 'any' }, context);
  const body = answer.text();
  if (answer.status === 401) throw unauthorised();
  if (answer.status >= 300) throw refused(`answered ${answer.status}: ${body.slice(0, 200)}`);
  return toAnswer(readReply(body), body);
}

function readReply(body: string): Reply {
  try {
    const envelope = EnvelopeSchema.parse(JSON.parse(body));
    if (!envelope.success) throw refused(`reported a failure: ${envelope.error?.message ?? 'no reason given'}`);
    const result = envelope.data?.result;
    return ReplySchema.parse(typeof result === 'string' ? JSON.parse(result) : result);
  } catch (error) {
    if (error instanceof Tier0Error) throw error;
    throw refused('answered in an unknown shape', error);
  }
}

/**
 * One root cause in prose. Its place is read from the commands of the proposed actions first, then from the prose. An answer that proposes no
 * action and calls the cluster healthy is an answer without a root cause.
 */
function toAnswer(reply: Reply, raw: string): DiagnosisAnswer {
  if (reply.status === 'failed') throw refused('gave up on the investigation');
  const actions = reply.remediation?.actions ?? [];
  const text = [reply.analysis?.rootCause, ...(reply.analysis?.factors ?? [])].filter(Boolean).join('\n');
  const findings = (reply.analysis?.factors?.length ?? 0) + (reply.analysis ? 1 : 0);
  if (!reply.analysis || (actions.length === 0 && saysHealthy(text))) return { rootCauses: [], findings, raw };
  const places = [...actions.flatMap(({ command, description }) => [command, description]), reply.analysis.rootCause, text];
  const subject: SubjectRef = firstSubject(places) ?? { kind: 'Unknown', name: 'not named' };
  return { rootCauses: [{ cause: causeOfText(text), subject, text, confidence: reply.analysis.confidence }], findings, raw };
}

function saysHealthy(text: string): boolean {
  return /\b(no (issue|problem|fault|root cause)s?\b|healthy|nothing is wrong)/i.test(text);
}

function firstSubject(texts: readonly (string | undefined)[]): SubjectRef | undefined {
  for (const text of texts) {
    const subject = text === undefined ? undefined : subjectOfText(text);
    if (subject) return subject;
  }
  return undefined;
}

function unauthorised(): Tier0Error {
  return new Tier0Error({
    code: 'PERMISSION_DENIED',
    message: 'dot-ai answered 401.',
    hint: 'Pass the value of its DOT_AI_AUTH_TOKEN as the token of the adapter.',
  });
}

function refused(problem: string, cause?: unknown): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `dot-ai ${problem}.`,
    hint: 'Look at the log of the dot-ai server; the adapter speaks POST /api/v1/tools/remediate of version 2.',
    cause,
  });
}
