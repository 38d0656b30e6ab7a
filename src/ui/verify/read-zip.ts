// Reads the files of a zip archive one after the other, and decompresses them with the browser's own function.
// Supports only what the API writes: stored or deflated files, and no Zip64.

export interface ZipEntry {
  name: string;
  /** Returns the decompressed bytes. Throws if the archive is damaged. */
  read: () => Promise<Uint8Array<ArrayBuffer>>;
}

const END_SIGNATURE = 0x06054b50;
const DIRECTORY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
/** The length of the archive's end record, with the longest comment that a zip archive may have. */
const TAIL_BYTES = END_BYTES + 65_535;
const STORED = 0;
const DEFLATED = 8;

/** Throws if the archive's directory is missing or damaged. */
export async function readZip(archive: Blob): Promise<ZipEntry[]> {
  const tail = await viewOf(archive, Math.max(0, archive.size - TAIL_BYTES), archive.size);
  let end = tail.byteLength - END_BYTES;
  while (end >= 0 && tail.getUint32(end, true) !== END_SIGNATURE) end--;
  if (end < 0) throw new Error("the archive has no end: the download was cut off");
  const count = tail.getUint16(end + 10, true);
  const size = tail.getUint32(end + 12, true);
  const offset = tail.getUint32(end + 16, true);
  const directory = await viewOf(archive, offset, offset + size);
  const entries: ZipEntry[] = [];
  for (let at = 0, n = 0; n < count; n++) {
    if (at + 46 > directory.byteLength || directory.getUint32(at, true) !== DIRECTORY_SIGNATURE)
      throw new Error("the directory of the archive is damaged");
    const nameBytes = directory.getUint16(at + 28, true);
    const entry = {
      name: textOf(directory, at + 46, nameBytes),
      method: directory.getUint16(at + 10, true),
      packed: directory.getUint32(at + 20, true),
      local: directory.getUint32(at + 42, true),
    };
    entries.push({ name: entry.name, read: () => inflate(archive, entry) });
    at += 46 + nameBytes + directory.getUint16(at + 30, true) + directory.getUint16(at + 32, true);
  }
  return entries;
}

async function inflate(
  archive: Blob,
  { name, method, packed, local }: { name: string; method: number; packed: number; local: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const head = await viewOf(archive, local, local + 30);
  if (head.byteLength < 30 || head.getUint32(0, true) !== LOCAL_SIGNATURE)
    throw new Error(`${name}: the archive is damaged`);
  const from = local + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const data = archive.slice(from, from + packed);
  if (method === STORED) return new Uint8Array(await data.arrayBuffer());
  if (method !== DEFLATED) throw new Error(`${name}: compressed in an unknown way`);
  const inflated = data.stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(inflated).arrayBuffer());
}

async function viewOf(archive: Blob, from: number, to: number): Promise<DataView> {
  return new DataView(await archive.slice(from, to).arrayBuffer());
}

function textOf(view: DataView, at: number, bytes: number): string {
  return new TextDecoder().decode(
    new Uint8Array(view.buffer, view.byteOffset + at, Math.max(0, Math.min(bytes, view.byteLength - at))),
  );
}
