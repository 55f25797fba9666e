/** Host and port of an address, for messages; never its path or credentials. */
export function hostOf(baseUrl: string): string {
  return URL.canParse(baseUrl) ? new URL(baseUrl).host : 'with an invalid address';
}
