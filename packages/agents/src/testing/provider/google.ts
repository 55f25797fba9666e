import { type ModelFailureKind, readField } from '@tier0/core';
import { z } from 'zod';
import type { AnsweredTurn, Pieces, ProviderWire, WireEvent } from './provider-wire.ts';

const Schema = z.record(z.string(), z.unknown());
const Signed = { thoughtSignature: z.string().optional(), thought: z.boolean().optional() };
const PartSchema = z.union([
  z.strictObject({ text: z.string(), ...Signed }),
  z.strictObject({ functionCall: z.strictObject({ id: z.string().optional(), name: z.string(), args: Schema }), ...Signed }),
  z.strictObject({ functionResponse: z.strictObject({ id: z.string().optional(), name: z.string(), response: Schema }) }),
]);
const ContentSchema = z.strictObject({ role: z.enum(['user', 'model']), parts: z.array(PartSchema).min(1) });
const RequestSchema = z.strictObject({
  contents: z.array(ContentSchema).min(1),
  systemInstruction: z.strictObject({ role: z.string().optional(), parts: z.array(z.strictObject({ text: z.string() })) }).optional(),
  tools: z
    .array(
      z.strictObject({
        functionDeclarations: z.array(z.strictObject({ name: z.string(), description: z.string(), parametersJsonSchema: Schema })).min(1),
      }),
    )
    .optional(),
  toolConfig: z.strictObject({ functionCallingConfig: z.strictObject({ mode: z.enum(['AUTO', 'NONE', 'ANY']) }) }).optional(),
  // The older SDK always sends an empty list.
  safetySettings: z.array(z.never()).optional(),
  generationConfig: z.strictObject({
    maxOutputTokens: z.number().int().positive(),
    responseMimeType: z.literal('application/json').optional(),
    responseJsonSchema: Schema.optional(),
    thinkingConfig: z.strictObject({ thinkingLevel: z.enum(['low', 'medium', 'high']), includeThoughts: z.boolean() }).optional(),
  }),
});

type Part = Readonly<Record<string, unknown>>;

/** Gemini's streamGenerateContent. Calls have no ids here, as on older models: order alone matches results. */
export const googleProvider: ProviderWire = {
  name: 'google',
  path: /^\/v1beta\/models\/[\w.-]+:streamGenerateContent\?alt=sse$/,
  keyHeader: 'x-goog-api-key',
  request: RequestSchema,
  signatures: (body) =>
    partsIn(body).flatMap((part) => (part.functionCall && part.thoughtSignature ? [String(part.thoughtSignature)] : [])),
  problem: (body) => {
    const asked = partsIn(body).flatMap((part) => readField(part, ['functionCall', 'name']) ?? []);
    const answered = partsIn(body).flatMap((part) => readField(part, ['functionResponse', 'name']) ?? []);
    return JSON.stringify(asked) === JSON.stringify(answered) ? undefined : 'every functionCall needs its functionResponse, in order';
  },
  answer: answerContent,
  errorEvent: () => ({ data: { error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } } }),
  refusal: ({ refuse, retryAfterS }) => {
    const [code, status, message, details = []] = REFUSALS[refuse] ?? [500, 'INTERNAL', 'broken'];
    const retry = retryAfterS === undefined ? [] : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfterS}s` }];
    return { status: code, body: { error: { code, message, status, details: [...details, ...retry] } } };
  },
};

const REFUSALS: Readonly<Partial<Record<ModelFailureKind, readonly [number, string, string, (readonly unknown[])?]>>> = {
  'rate-limit': [429, 'RESOURCE_EXHAUSTED', 'slow down', [{ violations: [{ quotaId: 'RequestsPerMinutePerProject', quotaValue: '10' }] }]],
  quota: [429, 'RESOURCE_EXHAUSTED', 'quota', [{ violations: [{ quotaId: 'GenerateRequestsPerDayPerProject', quotaValue: '50' }] }]],
  overloaded: [503, 'UNAVAILABLE', 'The model is overloaded.'],
  permission: [400, 'INVALID_ARGUMENT', 'API key not valid.', [{ reason: 'API_KEY_INVALID' }]],
  'not-found': [404, 'NOT_FOUND', 'models/m is not found'],
  'context-overflow': [400, 'INVALID_ARGUMENT', 'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).'],
  'invalid-request': [400, 'INVALID_ARGUMENT', 'Invalid JSON payload received.'],
};

function partsIn(body: unknown): readonly Part[] {
  const contents = readField(body, ['contents']) as readonly { readonly parts: readonly Part[] }[];
  return contents.flatMap(({ parts }) => parts);
}

const FINISH = { stop: 'STOP', length: 'MAX_TOKENS', 'tool-calls': 'STOP', refusal: 'SAFETY', pause: 'STOP' } as const;

function answerContent(turn: AnsweredTurn, pieces: Pieces): readonly WireEvent[] {
  const events: WireEvent[] = [];
  let signature: string | undefined;
  for (const part of turn.parts) {
    if (part.type === 'text') events.push(...pieces(part.text).map((text) => chunk({ text })));
    if (part.type === 'reasoning') {
      events.push(...pieces(part.text).map((text) => chunk({ text, thought: true })));
      signature = part.signature;
    }
    // Calls come whole on this wire: one that was cut is not sent.
    if (part.type !== 'tool-call' || (turn.lastCallCut && part === turn.parts.at(-1))) continue;
    events.push(chunk({ functionCall: { name: part.name, args: part.arguments }, ...(signature ? { thoughtSignature: signature } : {}) }));
    signature = undefined;
  }
  return turn.instead ? events : [...events, finished(turn)];
}

function chunk(part: unknown): WireEvent {
  return { data: { candidates: [{ content: { role: 'model', parts: [part] }, index: 0 }], modelVersion: 'm', responseId: 'r' } };
}

function finished({ finish, usage }: AnsweredTurn): WireEvent {
  const counts = usage && {
    promptTokenCount: usage.inputTokens,
    cachedContentTokenCount: usage.cachedTokens,
    candidatesTokenCount: usage.outputTokens - usage.reasoningTokens,
    thoughtsTokenCount: usage.reasoningTokens,
    totalTokenCount: usage.inputTokens + usage.outputTokens,
  };
  const candidate = { content: { role: 'model', parts: [{ text: '' }] }, finishReason: FINISH[finish], index: 0 };
  return { data: { candidates: [candidate], ...(counts ? { usageMetadata: counts } : {}) } };
}
