import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent, type AgentOptions, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect } from 'node:tls';

/** A proxy that does not answer is given up after this long. Milliseconds. */
const PROXY_TIMEOUT_MS = 10_000;

/** An agent whose connections go through a proxy (`CONNECT`); TLS is spoken with the server itself, the proxy sees no credentials. */
export function createProxyAgent(proxy: URL, tls: AgentOptions): Agent {
  const agent = new Agent(tls);
  agent.createConnection = (options, callback) => {
    const wanted = options as ConnectionOptions;
    const done = callback as (error: Error | null, socket?: Duplex) => void;
    openTunnel(proxy, `${wanted.host}:${wanted.port ?? 443}`).then(
      (socket) => done(null, connect({ ...wanted, socket, servername: wanted.servername ?? wanted.host })),
      (error: Error) => done(error),
    );
    return undefined;
  };
  return agent;
}

function openTunnel(proxy: URL, target: string): Promise<Duplex> {
  const send = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const call = send({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...proxyAuthorization(proxy) },
      agent: false,
      timeout: PROXY_TIMEOUT_MS,
    });
    const refused = ({ statusCode }: IncomingMessage) => reject(new Error(`the proxy ${proxy.host} answered ${statusCode} for ${target}`));
    call.once('connect', (answer: IncomingMessage, socket: Duplex) => {
      if (answer.statusCode === 200) return resolve(socket);
      socket.destroy();
      return refused(answer);
    });
    call.once('response', refused);
    call.once('timeout', () => call.destroy(new Error(`the proxy ${proxy.host} did not answer within ${PROXY_TIMEOUT_MS} ms`)));
    call.once('error', reject);
    call.end();
  });
}

function proxyAuthorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
