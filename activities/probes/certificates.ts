/** The certificates that probes show and trust: PEM files, read each time, so that a renewed one is used at once. */
import { createSecureContext, rootCertificates } from 'node:tls';
import type { ProbeFiles } from '../../planning/routing/live-and-test-routes';
import { mostOfCertificates, readText } from '../../settings/files/text';

/** As connections by TLS take them. @throws {Error} with one sentence, when a file can't be read */
export const readProbeFiles = ({ certificateFile, keyFile, caFile }: ProbeFiles = {}) => ({
  ...(certificateFile !== undefined && { cert: read('certificateFile', certificateFile) }),
  ...(keyFile !== undefined && { key: read('keyFile', keyFile) }),
  ...(caFile !== undefined && { ca: [...rootCertificates, read('caFile', caFile)] }),
});

/** @throws {Error} with one sentence, when files of a zone can't be read, or don't fit each other */
export function checkProbeFiles(zones: Readonly<Record<string, { readonly probe: ProbeFiles }>>): void {
  for (const [zone, { probe }] of Object.entries(zones)) {
    try {
      createSecureContext(readProbeFiles(probe));
    } catch (error) {
      throw new Error(
        `Zone ${zone}: the probes' certificate can't be used: ${(error as Error).message}. Correct the files of its "probe".`,
        { cause: error },
      );
    }
  }
}

function read(setting: keyof ProbeFiles, file: string): string {
  try {
    return readText(file, mostOfCertificates);
  } catch (error) {
    throw new Error(`${setting} can't be read: ${(error as Error).message}`, { cause: error });
  }
}
