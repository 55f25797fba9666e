/** What a run keeps may hold what people wrote to each other and how systems are built: it is its owner's. */
export const FILE_MODE = 0o600;
/** Likewise for folders. */
export const FOLDER_MODE = 0o700;
