/** Words that two names share. */
export function kinship(name: string, other: string): number {
  const words = new Set(name.split('-'));
  return other.split('-').filter((word) => words.has(word)).length;
}
