import type { Signal } from '../findings/signal.ts';
import { memorySignal } from './memory/memory-signal.ts';

/** Every signal; each is one folder. */
export const SIGNALS: readonly Signal[] = [memorySignal];
