/** What the last line of a pull request's body says about the proposal behind it. */
export interface ProposalMarker {
  readonly key: string;
  readonly digest: string;
}

const MARKER = /^<!-- tier0:proposal key=([0-9a-f]{64}) digest=([0-9a-f]{64}) -->$/;

/** The hidden line that a retry finds its own work by. */
export function renderMarker(marker: ProposalMarker): string {
  return `<!-- tier0:proposal key=${marker.key} digest=${marker.digest} -->`;
}

/** Reads the marker back. Only the last line counts: nothing quoted in the body can pose as one. */
export function readMarker(body: string): ProposalMarker | undefined {
  const match = MARKER.exec(body.trimEnd().split('\n').at(-1) ?? '');
  return match ? { key: match[1] ?? '', digest: match[2] ?? '' } : undefined;
}
