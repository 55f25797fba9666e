import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { ContainerExit } from './container-runtime.ts';
import { imageRepository } from './container-runtime.ts';
import { createProcessRuntime } from './process-runtime.ts';
import { residentBytes } from './resident-memory.ts';

const testing = (file: string) => new URL(`../testing/${file}`, import.meta.url).pathname;

/** A dead process that nobody has waited for still has a pid, but no memory. */
async function isAlive(pid: number): Promise<boolean> {
  return ((await residentBytes(pid)) ?? 0) > 0;
}

test('when the parent is killed with -9, even a busy container is gone within a second', async () => {
  const parent = spawn(process.execPath, ['--conditions=tier0-source', testing('runtime-parent.ts'), testing('spin.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await once(parent.stdout, 'data');
  const pid = Number.parseInt(String(output), 10);
  expect(await isAlive(pid)).toBe(true);

  parent.kill('SIGKILL');
  await once(parent, 'exit');

  await expect.poll(() => isAlive(pid), { timeout: 1000, interval: 25 }).toBe(false);
});

test('a program that cannot be found ends with an error and says so in its log', async () => {
  const runtime = createProcessRuntime({ programs: { ghost: { file: '/nowhere/ghost.mjs' } }, now: Date.now });
  const container = { namespace: 'shop', pod: 'ghost-1', container: 'ghost' };

  const exit = await new Promise<ContainerExit>((resolve) => runtime.start({ ...container, image: 'ghost:1', env: {} }, resolve));

  expect(exit).toEqual({ exitCode: 1, reason: 'Error' });
  expect(runtime.log(container, false)).toContain('Cannot find module');
  await runtime.close();
});

test('an image is known by its repository, whatever its tag or digest', () => {
  expect(imageRepository('registry:5000/shop/web:1.2')).toBe('registry:5000/shop/web');
  expect(imageRepository('registry:5000/shop/web')).toBe('registry:5000/shop/web');
  expect(imageRepository('shop/web@sha256:abc')).toBe('shop/web');
});
