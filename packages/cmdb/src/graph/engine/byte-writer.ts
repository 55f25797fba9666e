/** Writes numbers and texts one after the other into a buffer that grows. */
export class ByteWriter {
  buffer: Buffer = Buffer.allocUnsafe(4096);
  length = 0;

  /** An unsigned whole number below 2^53, seven bits a byte (LEB128). */
  number(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.buffer[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[this.length++] = rest;
  }

  float(value: number): void {
    this.#reserve(8);
    this.length = this.buffer.writeDoubleLE(value, this.length);
  }

  /** A text with its length and width in front. Keeps unpaired surrogates. */
  text(text: string): void {
    let isWide = false;
    for (let at = 0; at < text.length && !isWide; at++) isWide = text.charCodeAt(at) > 0xff;
    this.number(text.length * 2 + (isWide ? 1 : 0));
    this.#reserve(text.length * 2);
    this.length += this.buffer.write(text, this.length, isWide ? 'utf16le' : 'latin1');
  }

  #reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}

/** Reads what `ByteWriter` wrote. */
export class ByteReader {
  readonly buffer: Buffer;
  at: number;

  constructor(buffer: Buffer, at: number) {
    this.buffer = buffer;
    this.at = at;
  }

  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.buffer[this.at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  float(): number {
    this.at += 8;
    return this.buffer.readDoubleLE(this.at - 8);
  }

  text(): string {
    const head = this.number();
    const length = Math.floor(head / 2);
    const start = this.at;
    this.at += head % 2 === 1 ? length * 2 : length;
    return this.buffer.toString(head % 2 === 1 ? 'utf16le' : 'latin1', start, this.at);
  }
}
