/** How a server is reached: a program of this machine, started with a list of arguments, or an address. */
export type McpConnection =
  | {
      readonly command: string;
      readonly args?: readonly string[] | undefined;
      readonly env?: Readonly<Record<string, string>> | undefined;
    }
  | {
      readonly url: string;
      readonly headers?: Readonly<Record<string, string>> | undefined;
      /** Replaces `fetch`, e.g. to authorize requests. */
      readonly fetch?: ((input: string | URL, init?: RequestInit) => Promise<Response>) | undefined;
    };
