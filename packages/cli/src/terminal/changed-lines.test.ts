import { expect, test } from 'vitest';
import { changedLines } from './changed-lines.ts';

const DIFF = `diff --git a/apps/web.yaml b/apps/web.yaml
index 1..2 100644
--- a/apps/web.yaml
+++ b/apps/web.yaml
@@ -10,4 +10,5 @@ spec:
   replicas: 1
   args:
---- a dashed line that goes
+++ b/not-a-file
+    - --b
   end
diff --git a/base/limits.yaml b/base/limits.yaml
--- a/base/limits.yaml
+++ b/base/limits.yaml
@@ -1,1 +1,1 @@
-memory: 1Gi
+memory: 2Gi
`;

test('the first line that changes is known for each file, whatever changed lines look like', () => {
  expect([...changedLines(DIFF)]).toEqual([
    ['apps/web.yaml', 12],
    ['base/limits.yaml', 1],
  ]);
});
