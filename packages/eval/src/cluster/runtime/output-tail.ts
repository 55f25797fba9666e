/** Bytes of output kept for each run of a container. */
const KEPT_BYTES = 64 * 1024;

/** The last 64 KiB of what a container wrote. */
export interface OutputTail {
  append(chunk: Buffer): void;
  text(): string;
}

export function createOutputTail(): OutputTail {
  let chunks: Buffer[] = [];
  let size = 0;
  return {
    append(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= 2 * KEPT_BYTES) return;
      chunks = [Buffer.concat(chunks).subarray(-KEPT_BYTES)];
      size = chunks[0]!.length;
    },
    text: () => Buffer.concat(chunks).subarray(-KEPT_BYTES).toString('utf8'),
  };
}
