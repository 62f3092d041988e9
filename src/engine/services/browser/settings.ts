import type { BrowserSpec } from '../../browser/browser.ts';
import type { BrowserState } from '../../browser/state.ts';
import { createEgress, loopbackHosts } from '../../egress/index.ts';
import type { Log } from '../../log.ts';
import type { Call, InputOf } from '../../service.ts';
import type { BrowserSettings, Doors } from '../index.ts';
import type { ObjectSource } from '../objects/objects.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import type { Browsers } from './browsers.ts';
import { readCertificates, trusting } from './certificates.ts';
import { Extensions } from './extensions.ts';
import { readPassword } from './passwords.ts';
import { readPolicies } from './policies.ts';
import type { Profiles } from './profiles.ts';
import { chooserFor } from './proxies.ts';
import { refuseFileSystems } from './refusals.ts';

type Input = InputOf<'StartBrowserSession'>;

/** What the settings of a session come to. */
export interface Prepared extends Pick<BrowserSpec, 'egress' | 'policies' | 'extensions'> {
  /** Of its profile, where that was ever saved. */
  state: BrowserState | undefined;
  /** Removes what was made for the session; to be called when it has ended. */
  release(): Promise<void>;
}

export interface SettingsParts {
  browsers: Browsers;
  profiles: Profiles;
  objects: ObjectSource;
  secrets: SecretStore;
  dataDir: string;
  settings: BrowserSettings;
  doors: Doors;
  log: Log;
}

/** Reads what the settings of a session name. */
export class SessionSettings {
  readonly #parts: SettingsParts;
  readonly #extensions: Extensions;

  constructor(parts: SettingsParts) {
    this.#parts = parts;
    this.#extensions = new Extensions(parts.dataDir, parts.objects);
  }

  /** @throws ValidationException that names the member; ResourceNotFoundException for a profile that does not exist. */
  async prepare(call: Call, browser: string, input: Input): Promise<Prepared> {
    const { browsers, profiles, objects, secrets, settings, doors, log } = this.#parts;
    refuseFileSystems(input);
    const certificates = [browsers.get(call, browser), input].flatMap((one) =>
      readCertificates(secrets, call, one.certificates),
    );
    const upstream =
      input.proxyConfiguration &&
      chooserFor(input.proxyConfiguration, (arn, member) => readPassword(secrets, call, arn, member));
    const { profileIdentifier } = input.profileConfiguration ?? {};
    const [state, recommended] = await Promise.all([
      profileIdentifier === undefined ? undefined : profiles.state(call, profileIdentifier),
      readPolicies(objects, call, input.enterprisePolicies, 'RECOMMENDED'),
    ]);
    const managed = [...browsers.policiesOf(call, browser), ...trusting(certificates)];
    const { folders, remove } = await this.#extensions.unpack(call, input.extensions);
    return {
      state,
      egress: createEgress({
        allowHosts: settings.allowHosts,
        blockHosts: [...settings.blockHosts, ...loopbackHosts(doors.port())],
        travellers: 'pages',
        log,
        ...(upstream && { upstream }),
      }),
      policies: managed.length + recommended.length > 0 ? { managed, recommended } : undefined,
      extensions: folders,
      release: remove,
    };
  }
}
