import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A CA of one's own, and a certificate that it signed for a name: paths, and the CA as PEM. */
export type Certificates = { caFile: string; ca: string; key: string; certificate: string };

/** Makes a CA and a certificate by the openssl of this machine. Throws where there is none. */
export function makeCertificates(folder: string, name: string, subject = 'DNS:localhost'): Certificates {
  const file = (what: string) => join(folder, `${name}-${what}`);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const key = (path: string) => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    path,
  ];
  const ca = ['-x509', ...key(file('ca.key')), '-out', file('ca.pem'), '-days', '3650', '-subj', `/CN=CA ${name}`];
  openssl('req', ...ca);
  openssl('req', ...key(file('key.pem')), '-out', file('request.pem'), '-subj', `/CN=${name}`);
  writeFileSync(file('extensions'), `subjectAltName=${subject}`);
  const signed = ['-in', file('request.pem'), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial'];
  openssl('x509', '-req', ...signed, '-days', '3650', '-extfile', file('extensions'), '-out', file('certificate.pem'));
  return {
    caFile: file('ca.pem'),
    ca: readFileSync(file('ca.pem'), 'utf8'),
    key: file('key.pem'),
    certificate: file('certificate.pem'),
  };
}

/** A folder for certificates, which anybody may enter, as PostgreSQL's user must; and what removes it. */
export function certificateFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-tls-'));
  chmodSync(folder, 0o711);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
