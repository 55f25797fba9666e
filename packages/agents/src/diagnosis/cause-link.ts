/** That one finding explains another, and how sure that is. */
export interface CauseLink {
  /** Fingerprint of the finding that explains. */
  readonly cause: string;
  /** 0 to 1. An owner reference is 1; a host name in a variable 0.5. */
  readonly strength: number;
  /** What the link rests on, in a few words. */
  readonly via: string;
}

/** One link for each cause, the strongest; sorted by strength, then by cause, so that runs repeat. */
export function strongest(links: readonly CauseLink[]): readonly CauseLink[] {
  const best = new Map<string, CauseLink>();
  for (const link of links) {
    const known = best.get(link.cause);
    if (!known || link.strength > known.strength) best.set(link.cause, link);
  }
  return [...best.values()].sort((a, b) => b.strength - a.strength || (a.cause < b.cause ? -1 : 1));
}
