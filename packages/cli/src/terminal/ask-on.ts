import type { Readable, Writable } from 'node:stream';
import { toOutlet } from './outlet.ts';

/** Where a person reads and writes. */
export interface Conversation {
  readonly input: Readable;
  readonly output: Writable;
}

/** Lines that came together with an earlier answer, as a script sends them; they answer what is asked next. */
const ahead = new WeakMap<Readable, string[]>();

/** Asks one question. The empty answer where the input ends first: nobody is there to say yes. */
export async function askOn(conversation: Conversation, question: string, signal: AbortSignal): Promise<string> {
  const waiting = ahead.get(conversation.input) ?? [];
  ahead.set(conversation.input, waiting);
  const next = waiting.shift();
  if (next !== undefined) {
    conversation.output.write(`${toOutlet(question)}\n`);
    return next;
  }
  // An input that ended at an earlier question tells no prompt of it again.
  if (conversation.input.readableEnded || conversation.input.destroyed) return '';
  const { createInterface } = await import('node:readline/promises');
  const prompt = createInterface(conversation);
  prompt.on('line', (line) => waiting.push(line));
  // A prompt on a terminal takes Ctrl-C for itself; the run must hear of it too.
  prompt.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const ended = new Promise<string>((resolve) => prompt.once('close', () => resolve('')));
  try {
    return await Promise.race([prompt.question(toOutlet(question), { signal }), ended]);
  } finally {
    prompt.close();
  }
}
