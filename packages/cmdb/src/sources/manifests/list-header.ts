/** What a List says of itself: everything but its entries. */
export type ListHeader = Readonly<Record<string, unknown>>;

/** Whether it says that it is one. */
export function isList<T extends ListHeader>(value: T): value is T & { readonly kind: string } {
  return typeof value.kind === 'string' && value.kind.endsWith('List');
}

/** Kind of entries that state none; empty where the List does not say. */
export function kindOfEntries(header: ListHeader): string {
  return isList(header) ? header.kind.slice(0, -'List'.length) : '';
}
