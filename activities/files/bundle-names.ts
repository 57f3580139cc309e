/**
 * Which names a bundle may hold: those that mean one thing, the same on Windows and on Linux. On Windows `CON` is a device,
 * `web.config.` and `web.config` are one file, and `web.config:x` is a part of another.
 * https://learn.microsoft.com/windows/win32/fileio/naming-a-file
 */

/** Deeper than any module's folders are, and within what every file system takes. */
const deepest = 64;

const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:\..*)?$/i;

/** Refuses names one after the other, and counts what they make. */
export interface BundleNames {
  /**
   * @param path with `/`; one at its end where it is a folder
   * @throws {Error} of one clause, to follow "The bundle can't be unpacked: "
   */
  add(path: string): void;
  /** The files and folders so far, those on the way included. */
  count(): number;
}

export function bundleNames(): BundleNames {
  /** By their names as Windows compares them. */
  const known = new Map<string, Named>();
  return {
    add(path) {
      const isFolder = path.endsWith('/');
      const names = (isFolder ? path.slice(0, -1) : path).split('/');
      if (names.length > deepest) throw new Error(`${start(path)} lies more than ${deepest} folders deep`);
      let way = '';
      names.forEach((name, index) => {
        refuseName(name, path);
        const isLast = index === names.length - 1;
        way = index === 0 ? name : `${way}/${name}`;
        const own = { path: way, isFolder: !isLast || isFolder, listed: isLast };
        const folded = way.normalize('NFC').toUpperCase();
        const other = known.get(folded);
        if (other) refuseTwin(own, other);
        if (!other || own.listed) known.set(folded, own);
      });
    },
    count: () => known.size,
  };
}

interface Named {
  readonly path: string;
  readonly isFolder: boolean;
  /** Whether the bundle lists it, and not only something in it. */
  readonly listed: boolean;
}

/** A folder may be on the way to many files. */
function refuseTwin(own: Named, other: Named): void {
  if (own.path === other.path && own.isFolder && other.isFolder && !(own.listed && other.listed)) return;
  const also = own.path === other.path ? '' : `, also as ${other.path}`;
  throw new Error(`${own.path} is in it twice${also} (names compare without case)`);
}

function refuseName(name: string, path: string): void {
  const why =
    name === '' || name === '.' || name === '..' || /\p{Cc}/u.test(name)
      ? 'is no file name'
      : /[<>:"|?*\\]/.test(name)
        ? 'holds a character that Windows gives another meaning'
        : /[. ]$/.test(name)
          ? 'ends with a dot or a blank, which Windows leaves out'
          : device.test(name)
            ? 'is a device on Windows'
            : Buffer.byteLength(name) > 255
              ? 'has a name of more than 255 bytes'
              : undefined;
  if (why !== undefined) throw new Error(`${JSON.stringify(start(path))} ${why}`);
}

const start = (path: string) => (path.length > 200 ? `${path.slice(0, 200)}…` : path);
