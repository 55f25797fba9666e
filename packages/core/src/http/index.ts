export {
  createHttpClient,
  type HttpAnswer,
  type HttpClient,
  type HttpClientOptions,
  type HttpClock,
  type HttpHeaders,
  type HttpRequest,
  type HttpStreamRequest,
  type RefusedAnswer,
} from './client.ts';
export type { HttpHint, HttpHints } from './failures.ts';
export { type NodeTransportOptions, nodeTransport } from './node-transport.ts';
export { nextLink, type PageOptions, readPages } from './pages.ts';
export { type RetryPolicy, retryAfterMs } from './retry.ts';
export { fetchTransport, type HttpStream, type HttpTransport, type HttpTransportRequest } from './transport.ts';
