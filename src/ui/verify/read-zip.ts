// Reads the files of a zip archive one after the other, and decompresses them with the browser's own function.
// Supports only what the API writes: stored or deflated files, and no Zip64. An unpacker may read the directory of the
// archive or the header of each file. So both must agree, and no other bytes may be in the archive.

export interface ZipEntry {
  name: string;
  /** Returns the decompressed bytes. Throws if the archive is damaged. */
  read: () => Promise<Uint8Array<ArrayBuffer>>;
}

const END_SIGNATURE = 0x06054b50;
const DIRECTORY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const LOCAL_BYTES = 30;
/** The bytes behind a file whose size was not known when its header was written, and the flag that says so. */
const DESCRIPTOR_BYTES = 16;
const HAS_DESCRIPTOR = 8;
const STORED = 0;
const DEFLATED = 8;

/** Throws if the archive's directory is missing or damaged. */
export async function readZip(archive: Blob): Promise<ZipEntry[]> {
  const endAt = archive.size - END_BYTES;
  const end = await viewOf(archive, Math.max(0, endAt), archive.size);
  if (endAt < 0 || end.getUint32(0, true) !== END_SIGNATURE)
    throw new Error("the archive does not end as a run ends it: the download was cut off");
  const count = end.getUint16(10, true);
  const size = end.getUint32(12, true);
  const offset = end.getUint32(16, true);
  const directory = await viewOf(archive, offset, offset + size);
  const entries: ZipEntry[] = [];
  let [at, local] = [0, 0];
  for (let n = 0; n < count; n++) {
    if (at + 46 > directory.byteLength || directory.getUint32(at, true) !== DIRECTORY_SIGNATURE)
      throw new Error("the directory of the archive is damaged");
    const nameBytes = directory.getUint16(at + 28, true);
    const name = textOf(directory, at + 46, nameBytes);
    const method = directory.getUint16(at + 10, true);
    const packed = directory.getUint32(at + 20, true);
    const head = await viewOf(archive, local, local + LOCAL_BYTES + nameBytes);
    if (
      directory.getUint32(at + 42, true) !== local ||
      head.byteLength < LOCAL_BYTES + nameBytes ||
      head.getUint32(0, true) !== LOCAL_SIGNATURE ||
      head.getUint16(26, true) !== nameBytes ||
      textOf(head, LOCAL_BYTES, nameBytes) !== name
    )
      throw new Error(`${JSON.stringify(name)}: the archive is damaged, or its header differs`);
    const from = local + LOCAL_BYTES + nameBytes + head.getUint16(28, true);
    const data = archive.slice(from, from + packed);
    entries.push({ name, read: () => inflate(name, method, data) });
    local = from + packed + ((head.getUint16(6, true) & HAS_DESCRIPTOR) > 0 ? DESCRIPTOR_BYTES : 0);
    at += 46 + nameBytes + directory.getUint16(at + 30, true) + directory.getUint16(at + 32, true);
  }
  if (local !== offset || at !== size || offset + size !== endAt)
    throw new Error("the archive has other bytes between its files");
  return entries;
}

async function inflate(name: string, method: number, data: Blob): Promise<Uint8Array<ArrayBuffer>> {
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
