/** Instants remembered at a time. */
const REMEMBERED = 4096;

/** Reads instants, remembering the last ones: facts mostly share theirs with others. */
export class InstantReader {
  readonly #known = new Map<string, number>();
  #text = '';
  #epochMs = Number.NaN;

  /** Milliseconds since the epoch; NaN for what is not an instant. */
  parse(text: string): number {
    if (text === this.#text) return this.#epochMs;
    this.#text = text;
    this.#epochMs = this.#known.get(text) ?? this.#read(text);
    return this.#epochMs;
  }

  #read(text: string): number {
    const epochMs = Date.parse(text);
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(text, epochMs);
    return epochMs;
  }
}
