/** Reads instants, remembering the last one: facts of one commit mostly share theirs. */
export class InstantReader {
  #text = '';
  #epochMs = Number.NaN;

  /** Milliseconds since the epoch; NaN for what is not an instant. */
  parse(text: string): number {
    if (text !== this.#text) {
      this.#text = text;
      this.#epochMs = Date.parse(text);
    }
    return this.#epochMs;
  }
}
