import { Tier0Error } from '@tier0/core';

/** The server half of the SDK, imported at its first use. Throws MISSING_DEPENDENCY. */
export async function serverSdk(): Promise<typeof import('@modelcontextprotocol/server')> {
  return imported('@modelcontextprotocol/server', () => import('@modelcontextprotocol/server'));
}

/** The part of the server SDK for standard input and output. Throws MISSING_DEPENDENCY. */
export async function stdioServerSdk(): Promise<typeof import('@modelcontextprotocol/server/stdio')> {
  return imported('@modelcontextprotocol/server', () => import('@modelcontextprotocol/server/stdio'));
}

/** The client half of the SDK. Throws MISSING_DEPENDENCY. */
export async function clientSdk(): Promise<typeof import('@modelcontextprotocol/client')> {
  return imported('@modelcontextprotocol/client', () => import('@modelcontextprotocol/client'));
}

async function imported<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new Tier0Error({
      code: 'MISSING_DEPENDENCY',
      message: `The package "${name}" is needed to speak MCP and is not installed.`,
      hint: `Install it beside tier0: npm install ${name}.`,
      cause,
    });
  }
}
