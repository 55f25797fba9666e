import type { Levers } from '../../findings/lever.ts';

/** The causes of this matter are shared with others; what they depend on is named there. */
export const CUSTOM_RESOURCES_LEVERS: Levers = {};
