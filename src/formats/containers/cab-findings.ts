import { collectFindings, error, type FindingList, notice, warning } from './cab-finding-list.ts'

/** Everything the cabinet reader has to say. The page docs/formats/driver.md explains each code. */
export const cabFindings = {
  'cab-not-a-cabinet': error(
    () =>
      'The file is not a cabinet: no MSCF header with folders and files was found. Build it with makecab.',
  ),
  'cab-leading-bytes': warning(
    (count: number) =>
      `${count} bytes come before the cabinet. Remove them: some tools will not find the header.`,
  ),
  'cab-trailing-bytes': warning(
    (count: number) =>
      `${count} bytes follow the cabinet that neither it nor a signature accounts for. Remove them.`,
  ),
  'cab-truncated': error(
    (what: string) => `The cabinet ends inside ${what}. It was cut off; build or upload it again.`,
  ),
  'cab-version': warning(
    (version: string) => `The cabinet says format version ${version}; the only published one is 1.3.`,
  ),
  'cab-multi-volume': error(
    () =>
      'The cabinet is one of a set that spans several files. Put everything in one cabinet (MaxDiskSize=0 in the DDF).',
  ),
  'cab-no-folders': error(() => 'The cabinet has no folders, so nothing in it can be read.'),
  'cab-no-files': error(() => 'The cabinet lists no files.'),
  'cab-file-table-offset': error(
    (stated: number, actual: number) =>
      `The header puts the file table at ${stated}, but the folder table ends at ${actual}; tools would read different files.`,
  ),
  'cab-folder-offset': error(
    (folder: number) =>
      `Folder ${folder} says that its data starts where the cabinet keeps something else or has nothing.`,
  ),
  'cab-overlapping-folders': error(
    (folder: number) =>
      `Folder ${folder} shares stored data with another folder, so the same bytes would be unpacked twice.`,
  ),
  'cab-compression-unknown': error(
    (folder: number, type: string) =>
      `Folder ${folder} is packed by a method that does not exist (${type}). Use MSZIP, LZX or no compression.`,
  ),
  'cab-name-too-long': error(
    () => 'A file name is not ended within 256 bytes, so the file table cannot be read. Use shorter paths.',
  ),
  'cab-name-empty': error((index: number) => `File ${index} has no name.`),
  'cab-name-unsafe': error(
    (why: string) => `The name ${why}. Store files by relative paths such as Driver\\driver.sys.`,
  ),
  'cab-name-encoding': warning(
    () => 'The name is marked as UTF-8 but is not; the unreadable bytes were replaced by U+FFFD.',
  ),
  'cab-name-control': warning(() => 'The name has control characters, which Windows cannot store.'),
  'cab-duplicate-name': error(
    () => 'The name is listed twice; only one of the files could be unpacked. Remove one.',
  ),
  'cab-name-collision': error(
    (other: string) =>
      `The name cannot be unpacked beside ${other}: on Windows they are the same, or one is a folder of the other.`,
  ),
  'cab-folder-index': error(
    (folder: number) => `The file says that it is in folder ${folder}, which does not exist.`,
  ),
  'cab-file-outside-folder': error(
    () => 'The file says that it is longer than the folder that holds it. Build the cabinet again.',
  ),
  'cab-overlapping-files': error(
    (other: string) => `The file shares bytes with ${other}; files of a cabinet follow one another.`,
  ),
  'cab-unlisted-data': warning(
    (folder: number, count: number) =>
      `${count} unpacked bytes of folder ${folder} belong to no listed file.`,
  ),
  'cab-block-size': error(
    (folder: number, block: number) =>
      `Block ${block} of folder ${folder} has a size that the format does not allow (32768 unpacked bytes, fewer only in the last).`,
  ),
  'cab-checksum': error(
    (folder: number, block: number) =>
      `Block ${block} of folder ${folder} does not match its checksum. The cabinet was damaged; build or upload it again.`,
  ),
  'cab-corrupt-data': error(
    (folder: number, block: number, why: string) =>
      `Block ${block} of folder ${folder} cannot be unpacked: ${why}. Build the cabinet again.`,
  ),
  'cab-too-many-entries': error(
    (count: number, limit: number) => `The cabinet lists ${count} files; at most ${limit} are read.`,
  ),
  'cab-too-large': error(
    (size: number, limit: number) => `The files unpack to ${size} bytes; at most ${limit} are read.`,
  ),
  'cab-ratio': error(
    (folder: number, ratio: number) =>
      `Folder ${folder} unpacks to more than ${ratio} bytes for each stored byte, as decompression bombs do.`,
  ),
  'cab-findings-omitted': notice(
    (count: number, code: string) => `${count} more findings of the kind ${code} are not listed.`,
  ),
}

export type CabFindingList = FindingList<typeof cabFindings>

export const collectCabFindings = (): CabFindingList => collectFindings(cabFindings, 'cab-findings-omitted')
