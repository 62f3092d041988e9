import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { makeFolders } from '../../../platform/make-folders.ts';
import { keptPrivately } from '../../../platform/private-file.ts';
import { authorityExtensions, certify, serverExtensions } from './certificate.ts';
import { addresses, domains, serverNames } from './names.ts';

/** What clients need to trust the engine. */
export interface Trust {
  /** The certificate of the engine's own authority, as PEM. */
  caFile: string;
  /** The same and the public authorities, for programs that trust one file only. */
  bundleFile: string;
}

/** What the server shows and proves, as PEM. */
export interface Identity {
  key: string;
  /** With that of the authority. */
  cert: string;
}

const DAY_MS = 24 * 3600 * 1000;
const AUTHORITY_DAYS = 3650;
const SERVER_DAYS = 90;
/** Where less is left of an authority, clients get a new one to trust. */
const AUTHORITY_REST_DAYS = 180;
/** Clocks may differ. */
const EARLIER_DAYS = 1;

const KEY_AND_CERTIFICATE =
  /^-----BEGIN PRIVATE KEY-----\n[^-]+-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----$/;

/**
 * The authority of a data directory, which vouches for this engine only: whoever trusts it trusts no other server of the
 * world. It is made where there is none, or where its time is almost over. Key and certificate are in one private file.
 */
export class Authority {
  readonly #folder: string;
  readonly #now: () => number;

  /**
   * @param now Milliseconds since the epoch.
   * @throws Error when the folder or the file cannot be used.
   */
  constructor(dataDir: string, now = Date.now) {
    this.#folder = join(dataDir, 'tls');
    this.#now = now;
    makeFolders(this.#folder, 0o700);
  }

  /** Writes what clients trust. */
  trust(): Trust {
    const [caFile, bundleFile] = [join(this.#folder, 'ca.pem'), join(this.#folder, 'bundle.pem')];
    const { certificate } = this.#open();
    writeFileSync(caFile, certificate, { mode: 0o600 });
    writeFileSync(bundleFile, [certificate, ...rootCertificates, ''].join('\n'), { mode: 0o600 });
    return { caFile, bundleFile };
  }

  /** A new key with a certificate for it, good for 90 days. They are nowhere but in memory. */
  identify(): Identity {
    const authority = this.#open();
    const key = newKey();
    const { commonName } = authority;
    const extensions = serverExtensions(serverNames, addresses);
    const certificate = certify(
      { subject: 'AgentCore local engine', issuer: commonName, ...this.#times(SERVER_DAYS), key, extensions },
      authority.key,
    );
    return { key: pemOf(key), cert: certificate + authority.certificate };
  }

  #open(): { key: KeyObject; certificate: string; commonName: string } {
    const file = join(this.#folder, 'authority.pem');
    const kept = {
      what: 'private key and certificate of an authority',
      make: () => this.#make(),
      isWhole: (text: string) => KEY_AND_CERTIFICATE.test(text),
    };
    const parse = (text: string) => {
      const certificate = `${text.slice(text.indexOf('-----BEGIN CERTIFICATE'))}\n`;
      return { text, certificate, x509: new X509Certificate(certificate) };
    };
    let found = parse(keptPrivately(file, kept));
    if (Date.parse(found.x509.validTo) < this.#now() + AUTHORITY_REST_DAYS * DAY_MS) {
      rmSync(file);
      found = parse(keptPrivately(file, kept));
    }
    const { text, certificate, x509 } = found;
    return { key: createPrivateKey(text), certificate, commonName: x509.subject.replace(/^CN=/, '') };
  }

  #make(): string {
    const key = newKey();
    const name = 'AgentCore local engine (this machine only)';
    const extensions = authorityExtensions(domains, addresses);
    const certificate = certify(
      { subject: name, issuer: name, ...this.#times(AUTHORITY_DAYS), key, extensions },
      key,
    );
    return pemOf(key) + certificate;
  }

  #times(days: number): { notBefore: Date; notAfter: Date } {
    const now = this.#now();
    return { notBefore: new Date(now - EARLIER_DAYS * DAY_MS), notAfter: new Date(now + days * DAY_MS) };
  }
}

function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

function pemOf(key: KeyObject): string {
  return String(key.export({ type: 'pkcs8', format: 'pem' }));
}
