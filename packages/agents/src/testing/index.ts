export { anthropicProvider } from './provider/anthropic.ts';
export { googleProvider } from './provider/google.ts';
export { openAiChatProvider } from './provider/openai-chat.ts';
export { openAiResponsesProvider } from './provider/openai-responses.ts';
export { type ProviderServer, type ProviderServerOptions, startProviderServer } from './provider/provider-server.ts';
export {
  type AnsweredTurn,
  finestPieces,
  type Pieces,
  type ProviderWire,
  type RefusedTurn,
  type WireEvent,
  wholePieces,
} from './provider/provider-wire.ts';
