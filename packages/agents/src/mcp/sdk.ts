import { Tier0Error } from '@tier0/core';

/** The server half of the SDK, imported at its first use. Throws MISSING_DEPENDENCY. */
export async function serverSdk(): Promise<typeof import('@modelcontextprotocol/server')> {
  return await import('@modelcontextprotocol/server').catch(missing('@modelcontextprotocol/server'));
}

/** The part of the server SDK for standard input and output. Throws MISSING_DEPENDENCY. */
export async function stdioServerSdk(): Promise<typeof import('@modelcontextprotocol/server/stdio')> {
  return await import('@modelcontextprotocol/server/stdio').catch(missing('@modelcontextprotocol/server'));
}

/** The client half of the SDK. Throws MISSING_DEPENDENCY. */
export async function clientSdk(): Promise<typeof import('@modelcontextprotocol/client')> {
  return await import('@modelcontextprotocol/client').catch(missing('@modelcontextprotocol/client'));
}

/** Stands at the import itself, so that a bundler sees that the package may be absent. */
function missing(name: string): (cause: unknown) => never {
  return (cause) => {
    throw new Tier0Error({
      code: 'MISSING_DEPENDENCY',
      message: `The package "${name}" is needed to speak MCP and is not installed.`,
      hint: `Install it beside tier0: npm install ${name}.`,
      cause,
    });
  };
}

/** The part of the client SDK for servers that are programs. Throws MISSING_DEPENDENCY. */
export async function stdioClientSdk(): Promise<typeof import('@modelcontextprotocol/client/stdio')> {
  return await import('@modelcontextprotocol/client/stdio').catch(missing('@modelcontextprotocol/client'));
}
