/** What the last line of a pull request's body says about the proposal behind it. */
export interface ProposalMarker {
  readonly key: string;
  readonly digest: string;
  /** Short digests of the fields it changes, sorted; empty where an older writer did not say. */
  readonly fields: readonly string[];
}

const MARKER = /^<!-- tier0:proposal key=([0-9a-f]{64}) digest=([0-9a-f]{64})(?: fields=([0-9a-f,]+))? -->$/;
const KEY_LINE = /\n\n<!-- tier0:key=([\w.:-]{1,128}) -->\n?$/;
const TOPIC_LINE = /^<!-- tier0:topic=([\w.:/-]{1,64}) -->\n/;

/** The hidden line that a retry finds its own work by. */
export function renderMarker(marker: Omit<ProposalMarker, 'fields'> & { readonly fields?: readonly string[] | undefined }): string {
  const fields = marker.fields?.length ? ` fields=${marker.fields.join(',')}` : '';
  return `<!-- tier0:proposal key=${marker.key} digest=${marker.digest}${fields} -->`;
}

/** Reads the marker back. Only the last line counts: nothing quoted in the body can pose as one. */
export function readMarker(body: string): ProposalMarker | undefined {
  const match = MARKER.exec(body.trimEnd().split('\n').at(-1) ?? '');
  return match ? { key: match[1] ?? '', digest: match[2] ?? '', fields: match[3]?.split(',') ?? [] } : undefined;
}

/** The body as a forge without a place for keys stores it: with a hidden line, unless its own marker says the key already. */
export function withKey(body: string, key: string): string {
  return readMarker(body)?.key === key || key === '' ? body : `${body}\n\n<!-- tier0:key=${key} -->\n`;
}

/** Body and key as they were before `withKey`. A body written by somebody else has the empty key. */
export function splitKey(stored: string): { readonly body: string; readonly key: string } {
  const text = stored.replaceAll('\r\n', '\n');
  const match = KEY_LINE.exec(text);
  return match ? { body: text.slice(0, match.index), key: match[1] ?? '' } : { body: text, key: readMarker(text)?.key ?? '' };
}

/** A comment that can be found again by its topic. */
export function withTopic(topic: string, body: string): string {
  return `<!-- tier0:topic=${topic} -->\n${body}`;
}

/** Topic of a comment; undefined when it has none. */
export function topicOf(comment: string): string | undefined {
  return TOPIC_LINE.exec(comment.replaceAll('\r\n', '\n'))?.[1];
}
