/** In what a server that speaks Chat Completions differs from OpenAI's own. Found by `probeOpenAiChat`, or known. All absent: as OpenAI. */
export interface OpenAiChatQuirks {
  /** The server refuses `stream_options`: usage stays unknown. */
  readonly noUsage?: boolean | undefined;
  /** The server refuses or ignores `response_format` with a schema: the schema goes into the instructions. */
  readonly noSchema?: boolean | undefined;
  /** The server refuses tools or `tool_choice`; a turn without tools leaves them out. */
  readonly noToolChoice?: boolean | undefined;
  /** The server knows no system role: instructions go in front of the first question. */
  readonly noSystemRole?: boolean | undefined;
  /** The server wants `reasoning_content` of earlier turns back. */
  readonly wantsReasoning?: boolean | undefined;
  /** Newer models of OpenAI take `max_completion_tokens` only. */
  readonly maxCompletionTokens?: boolean | undefined;
}
