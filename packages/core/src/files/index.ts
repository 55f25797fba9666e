export { fileFailure } from './file-failure.ts';
export { type FileLock, type FileLockOptions, type LockHolder, takeFileLock, withFileLock } from './file-lock.ts';
export { makeFolderOf, makeStateFolder, syncFolder } from './folder.ts';
export { appendLine, appendLineAt, appendSharedLine, type FileLines, readLines, setTornLineAside } from './line-file.ts';
export { FILE_MODE, FOLDER_MODE } from './modes.ts';
export { openToWrite, type PlacedFile } from './open-to-write.ts';
export { flawOfName, pathInside, type WriteInsideOptions, whyNotInside, writeInside } from './path-inside.ts';
export { writeAtomically } from './write-atomically.ts';
