import { describe, expect, test } from 'vitest';
import type { LanguageModel, ModelEvent } from '../ports/language-model.ts';
import { testContext } from './call-context.ts';

/** The contract of every language model. `make` gives a model that answers one question with text. */
export function describeLanguageModel(name: string, make: () => LanguageModel | Promise<LanguageModel>): void {
  describe(`${name} is a language model`, () => {
    test('the stream carries text and ends with exactly one done', async () => {
      const events = await collect(await make());
      expect(events.filter((event) => event.type === 'done')).toHaveLength(1);
      expect(events.at(-1)?.type).toBe('done');
      expect(events.some((event) => event.type === 'text' && event.text !== '')).toBe(true);
    });

    test('a call that was cancelled before does not answer', async () => {
      const stopped = AbortSignal.abort();
      await expect(collect(await make(), stopped)).rejects.toThrow();
    });
  });
}

async function collect(model: LanguageModel, signal?: AbortSignal): Promise<readonly ModelEvent[]> {
  const request = { messages: [{ role: 'user' as const, content: 'Say hello.' }], maxOutputTokens: 50 };
  const events: ModelEvent[] = [];
  for await (const event of model.generate(request, { ...testContext(), ...(signal ? { signal } : {}) })) events.push(event);
  return events;
}
