import type { FileEdit } from '../model/file-edit.ts';
import type { ItemEdit } from '../model/item-edit.ts';
import type { CallContext } from './adapter.ts';
import type { CmdbReader } from './cmdb-reader.ts';

/** Where a live field is declared. Ambiguous is an answer: refuse rather than guess. */
export type Location =
  | { readonly status: 'found'; readonly edit: FileEdit; readonly reason: string }
  | { readonly status: 'ambiguous'; readonly candidates: readonly string[]; readonly reason: string }
  | { readonly status: 'not-found'; readonly reason: string }
  | { readonly status: 'drifted'; readonly edit: FileEdit; readonly found: string; readonly reason: string };

/** Finds the file, document and path that declare a field of a live item. */
export interface Locator {
  /** The place in the repository that declares the field; or that it is not found, has drifted, or is ambiguous, with why. */
  locate(request: { readonly edit: ItemEdit; readonly reader: CmdbReader }, context: CallContext): Promise<Location>;
}
