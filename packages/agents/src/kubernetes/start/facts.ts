import { z } from 'zod';

/** An init container that waits for a Service which does not exist. */
export type AwaitedService = { readonly initContainer: string; readonly service: string };

export const AwaitedServiceSchema: z.ZodType<AwaitedService> = z.strictObject({ initContainer: z.string(), service: z.string() });

export function sayAwaited({ initContainer, service }: AwaitedService): string {
  return `init container ${initContainer} waits for Service ${service}, which does not exist`;
}
