/** One observation of a rehearsal: a note, and whether it lets the remedy pass. */
export interface Check {
  readonly ok: boolean;
  readonly note: string;
}
