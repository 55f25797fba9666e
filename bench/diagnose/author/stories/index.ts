import type { Story } from '../story.ts';
import { ADMISSION_STORIES, PROBE_STORIES } from './admission.ts';
import { CONFIGURATION_STORIES } from './configuration.ts';
import { IMAGE_STORIES } from './image.ts';
import { NETWORK_STORIES } from './network.ts';
import { RESOURCE_STORIES } from './resources.ts';
import { SCHEDULING_STORIES } from './scheduling.ts';
import { START_STORIES } from './start.ts';

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
];
