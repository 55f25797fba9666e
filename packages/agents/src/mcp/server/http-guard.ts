import type { IncomingMessage } from 'node:http';
import type { HttpGuardOptions } from './http-guard-options.ts';

/** Names under which a server on this machine is reached. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Whether an address is this machine only. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host) || host === '::1';
}

/** Why a request is not let in; undefined when it is. A page elsewhere cannot make a browser speak to us under another name. */
export function refusalOf(request: IncomingMessage, { hosts = [], origins }: HttpGuardOptions): string | undefined {
  const host = hostNameOf(`http://${request.headers.host ?? ''}`);
  if (host === undefined || ![...LOOPBACK, ...hosts].includes(host)) return 'the Host header names another server';
  const { origin } = request.headers;
  if (origin === undefined) return undefined;
  const isKnown = origins ? origins.includes(origin) : LOOPBACK.includes(hostNameOf(origin) ?? '');
  return isKnown ? undefined : 'the Origin may not call';
}

function hostNameOf(address: string): string | undefined {
  return URL.parse(address)?.hostname || undefined;
}
