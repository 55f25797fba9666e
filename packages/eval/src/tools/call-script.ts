import { z } from 'zod';
import type { McpAnswer, McpSession } from './mcp-session.ts';

/**
 * One step of a published call script. Strings in `arguments` and `resource` may hold `{name}`, filled from the named groups of `forEach`, which is
 * matched against everything that was returned so far.
 */
export interface ScriptStep {
  readonly tool?: string | undefined;
  readonly resource?: string | undefined;
  readonly arguments?: Readonly<Record<string, unknown>> | undefined;
  readonly forEach?: string | undefined;
  /** Distinct matches that are followed at most. Default 3. */
  readonly most?: number | undefined;
}

export const ScriptStepSchema: z.ZodType<ScriptStep> = z
  .strictObject({
    tool: z.string().min(1).optional(),
    resource: z.string().min(1).optional(),
    arguments: z.record(z.string(), z.unknown()).optional(),
    forEach: z.string().refine(isPattern, { error: 'is no regular expression' }).optional(),
    most: z.number().int().min(1).max(20).optional(),
  })
  .refine(({ tool, resource }) => (tool === undefined) !== (resource === undefined), { error: 'give exactly one of tool and resource' });

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'gm') instanceof RegExp;
  } catch {
    return false;
  }
}

/** What was called and what came back. */
export interface ScriptLine {
  readonly call: string;
  readonly answer: McpAnswer;
}

/** Plays a script from the top. A refused call is a line like any other; the script goes on. */
export async function playScript(session: McpSession, steps: readonly ScriptStep[], signal: AbortSignal): Promise<readonly ScriptLine[]> {
  const lines: ScriptLine[] = [];
  for (const step of steps) {
    const seen = lines.map(({ answer }) => answer.text).join('\n');
    for (const values of bindings(step, seen)) lines.push(await playStep(session, { step, values }, signal));
  }
  return lines;
}

function bindings({ forEach, most = 3 }: ScriptStep, seen: string): readonly Readonly<Record<string, string>>[] {
  if (forEach === undefined) return [{}];
  const found = [...seen.matchAll(new RegExp(forEach, 'gm'))].map(({ groups }) => ({ ...groups }) as Record<string, string>);
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()].slice(0, most);
}

interface BoundStep {
  readonly step: ScriptStep;
  readonly values: Readonly<Record<string, string>>;
}

async function playStep(session: McpSession, { step, values }: BoundStep, signal: AbortSignal): Promise<ScriptLine> {
  const input = filled(step.arguments ?? {}, values) as Record<string, unknown>;
  const uri = String(filled(step.resource ?? '', values));
  const call = step.tool === undefined ? `read ${uri}` : `${step.tool} ${JSON.stringify(input)}`;
  try {
    return { call, answer: await (step.tool === undefined ? session.readResource(uri, signal) : session.call(step.tool, input, signal)) };
  } catch (error) {
    signal.throwIfAborted();
    return { call, answer: { text: error instanceof Error ? error.message : String(error), isError: true } };
  }
}

function filled(value: unknown, values: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return value.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  if (Array.isArray(value)) return value.map((one) => filled(one, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, values)]));
}
