import { z } from 'zod';

/** What an object says of itself. */
export type ToldCondition = {
  readonly kind: string;
  readonly name: string;
  /** Type of the condition, or `phase`. */
  readonly type: string;
  readonly status: string;
  readonly said: string;
};

export const ToldConditionSchema: z.ZodType<ToldCondition> = z.strictObject({
  kind: z.string(),
  name: z.string(),
  type: z.string(),
  status: z.string(),
  said: z.string(),
});

export function sayNotWell({ kind, name, type, status, said }: ToldCondition): string {
  return `${kind} ${name} says ${type} is ${status}: ${said}`;
}

/** An object that a controller says is not there. */
export type LackedObject = { readonly kind: string; readonly name: string; readonly needer: string; readonly said: string };

export const LackedObjectSchema: z.ZodType<LackedObject> = z.strictObject({
  kind: z.string(),
  name: z.string(),
  needer: z.string(),
  said: z.string(),
});

export function sayLacked({ kind, name, needer, said }: LackedObject): string {
  return `${kind} ${name} does not exist, and ${needer} needs it (${said})`;
}
