import { Tier0Error } from '@tier0/core';
import { ProviderRefusal, UnreadableAnswer } from './wire.ts';

/**
 * What becomes of an import that failed: MISSING_DEPENDENCY, with what to install. It stands as `.catch` at the import itself, so that a bundler
 * sees that the SDK may be absent.
 */
export function missingSdk(name: string): (cause: unknown) => never {
  return (cause) => {
    throw new Tier0Error({
      code: 'MISSING_DEPENDENCY',
      message: `The package "${name}" is needed for this model and is not installed.`,
      hint: `Install it beside tier0: npm install ${name}. Or leave "via" out: the wire is then spoken without an SDK.`,
      cause,
    });
  };
}

/** The error of an SDK in our words: its status, headers and body where it kept them. */
export function fromSdkError(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || error instanceof ProviderRefusal) return error;
  const { status, headers, error: body } = error as { readonly status?: unknown; readonly headers?: unknown; readonly error?: unknown };
  if (error instanceof SyntaxError) return new UnreadableAnswer('a piece of the stream is not JSON');
  if (typeof status !== 'number' && body === undefined) return error;
  return new ProviderRefusal({
    status: typeof status === 'number' ? status : undefined,
    headers: headers instanceof Headers ? headers : undefined,
    body: hasError(body) ? body : { error: body },
  });
}

function hasError(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'error' in body;
}
