import { type CallContext, digestOf, type JsonValue, type LanguageModel, toTimestamp } from '@tier0/core';
import { anthropicWire } from '../anthropic/wire.ts';
import { googleWire } from '../google/wire.ts';
import { openAiChatWire } from '../openai-chat/wire.ts';
import { openAiResponsesWire } from '../openai-responses/wire.ts';
import { redactJson } from '../wire/redact-request.ts';
import { type JsonObject, ProviderRefusal, type Transport, type Wire } from '../wire/wire.ts';
import { createWireModel, wireModelOptions } from '../wire/wire-model.ts';
import type { Cassette, CassetteTrack } from './cassette.ts';

const WIRES: Readonly<Record<string, Wire>> = Object.fromEntries(
  [anthropicWire, googleWire, openAiChatWire(), openAiResponsesWire].map((wire) => [wire.name, wire]),
);

/** A model that answers from a cassette. A question that is not on it fails as not found, and says its digest. */
export function createRecordedModel(cassette: Cassette): LanguageModel {
  const left = [...cassette.tracks];
  const transport: Transport = async function* play(body) {
    const digest = requestDigest(body);
    const index = left.findIndex((track) => track.request === digest);
    const [track] = index === -1 ? [] : left.splice(index, 1);
    if (!track) throw new ProviderRefusal({ status: 404, body: { error: { message: `no track ${digest}` } } });
    yield* track.chunks;
    if (track.refusal) throw fromRefusal(track.refusal);
  };
  const wire = WIRES[cassette.wire];
  if (!wire) throw new TypeError(`The cassette is of the wire "${cassette.wire}"; known are ${Object.keys(WIRES).join(', ')}.`);
  return createWireModel({ name: 'recorded', model: cassette.model, host: 'cassette', wire, transport });
}

/** A model that answers as the given one does, and remembers. */
export interface RecordingModel extends LanguageModel {
  /** Everything answered until now. */
  cassette(context: CallContext): Cassette;
}

/** Listens on the wire of a model. Throws for models that have none, such as scripted ones. */
export function recordModel(model: LanguageModel): RecordingModel {
  const options = wireModelOptions(model);
  const tracks: CassetteTrack[] = [];
  const transport: Transport = async function* listen(body, signal) {
    const chunks: JsonValue[] = [];
    let refusal: CassetteTrack['refusal'];
    try {
      for await (const chunk of options.transport(body, signal)) {
        chunks.push(redactJson(toJson(chunk)));
        yield chunk;
      }
    } catch (error) {
      if (error instanceof ProviderRefusal) refusal = toRefusal(error);
      throw error;
    } finally {
      tracks.push({ request: requestDigest(body), chunks, ...(refusal ? { refusal } : {}) });
    }
  };
  const { name: wire } = options.wire;
  return {
    ...createWireModel({ ...options, transport }),
    cassette: ({ now }) => ({ format: 'tier0.cassette/v1', wire, model: model.model, recordedAt: toTimestamp(now()), tracks: [...tracks] }),
  };
}

type Refusal = NonNullable<CassetteTrack['refusal']>;

function toRefusal({ facts }: ProviderRefusal): Refusal {
  const retryAfter = facts.headers?.get('retry-after') ?? null;
  return { status: facts.status ?? null, retryAfter, body: redactJson(toJson(facts.body ?? null)) };
}

function fromRefusal({ status, retryAfter, body }: Refusal): ProviderRefusal {
  const headers = retryAfter === null ? undefined : new Headers({ 'retry-after': retryAfter });
  return new ProviderRefusal({ status: status ?? undefined, headers, body });
}

/** Which question a body asks: a cassette plays for every model name. */
function requestDigest({ model: _, ...body }: JsonObject): string {
  return digestOf(body);
}

/** SDKs give objects of their own classes; a cassette holds what was on the wire. */
function toJson(chunk: unknown): JsonValue {
  return JSON.parse(JSON.stringify(chunk)) as JsonValue;
}
