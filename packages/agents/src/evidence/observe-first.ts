import type { CallContext, EvidenceQuery, EvidenceSource, Observation } from '@tier0/core';

/** Asks the sources in turn until one has seen something; else the most telling of the other answers. */
export async function observeFirst(sources: readonly EvidenceSource[], query: EvidenceQuery, context: CallContext): Promise<Observation> {
  let best: Observation | undefined;
  for (const source of sources) {
    if (!source.kinds.includes(query.kind)) continue;
    const observation = await source.observe(query, context);
    if (observation.state === 'observed') return observation;
    // "Could not look" says more than "nothing there": it may be why.
    if (!best || observation.state === 'unavailable') best = observation;
  }
  return best ?? { state: 'unavailable', query: query.kind, reason: `no evidence source answers ${query.kind} queries` };
}
