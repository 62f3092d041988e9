import { Mime } from 'mime/lite';
import otherTypes from 'mime/types/other.js';
import standardTypes from 'mime/types/standard.js';

const types = new Mime(standardTypes, otherTypes).define(
  {
    'text/x-python': ['py'],
    'text/x-typescript': ['ts', 'mts', 'cts', 'tsx'],
    'text/x-rust': ['rs'],
    'text/x-go': ['go'],
    'application/vnd.apache.parquet': ['parquet'],
  },
  true,
);

/** The MIME type that a file's name suggests; `application/octet-stream` where it suggests none. */
export function mimeTypeOf(path: string): string {
  return types.getType(path) ?? 'application/octet-stream';
}
