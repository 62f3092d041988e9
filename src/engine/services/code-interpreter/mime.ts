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

const unknown = 'application/octet-stream';

/** The MIME type that a file's name suggests. Where it suggests none, text is `text/plain`, if its content is known. */
export function mimeTypeOf(path: string, { isText = false } = {}): string {
  const type = types.getType(path) ?? unknown;
  return isText && type === unknown ? 'text/plain' : type;
}
