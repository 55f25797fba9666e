import { z } from 'zod';

/** An init container that waits for a Service which does not exist. */
export type AwaitedService = { readonly initContainer: string; readonly service: string };

export const AwaitedServiceSchema: z.ZodType<AwaitedService> = z.strictObject({ initContainer: z.string(), service: z.string() });

export function sayAwaited({ initContainer, service }: AwaitedService): string {
  return `init container ${initContainer} waits for Service ${service}, which does not exist`;
}

/** An init container that waits at a port which the Service does not offer. */
export type AwaitedPort = AwaitedService & { readonly port: number; readonly offered: string };

export const AwaitedPortSchema: z.ZodType<AwaitedPort> = z.strictObject({
  initContainer: z.string(),
  service: z.string(),
  port: z.number(),
  offered: z.string(),
});

export function sayAwaitedPort({ initContainer, service, port, offered }: AwaitedPort): string {
  return `init container ${initContainer} waits for port ${port} of Service ${service}, which offers ${offered}`;
}

/** An init container that waits for a Service which does not exist, while the one that was meant does. */
export type AwaitedName = AwaitedService & {
  /** What the revision before waited for. */
  readonly earlier?: string | undefined;
  /** A Service of nearly this name. */
  readonly near?: string | undefined;
};

export const AwaitedNameSchema: z.ZodType<AwaitedName> = z.strictObject({
  initContainer: z.string(),
  service: z.string(),
  earlier: z.string().optional(),
  near: z.string().optional(),
});

export function sayAwaitedName({ initContainer, service, earlier, near }: AwaitedName): string {
  const meant = earlier === undefined ? `Service ${near} does` : `the revision before waited for ${earlier}, which does`;
  return `${sayAwaited({ initContainer, service })}; ${meant}`;
}
