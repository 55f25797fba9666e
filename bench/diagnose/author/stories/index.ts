import type { Story } from '../story.ts';
import { IMAGE_STORIES } from './image.ts';
import { START_STORIES } from './start.ts';

/** Every recorded incident that is written here. */
export const STORIES: readonly Story[] = [...IMAGE_STORIES, ...START_STORIES];
