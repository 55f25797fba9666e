import { type CallContext, Tier0Error } from '@tier0/core';
import { createHttpClient } from '@tier0/core/http';
import { z } from 'zod';
import { readProse } from './answer-format.ts';
import { QUESTION } from './command.ts';
import { withRawOutput } from './raw-output.ts';
import type { DiagnosisAnswer, ToolUnderTest } from './tool-under-test.ts';

/** Where HolmesGPT runs. */
export interface HolmesToolOptions {
  /** Address of a running HolmesGPT server, e.g. `http://127.0.0.1:5050`. Without it the tool is not run. */
  readonly url?: string | undefined;
  /** Name of the model as the server knows it. Default: the server's own. */
  readonly model?: string | undefined;
  /** Default `holmesgpt`. */
  readonly id?: string | undefined;
}

const HOW_TO_ADD =
  'Start the HolmesGPT server with a model and a KUBECONFIG for http://127.0.0.1:PORT, then run with --holmesgpt URL --cluster-port PORT.';
const LONGEST_MS = 3_600_000;

const ReplySchema = z.object({
  analysis: z.string().nullish(),
  tool_calls: z.array(z.object({ tool_name: z.string().optional(), description: z.string().optional() })).nullish(),
});

/** HolmesGPT over POST /api/investigate. Read from its source and documentation; it was not run by the authors. */
export function createHolmesTool(options: HolmesToolOptions = {}): ToolUnderTest {
  const { url, model } = options;
  return {
    describe: () => ({
      id: options.id ?? 'holmesgpt',
      name: 'HolmesGPT',
      version: 'unknown',
      kind: 'peer',
      model,
      note: 'POST /api/investigate',
    }),
    async availability() {
      if (url === undefined) return { status: 'not-run', reason: 'No address of a HolmesGPT server was given.', howToAdd: HOW_TO_ADD };
      const client = clientOf(url);
      return client.send({ path: '/healthz', answers: 'any' }, { signal: AbortSignal.timeout(5_000), now: Date.now }).then(
        () => ({ status: 'available' as const }),
        () => ({ status: 'not-run' as const, reason: `${url} cannot be reached.`, howToAdd: HOW_TO_ADD }),
      );
    },
    diagnose: (_access, context) => investigate(options, context),
  };
}

function clientOf(url: string) {
  return createHttpClient({ name: 'HolmesGPT', baseUrl: url, timeoutMs: LONGEST_MS, deadlineMs: LONGEST_MS, retry: { attempts: 1 } });
}

async function investigate({ url = '', model }: HolmesToolOptions, context: CallContext): Promise<DiagnosisAnswer> {
  const json = {
    source: 'tier0-eval',
    title: QUESTION,
    description: QUESTION,
    subject: {},
    context: {},
    include_tool_calls: true,
    ...(model === undefined ? {} : { model }),
  };
  const answer = await clientOf(url).send({ method: 'POST', path: '/api/investigate', json, answers: 'any' }, context);
  const text = answer.text();
  const parsed = answer.status < 300 ? ReplySchema.safeParse(safeJson(text)) : undefined;
  if (!parsed?.success) throw withRawOutput(refused(answer.status), text);
  const { analysis, tool_calls: calls } = parsed.data;
  return { ...readProse(analysis ?? ''), findings: Math.max(1, calls?.length ?? 0), raw: text };
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(status: number): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `HolmesGPT answered ${status} in a form that is not known.`,
    hint: 'The adapter speaks POST /api/investigate; look at the log of the server.',
  });
}
