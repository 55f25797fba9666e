/** Fills a part of a buffer and says how many bytes it wrote; 0 at the end. */
export type ReadBytes = (into: Buffer, offset: number, length: number) => Promise<number>;

/** A part of a file that moves on: the bytes that are still needed, and what comes after them. */
export class ByteWindow {
  /** Bytes that were read and are still needed lie between `start` and `end`. */
  bytes: Buffer;
  start = 0;
  end = 0;
  readonly #read: ReadBytes;

  constructor(read: ReadBytes, size: number) {
    this.#read = read;
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Reads on; false at the end of the file. Moves what is still needed to the front, into a larger buffer where it fills this one. */
  async more(): Promise<boolean> {
    const kept = this.length;
    const target = kept * 2 > this.bytes.length ? Buffer.allocUnsafeSlow(this.bytes.length * 2) : this.bytes;
    this.bytes.copy(target, 0, this.start, this.end);
    this.bytes = target;
    this.start = 0;
    const count = await this.#read(target, kept, target.length - kept);
    this.end = kept + count;
    return count > 0;
  }
}
