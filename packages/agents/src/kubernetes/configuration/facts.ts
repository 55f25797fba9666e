import { z } from 'zod';

/** A key that a ConfigMap or Secret does not have. */
export type MissingKey = {
  readonly kind: string;
  readonly name: string;
  readonly key: string;
  /** Who needs it, and where that is written; absent where only the kubelet says it. */
  readonly needer?: string | undefined;
  readonly via?: string | undefined;
};

export const MissingKeySchema: z.ZodType<MissingKey> = z.strictObject({
  kind: z.string(),
  name: z.string(),
  key: z.string(),
  needer: z.string().optional(),
  via: z.string().optional(),
});

export function sayMissingKey({ kind, name, key, needer, via }: MissingKey): string {
  const who = needer === undefined ? 'says the kubelet' : `and ${needer} needs it (${via})`;
  return `${kind} ${name} has no key ${key}, ${who}`;
}

/** A CSI driver that a node lacks, since the DaemonSet that brings it has no pod there. */
export type DriverNotBrought = { readonly daemonSet: string; readonly driver: string; readonly node: string; readonly why: string };

export const DriverNotBroughtSchema: z.ZodType<DriverNotBrought> = z.strictObject({
  daemonSet: z.string(),
  driver: z.string(),
  node: z.string(),
  why: z.string(),
});

export function sayDriverNotBrought({ daemonSet, driver, node, why }: DriverNotBrought): string {
  return `${daemonSet} brings the CSI driver ${driver} to other nodes and has no pod on ${node}: ${why}`;
}
