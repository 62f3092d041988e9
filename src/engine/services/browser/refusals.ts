import type { InputOf } from '../../service.ts';
import { invalid } from '../exceptions.ts';

/** @throws ValidationException, as a mount that silently is not there would be worse. */
export function refuseFileSystems({
  filesystemConfigurations,
}: Pick<InputOf<'StartBrowserSession'>, 'filesystemConfigurations'>): void {
  if (!filesystemConfigurations?.length) return;
  throw invalid(
    'filesystemConfigurations',
    'The local engine has no EFS and no S3 Files to mount. Leave them out.',
  );
}
