export { type Attributes, Objects, type PutOptions, type WriteCondition } from './object-store.ts';
export { ObjectError, type ObjectInfo, type ObjectSource } from './objects.ts';
export { remoteObjects } from './remote.ts';
export type { Bucket } from './rows.ts';
export type { CompletedPart, UploadName } from './uploads.ts';
