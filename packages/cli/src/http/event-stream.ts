import type { EventBus, NumberedEvent } from '../duty/events.ts';

/** Real milliseconds between two signs of life: proxies close what is silent. */
const HEARTBEAT_MS = 15_000;
/** Events that wait for a slow reader at most; one that is slower is cut off and may come again. */
const MAX_WAITING = 1_000;

/** Events as `text/event-stream`, those after `since` first. Ends when the reader leaves or the signal aborts. */
export function eventStream(
  bus: EventBus,
  { since, wanted, signal }: { readonly since: number; readonly wanted: (event: NumberedEvent) => boolean; readonly signal: AbortSignal },
): Response {
  const encoder = new TextEncoder();
  let leave = () => {};
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const end = () => {
          leave();
          try {
            controller.close();
          } catch {
            // The reader was faster.
          }
        };
        const send = (text: string) => {
          if ((controller.desiredSize ?? 0) < -MAX_WAITING) return end();
          controller.enqueue(encoder.encode(text));
        };
        const tell = (event: NumberedEvent) =>
          wanted(event) && send(`id: ${event.id}\nevent: ${event.event.type}\ndata: ${JSON.stringify(event)}\n\n`);
        const stop = bus.listen(tell);
        const beat = setInterval(() => send(': alive\n\n'), HEARTBEAT_MS);
        leave = () => {
          stop();
          clearInterval(beat);
          signal.removeEventListener('abort', end);
        };
        signal.addEventListener('abort', end);
        send('retry: 2000\n\n');
        for (const event of bus.since(since)) tell(event);
        if (signal.aborted) end();
      },
      cancel: () => leave(),
    },
    { highWaterMark: 16 },
  );
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' } });
}
