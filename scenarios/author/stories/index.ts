import type { Story } from '../story.ts';
import { ADMISSION_STORIES, PROBE_STORIES } from './admission.ts';
import { CONFIGURATION_STORIES } from './configuration.ts';
import { CONTROL_STORIES } from './controls.ts';
import { GITOPS_STORIES } from './gitops.ts';
import { IDENTITY_STORIES } from './identity.ts';
import { IMAGE_STORIES } from './image.ts';
import { NETWORK_STORIES } from './network.ts';
import { BATCH_STORIES, DEPENDENCY_STORIES, NODE_STORIES } from './platform.ts';
import { RESOURCE_STORIES } from './resources.ts';
import { SCALING_STORIES } from './scaling.ts';
import { SCHEDULING_STORIES } from './scheduling.ts';
import { START_STORIES } from './start.ts';
import { STORAGE_STORIES } from './storage.ts';
import { TWOFOLD_STORIES } from './twofold.ts';

/** Every recorded incident that is written here. */
export const STORIES: readonly Story[] = [
  ...IMAGE_STORIES,
  ...START_STORIES,
  ...CONFIGURATION_STORIES,
  ...RESOURCE_STORIES,
  ...SCHEDULING_STORIES,
  ...ADMISSION_STORIES,
  ...PROBE_STORIES,
  ...NETWORK_STORIES,
  ...STORAGE_STORIES,
  ...IDENTITY_STORIES,
  ...SCALING_STORIES,
  ...NODE_STORIES,
  ...BATCH_STORIES,
  ...DEPENDENCY_STORIES,
  ...GITOPS_STORIES,
  ...TWOFOLD_STORIES,
  ...CONTROL_STORIES,
];
