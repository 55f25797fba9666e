/** Which hosts and origins may speak to the server. */
export interface HttpGuardOptions {
  /** Further host names, without port. */
  readonly hosts?: readonly string[] | undefined;
  /** Origins of web pages that may call. Default: pages of this machine. */
  readonly origins?: readonly string[] | undefined;
}
