import { formatFieldPath, type Locator } from '@tier0/core';

/** Values that make things worse, by what the field ends with. */
const WORSE: readonly { readonly field: RegExp; readonly value: string }[] = [
  { field: /limits\.memory$/, value: '136Mi' },
  { field: /image$/, value: 'registry.example/nowhere/nothing:0' },
];

/** A locator that hands on a worse value than was rehearsed, as a slip in a template or a bad merge would. The loop is not told. */
export function spoilFix(locator: Locator): Locator {
  return {
    async locate(request, context) {
      const location = await locator.locate(request, context);
      if (location.status !== 'found') return location;
      const worse = WORSE.find((candidate) => candidate.field.test(formatFieldPath(location.edit.path)));
      return worse ? { ...location, edit: { ...location.edit, value: worse.value } } : location;
    },
  };
}
