import { bytesOf, columnFrom } from './column.ts';

const PAGE_BITS = 10;
const PAGE = 2 ** PAGE_BITS;

/** A column in which most rows hold the same value: pages of 1,024 rows, there only where a row holds another. */
export class SparseColumn {
  readonly #usual: number;
  #pages: (Uint32Array | undefined)[] = [];

  /** `usual`: what rows hold that were never set. */
  constructor(usual: number) {
    this.#usual = usual;
  }

  get(row: number): number {
    const page = this.#pages[row >>> PAGE_BITS];
    return page === undefined ? this.#usual : (page[row & (PAGE - 1)] as number);
  }

  set(row: number, value: number): void {
    const number = row >>> PAGE_BITS;
    let page = this.#pages[number];
    if (page === undefined) {
      if (value === this.#usual) return;
      // Without holes the list of pages stays fast.
      while (this.#pages.length <= number) this.#pages.push(undefined);
      page = new Uint32Array(PAGE).fill(this.#usual);
      this.#pages[number] = page;
    }
    page[row & (PAGE - 1)] = value;
  }

  /** A copy that may go its own way. */
  fork(): SparseColumn {
    const fork = new SparseColumn(this.#usual);
    fork.#pages = this.#pages.map((page) => page?.slice());
    return fork;
  }

  /** The numbers of the pages that are there, and their rows; copies, because rows may change. */
  blocks(): readonly Uint8Array[] {
    const numbers = Uint32Array.from([...this.#pages.keys()].filter((number) => this.#pages[number] !== undefined));
    const rows = new Uint32Array(numbers.length * PAGE);
    for (const [at, number] of numbers.entries()) rows.set(this.#pages[number] as Uint32Array, at * PAGE);
    return [bytesOf(numbers, numbers.length), bytesOf(rows, rows.length)];
  }

  static from(usual: number, [numbers, rows]: readonly Uint8Array[]): SparseColumn {
    const column = new SparseColumn(usual);
    const values = columnFrom(Uint32Array, rows as Uint8Array);
    for (const [at, number] of columnFrom(Uint32Array, numbers as Uint8Array).entries()) {
      while (column.#pages.length <= number) column.#pages.push(undefined);
      column.#pages[number] = values.subarray(at * PAGE, (at + 1) * PAGE);
    }
    return column;
  }
}
