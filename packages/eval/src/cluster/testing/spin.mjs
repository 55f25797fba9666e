// A program for the tests of this folder: too busy to notice anything.
import { writeSync } from 'node:fs';

writeSync(1, `${process.pid}\n`);
for (;;);
