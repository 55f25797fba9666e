export { type OpenAiReply, type OpenAiServer, startOpenAiServer } from './openai-server.ts';
