import type { SignalOptions } from '../findings/signal.ts';
import { createMemoryPatternLibrary } from '../patterns/memory.ts';
import { SEED_PATTERNS } from '../patterns/seed.ts';

const HOUR_MS = 3_600_000;

/** The options of signals with what is left out filled in. */
export function signalOptionsOf(options: { readonly [Option in keyof SignalOptions]?: SignalOptions[Option] | undefined }): SignalOptions {
  return {
    evidence: options.evidence ?? [],
    patterns: options.patterns ?? createMemoryPatternLibrary({ patterns: SEED_PATTERNS }),
    windowMs: options.windowMs ?? 6 * HOUR_MS,
    minimumSamples: options.minimumSamples ?? 12,
    horizonMs: options.horizonMs ?? 12 * HOUR_MS,
  };
}
