/** Which container is meant. */
export interface ContainerReference {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** A container that is about to run, with everything that was resolved for it. */
export interface ContainerStart extends ContainerReference {
  readonly image: string;
  /** Resolved values: exactly what the container sees, nothing of this process's environment is added. */
  readonly env: Readonly<Record<string, string>>;
  /** Arguments from the pod; they replace those of the program. */
  readonly args?: readonly string[] | undefined;
  readonly memoryLimitBytes?: number | undefined;
}

/** How a container ended. */
export interface ContainerExit {
  readonly exitCode: number;
  readonly reason: 'OOMKilled' | 'Completed' | 'Error';
}

/** What one container used when it was last looked at. */
export interface ContainerMemory extends ContainerReference {
  /** Resident set at the last sample. */
  readonly residentBytes: number;
  readonly limitBytes: number | undefined;
}

/** Runs containers for a rollout simulator. Images it does not know are simulated without it. */
export interface ContainerRuntime {
  /** Whether there is a program for this image. */
  runs(image: string): boolean;
  /** Starts one container; `onExit` is called once, unless `stop` ended it. */
  start(container: ContainerStart, onExit: (exit: ContainerExit) => void): void;
  /** Stops one container, if it runs, and forgets its logs. */
  stop(container: ContainerReference): Promise<void>;
  /** The newest sample of every running container. */
  memory(): readonly ContainerMemory[];
  /** The last output of a container; undefined when it was never started here. */
  log(container: ContainerReference, previous: boolean): string | undefined;
  /** Ends every process it started. */
  close(): Promise<void>;
}

/** An image without tag and digest: `registry:5000/shop/web:1.2` is of repository `registry:5000/shop/web`. */
export function imageRepository(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}
