import type { InputOf } from '../../service.ts';
import { invalid } from '../exceptions.ts';

type Input = InputOf<'StartBrowserSession'>;

const NO_SECRETS = 'The local engine has no Secrets Manager';

/** @throws ValidationException */
export function refuseSecret(_secretArn: string, member: string): Promise<never> {
  throw invalid(member, `${NO_SECRETS} to take a password from. Use a proxy that needs none.`);
}

/** @throws ValidationException */
export function refuseCertificates({ certificates }: Pick<Input, 'certificates'>): void {
  if (!certificates?.length) return;
  throw invalid('certificates', `${NO_SECRETS} to take certificates from. Leave them out.`);
}

/** @throws ValidationException, as a mount that silently is not there would be worse. */
export function refuseFileSystems({
  filesystemConfigurations,
}: Pick<Input, 'filesystemConfigurations'>): void {
  if (!filesystemConfigurations?.length) return;
  throw invalid(
    'filesystemConfigurations',
    'The local engine has no EFS and no S3 Files to mount. Leave them out.',
  );
}
