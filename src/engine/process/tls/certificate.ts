import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  NameConstraints,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';

/** What a certificate says. Keys are of the curve P-256. */
export interface Statement {
  /** The common names. */
  subject: string;
  issuer: string;
  notBefore: Date;
  notAfter: Date;
  /** Whose key it is for. */
  key: KeyObject;
  extensions: readonly Extension[];
}

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';

/**
 * Signs a certificate, as PEM.
 * @param key The issuer's private key.
 */
export function certify({ subject, issuer, notBefore, notAfter, key, extensions }: Statement, by: KeyObject) {
  const algorithm = new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 });
  const stated = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(),
    signature: algorithm,
    issuer: commonName(issuer),
    validity: new Validity({ notBefore, notAfter }),
    subject: commonName(subject),
    subjectPublicKeyInfo: AsnConvert.parse(publicPart(key), SubjectPublicKeyInfo),
    extensions: new Extensions([...extensions, ...identifiers(key, by)]),
  });
  const certificate = new Certificate({
    tbsCertificate: stated,
    signatureAlgorithm: algorithm,
    signatureValue: exactly(sign('sha256', Buffer.from(AsnConvert.serialize(stated)), by)),
  });
  return pem(Buffer.from(AsnConvert.serialize(certificate)));
}

/** For an authority that may sign servers with names below `domains` or with `addresses`, and nothing else. */
export function authorityExtensions(domains: readonly string[], addresses: readonly string[]): Extension[] {
  const bases = [
    ...domains.map((dNSName) => new GeneralName({ dNSName })),
    ...addresses.map((address) => new GeneralName({ iPAddress: `${address}/${bits(address)}` })),
  ];
  const permittedSubtrees = new GeneralSubtrees(bases.map((base) => new GeneralSubtree({ base })));
  return [
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 })),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign)),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
    extension(id_ce_nameConstraints, new NameConstraints({ permittedSubtrees })),
  ];
}

/** For a server that is known by these names and addresses. */
export function serverExtensions(names: readonly string[], addresses: readonly string[]): Extension[] {
  const alternatives = new SubjectAlternativeName([
    ...names.map((dNSName) => new GeneralName({ dNSName })),
    ...addresses.map((iPAddress) => new GeneralName({ iPAddress })),
  ]);
  return [
    extension(id_ce_basicConstraints, new BasicConstraints()),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature)),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth]), false),
    extension(id_ce_subjectAltName, alternatives, false),
  ];
}

/** By these, which the strict ask for, a certificate finds that of its issuer. */
function identifiers(key: KeyObject, by: KeyObject): Extension[] {
  const keyIdentifier = new KeyIdentifier(digest(by));
  return [
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(digest(key)), false),
    extension(id_ce_authorityKeyIdentifier, new AuthorityKeyIdentifier({ keyIdentifier }), false),
  ];
}

function digest(key: KeyObject): ArrayBuffer {
  return exactly(createHash('sha256').update(publicPart(key)).digest().subarray(0, 20));
}

function publicPart(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

function extension(extnID: string, value: object, critical = true): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function commonName(text: string): Name {
  const value = new AttributeValue({ utf8String: text });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: COMMON_NAME, value })])]);
}

/** A whole number above zero. */
function serialNumber(): ArrayBuffer {
  const bytes = randomBytes(16);
  bytes[0] = 0x40 | (bytes.readUInt8(0) & 0x3f);
  return exactly(bytes);
}

const bits = (address: string) => (address.includes(':') ? 128 : 32);

function exactly(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
