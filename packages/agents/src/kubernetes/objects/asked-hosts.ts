import { z } from 'zod';

/** Host names that something was told to reach, as they are written there. */
export type AskedHosts = { readonly hosts: readonly string[] };

/** Part of the facts of every finding that is about a host name; other facts may stand beside it. */
export const AskedHostsSchema: z.ZodType<AskedHosts> = z.object({ hosts: z.array(z.string()) });
