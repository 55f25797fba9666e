import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { readField } from '@tier0/core';
import type { RegoAnswer, RegoEngine, RegoModule } from './rego-engine.ts';

const TIMEOUT_MS = 10_000;
const OUTPUT_BYTES = 16 * 1024 * 1024;
/** What reaches out of the evaluation, or answers otherwise each time. A policy that uses one of them does not compile here. */
const FORBIDDEN = /^(?:http\.|net\.lookup_ip_addr|opa\.runtime|rand\.|time\.now_ns|uuid\.|providers\.|rego\.metadata|trace$)/;

/**
 * Evaluates with the `opa` on PATH: in an empty folder, with an empty environment, bounded in time and output, and without the functions that
 * reach out. Undefined where there is none.
 */
export function createOpaEngine(): RegoEngine | undefined {
  const program = findOpa();
  if (program === undefined) return undefined;
  let capabilities: string | undefined;
  return {
    evaluate(module, input) {
      const packageName = /^\s*package\s+([\w.]+)/m.exec(module.rego)?.[1];
      if (packageName === undefined) return { status: 'failed', reason: 'it names no package' };
      capabilities ??= safeCapabilities(program);
      const directory = mkdtempSync(join(tmpdir(), 'tier0-opa-'));
      try {
        writeFileSync(join(directory, 'capabilities.json'), capabilities);
        writeFileSync(join(directory, 'input.json'), JSON.stringify(input));
        const files = writeModules(directory, module);
        return answerOf(
          run(program, directory, [
            'eval',
            '--format=json',
            `--${module.version}-compatible`,
            ...flags(files),
            `data.${packageName}.violation`,
          ]),
        );
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
}

function flags(files: readonly string[]): readonly string[] {
  return ['--capabilities=capabilities.json', '--input=input.json', ...files.map((file) => `--data=${file}`)];
}

function writeModules(directory: string, { rego, libs }: RegoModule): readonly string[] {
  return [rego, ...libs].map((text, index) => {
    const file = `module-${index}.rego`;
    writeFileSync(join(directory, file), text);
    return file;
  });
}

/** All that this opa can do, less what reaches out. */
function safeCapabilities(program: string): string {
  const { stdout } = run(program, tmpdir(), ['capabilities', '--current']);
  const all = JSON.parse(stdout) as { readonly builtins: readonly { readonly name: string }[] };
  return JSON.stringify({ ...all, builtins: all.builtins.filter(({ name }) => !FORBIDDEN.test(name)), allow_net: [] });
}

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly said: string;
}

function run(program: string, cwd: string, args: readonly string[]): Ran {
  const options = { cwd, env: {}, timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: OUTPUT_BYTES, encoding: 'utf8' } as const;
  const { status, stdout, stderr, error } = spawnSync(program, [...args], options);
  return { status, stdout: stdout ?? '', said: error?.message ?? stderr ?? '' };
}

function answerOf({ status, stdout, said }: Ran): RegoAnswer {
  const output = parsed(stdout);
  if (status !== 0) {
    const message = readField(output, ['errors', 0, 'message']);
    return { status: 'failed', reason: `opa: ${String(message ?? (said.trim().split('\n')[0] || 'it ended without an answer'))}` };
  }
  const value = readField(output, ['result', 0, 'expressions', 0, 'value']) ?? [];
  // A set of objects: what is none is no violation to Gatekeeper either, but nobody can say what was meant.
  if (!Array.isArray(value)) return { status: 'failed', reason: 'its violation is no set' };
  return { status: 'answered', violations: value.map((one) => String(readField(one, ['msg']) ?? 'violated')) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function findOpa(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, process.platform === 'win32' ? 'opa.exe' : 'opa')).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
