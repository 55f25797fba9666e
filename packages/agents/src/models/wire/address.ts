/** Host and port of an address, for messages; never its path or credentials. */
export function hostOf(baseUrl: string): string {
  return URL.canParse(baseUrl) ? new URL(baseUrl).host : 'with an invalid address';
}

/** A path below a base address, whether that ends in a slash or not. */
export function joinPath(baseUrl: string, path: string): string {
  return `${baseUrl.replace(/\/+$/, '')}/${path}`;
}
