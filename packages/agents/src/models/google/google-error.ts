import { ProviderRefusal, UnreadableAnswer } from '../wire/wire.ts';

/** Errors of Google's SDKs keep the status; the body stands in the text of one and in `errorDetails` of the other. */
export function fromGoogleError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ProviderRefusal) return error;
  if (error instanceof SyntaxError || /Error parsing JSON/.test(error.message))
    return new UnreadableAnswer('a piece of the stream is not JSON');
  const { status, errorDetails } = error as { readonly status?: unknown; readonly errorDetails?: unknown };
  if (typeof status !== 'number') return error;
  const body = bodyIn(error.message) ?? { error: { code: status, message: error.message, details: errorDetails } };
  return new ProviderRefusal({ status, body });
}

function bodyIn(text: string): unknown {
  const from = text.indexOf('{"error"');
  if (from === -1) return undefined;
  try {
    return JSON.parse(text.slice(from, text.lastIndexOf('}') + 1));
  } catch {
    return undefined;
  }
}
