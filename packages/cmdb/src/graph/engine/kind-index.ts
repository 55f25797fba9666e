import { grown } from './column.ts';
import type { ItemTable } from './item-table.ts';

/** Nodes by kind, filled when first asked and extended with what came since. A node may be listed for a kind it had once. */
export class KindIndex {
  #lists = new Map<number, { nodes: Uint32Array; size: number }>();
  #keys = 0;

  /** Nodes that had this kind, as a number of the text table, in any version that any slice stated. May hold a node twice. */
  nodes(items: ItemTable, kind: number): Uint32Array {
    for (; this.#keys < items.keys; this.#keys++) this.#add(items.kind[this.#keys] as number, items.node[this.#keys] as number);
    const list = this.#lists.get(kind);
    return list ? list.nodes.subarray(0, list.size) : new Uint32Array(0);
  }

  /** Notes that a key that is listed already has another kind now. */
  moved(key: number, kind: number, node: number): void {
    if (key < this.#keys) this.#add(kind, node);
  }

  #add(kind: number, node: number): void {
    let list = this.#lists.get(kind);
    if (!list) {
      list = { nodes: new Uint32Array(8), size: 0 };
      this.#lists.set(kind, list);
    }
    list.nodes = grown(list.nodes, list.size + 1);
    list.nodes[list.size++] = node;
  }
}
