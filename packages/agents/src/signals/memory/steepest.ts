import type { MemoryForecast } from './forecast-memory.ts';
import type { PodMemory } from './observe-memory.ts';

export type MeasuredForecast = Exclude<MemoryForecast, { readonly trend: 'insufficient' }>;

/** The forecast that may grow fastest: promises are made for the worst pod. */
export function steepest(pods: readonly PodMemory[]): MeasuredForecast | undefined {
  const measured = pods.flatMap(({ forecast }) => (forecast.trend === 'insufficient' ? [] : [forecast]));
  return measured.sort((a, b) => b.slopeHigh - a.slopeHigh)[0];
}
