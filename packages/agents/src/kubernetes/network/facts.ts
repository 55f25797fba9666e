import { z } from 'zod';

/** A policy that keeps a client from what it needs. */
export type BlockedConnection = {
  /** Name of the policy. */
  readonly policy: string;
  /** How people call the client: `Deployment web`. */
  readonly client: string;
  /** Item id of a pod of the client. */
  readonly clientPod: string;
  readonly direction: 'Ingress' | 'Egress';
  /** Item id of the Service that is not reached; absent where names cannot be resolved at all. */
  readonly service?: string | undefined;
  readonly serviceName?: string | undefined;
  /** TCP port. */
  readonly port?: number | undefined;
};

export const BlockedConnectionSchema: z.ZodType<BlockedConnection> = z.strictObject({
  policy: z.string(),
  client: z.string(),
  clientPod: z.string(),
  direction: z.enum(['Ingress', 'Egress']),
  service: z.string().optional(),
  serviceName: z.string().optional(),
  port: z.number().int().optional(),
});

export function sayBlocked({ policy, client, port, serviceName }: BlockedConnection): string {
  const what = port === undefined ? 'the cluster DNS, so it cannot resolve names' : `port ${port} of Service ${serviceName}`;
  return `NetworkPolicy ${policy} keeps ${client} from ${what}`;
}
