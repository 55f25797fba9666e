/** Rows that are scored in one call. */
export const BLOCK_ROWS = 4096;

/** Vectors in memory that a SIMD kernel runs over. */
export interface CosineKernel {
  /** Room for rows, as the kernel sees them; it moves when room is made. */
  rows(from: number, count: number): Float32Array;
  makeRoom(rows: number): void;
  /** Inner products of the query with `count` rows (at most BLOCK_ROWS) from `from` on. Valid until the next call. */
  score(from: number, count: number): Float32Array;
  setQuery(vector: Float32Array): void;
  /** Floats a row takes: the dimensions, rounded up. */
  readonly stride: number;
}

/** What is used of the engine's WebAssembly: the compiler's own declarations of it come with those of browsers only. */
interface Engine {
  readonly Memory: new (size: {
    readonly initial: number;
    readonly maximum: number;
  }) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
}
const engine = (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly;

const PAGE = 65_536;
/** WebAssembly addresses 4 GiB. */
const MOST_PAGES = 65_536;
const HEAD_FLOATS = 4096;

/** Why not plain JavaScript: engines do not vectorise its loops; the kernel needs a third of the time (bench/vectors). */
export function createCosineKernel(dimensions: number): CosineKernel {
  const stride = Math.ceil(dimensions / 16) * 16;
  const memory = new engine.Memory({ initial: 4, maximum: MOST_PAGES });
  const instance = new engine.Instance(new engine.Module(MODULE), { host: { memory } });
  const scan = instance.exports.scan as (query: number, rows: number, count: number, groups: number, out: number) => void;
  const outAt = Math.max(HEAD_FLOATS, stride) * 4;
  const rowsAt = outAt + BLOCK_ROWS * 4;
  const addressOf = (row: number) => rowsAt + row * stride * 4;
  return {
    stride,
    rows: (from, count) => new Float32Array(memory.buffer, addressOf(from), count * stride),
    makeRoom(rows) {
      const missing = Math.ceil((addressOf(rows) - memory.buffer.byteLength) / PAGE);
      if (missing <= 0) return;
      const generous = Math.min(
        Math.max(missing, Math.floor(memory.buffer.byteLength / PAGE / 4)),
        MOST_PAGES - memory.buffer.byteLength / PAGE,
      );
      memory.grow(Math.max(missing, generous));
    },
    setQuery: (vector) => new Float32Array(memory.buffer, 0, stride).fill(0).set(vector),
    score(from, count) {
      scan(0, addressOf(from), count, stride / 16, outAt);
      return new Float32Array(memory.buffer, outAt, count);
    },
  };
}

/** WebAssembly by hand: one function over four accumulators of four floats. Numbers are those of the specification's binary format. */
const LOCAL = { query: 0, row: 1, count: 2, groups: 3, out: 4, left: 5, at: 6, sum: [7, 8, 9, 10] } as const;
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const number = (value: number) => [0x41, value];
const advance = (local: number, bytes: readonly number[]) => [...get(local), 0x41, ...bytes, 0x6a, ...set(local)];
const load = (local: number, offset: number) => [...get(local), 0xfd, 0x00, 0x04, offset];
const MULTIPLY = [0xfd, 0xe6, 0x01];
const ADD = [0xfd, 0xe4, 0x01];
const lane = (local: number, index: number) => [...get(local), 0xfd, 0x1f, index];
const ADD_SCALAR = 0x92;
/** 64 in signed LEB128. */
const SIXTY_FOUR = [0xc0, 0x00];

const perGroup = LOCAL.sum.flatMap((sum, index) => [
  ...get(sum),
  ...load(LOCAL.at, 16 * index),
  ...load(LOCAL.row, 16 * index),
  ...MULTIPLY,
  ...ADD,
  ...set(sum),
]);
const zeros = LOCAL.sum.flatMap((sum) => [0xfd, 0x0c, ...Array(16).fill(0), ...set(sum)]);
const folded = LOCAL.sum.slice(1).flatMap((sum) => [...get(LOCAL.sum[0]), ...get(sum), ...ADD, ...set(LOCAL.sum[0])]);
const total = [0, 1, 2, 3].flatMap((index) => [...lane(LOCAL.sum[0], index), ...(index > 0 ? [ADD_SCALAR] : [])]);
const BODY = [
  // block: until no row is left
  ...[0x02, 0x40, 0x03, 0x40],
  ...[...get(LOCAL.count), 0x45, 0x0d, 0x01],
  ...[...get(LOCAL.query), ...set(LOCAL.at), ...get(LOCAL.groups), ...set(LOCAL.left)],
  ...zeros,
  // loop: sixteen floats a turn
  ...[0x03, 0x40],
  ...perGroup,
  ...advance(LOCAL.at, SIXTY_FOUR),
  ...advance(LOCAL.row, SIXTY_FOUR),
  ...[...get(LOCAL.left), ...number(1), 0x6b, 0x22, LOCAL.left, 0x0d, 0x00, 0x0b],
  ...folded,
  ...[...get(LOCAL.out), ...total, 0x38, 0x02, 0x00],
  ...advance(LOCAL.out, [4]),
  ...[...get(LOCAL.count), ...number(1), 0x6b, ...set(LOCAL.count)],
  ...[0x0c, 0x00, 0x0b, 0x0b, 0x0b],
];

function leb(value: number): readonly number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >> 7)];
}

function section(id: number, content: readonly number[]): readonly number[] {
  return [id, ...leb(content.length), ...content];
}

function name(text: string): readonly number[] {
  return [text.length, ...Buffer.from(text)];
}

const I32 = 0x7f;
const V128 = 0x7b;
/** Locals beside the parameters: two integers, four vectors. */
const FUNCTION = [2, 2, I32, 4, V128, ...BODY];
const MODULE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...section(1, [1, 0x60, 5, I32, I32, I32, I32, I32, 0]),
  ...section(2, [1, ...name('host'), ...name('memory'), 0x02, 0x01, 1, ...leb(MOST_PAGES)]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...name('scan'), 0x00, 0]),
  ...section(10, [1, ...leb(FUNCTION.length), ...FUNCTION]),
]);
