/** Instructions of an agent. A change of words is a new version, so that what a model did can be told by what it was told. */
export interface Prompt {
  readonly id: string;
  readonly version: number;
  readonly text: string;
}
