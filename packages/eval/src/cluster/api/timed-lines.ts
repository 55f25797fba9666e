/** A line of a log, with its line end, and when it was written. */
export interface TimedLine {
  /** ISO 8601, as the line says it. */
  readonly at: string;
  readonly line: string;
}

const RFC_3339 = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)`;
/** At the start of the line, or in the field that structured loggers write it to (JSON and logfmt). */
const TIME = new RegExp(String.raw`^\[?(${RFC_3339})|(?:"@?(?:ts|time|timestamp)"\s*:\s*"|\b(?:ts|time|timestamp)="?)(${RFC_3339})`);

/**
 * A recorded log keeps the text of its lines only, not the times at which the runtime took them in: the time a line tells of itself
 * stands for it. A line that tells none belongs to the one before it, the first to the start of the container.
 */
export function timedLines(text: string, startedAt: string): readonly TimedLine[] {
  let at = startedAt;
  return text
    .split(/(?<=\n)/)
    .filter((line) => line !== '')
    .map((line) => {
      const found = TIME.exec(line);
      at = found?.[1] ?? found?.[2] ?? at;
      return { at, line };
    });
}
