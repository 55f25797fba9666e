import type { CallContext, CmdbReader, EvidenceSource, Finding, PatternLibrary } from '@tier0/core';
import type { AnyTool } from '../loop/guard/tool.ts';

/** A wish of a model to change one field of one item. What becomes of it is decided elsewhere. */
export interface ChangeWish {
  readonly item: string;
  /** As people write it: `spec.replicas`. */
  readonly fieldPath: string;
  /** JSON text of the value the field shall have. */
  readonly value: string;
  readonly why: string;
}

/** What the tools look at. Everything is read-only save `propose`, and that ends in a ChangeProposal that people approve. */
export interface OperationsWorld {
  /** The newest moment of the CMDB. */
  readonly reader: () => CmdbReader;
  /** What rules found at that moment. Absent: no such tool. */
  readonly findings?: ((reader: CmdbReader, context: CallContext) => Promise<readonly Finding[]>) | undefined;
  readonly evidence?: readonly EvidenceSource[] | undefined;
  readonly patterns?: PatternLibrary | undefined;
  /** Writes a ChangeProposal and says where it waits. Asked again with the same key it finds its own. Absent: no such tool. */
  readonly propose?: ((wish: ChangeWish, key: string, context: CallContext) => Promise<string>) | undefined;
  /**
   * Whether the caller may know of an item, by the caller's own rights in the cluster. What may not be read is left out of every answer,
   * path and citation, as if it were not there. Default: everything.
   */
  readonly mayRead?: ((item: string) => boolean) | undefined;
  /** Tools of others, over this very world: bounded, named and judged as the rest. Throws INVALID_INPUT where one takes a name that is taken. */
  readonly further?: ((world: OperationsWorld) => readonly AnyTool[]) | undefined;
}
