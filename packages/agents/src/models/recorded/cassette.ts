import { type JsonValue, JsonValueSchema } from '@tier0/core';
import { z } from 'zod';

/** One answer on a cassette: the question by its digest, and the chunks as they came from the wire. */
export interface CassetteTrack {
  /** SHA-256 of the request body as it was sent, without the model's name. */
  readonly request: string;
  readonly chunks: readonly JsonValue[];
  /** Set when the provider refused. */
  readonly refusal?: { readonly status: number | null; readonly retryAfter: string | null; readonly body: JsonValue } | undefined;
}

/** Answers of a provider that can be played again without it. Holds no key and no secret. */
export interface Cassette {
  readonly format: 'tier0.cassette/v1';
  readonly wire: string;
  readonly model: string;
  /** ISO 8601, UTC. */
  readonly recordedAt: string;
  readonly tracks: readonly CassetteTrack[];
}

export const CassetteSchema: z.ZodType<Cassette> = z.strictObject({
  format: z.literal('tier0.cassette/v1'),
  wire: z.string(),
  model: z.string(),
  recordedAt: z.iso.datetime(),
  tracks: z.array(
    z.strictObject({
      request: z.string().regex(/^[0-9a-f]{64}$/),
      chunks: z.array(JsonValueSchema),
      refusal: z.strictObject({ status: z.number().nullable(), retryAfter: z.string().nullable(), body: JsonValueSchema }).optional(),
    }),
  ),
});
