// Undoes the Content-Encoding of an answer's bytes, also when the body was cut. A receiver may name an encoding
// that its body does not have. The bytes then stay as they are. Never throws.
import { brotliDecompressSync, constants, gunzipSync, inflateSync } from "node:zlib";

/** The most bytes that a body may inflate to. A small body could otherwise fill the memory. */
const MAX_INFLATED_BYTES = 1024 * 1024;
/** The options with which a body that was cut is inflated as far as it goes. */
const CUT = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_INFLATED_BYTES };
const CUT_BROTLI = { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength: MAX_INFLATED_BYTES };

export function withoutEncoding(bytes: Uint8Array, encoding: string | null): Uint8Array {
  if (encoding === null || bytes.length === 0) return bytes;
  try {
    const inflated = inflate(bytes, encoding.trim().toLowerCase());
    return inflated.length > 0 ? inflated : bytes;
  } catch {
    return bytes;
  }
}

function inflate(bytes: Uint8Array, encoding: string): Uint8Array {
  switch (encoding) {
    case "gzip":
    case "x-gzip":
      return gunzipSync(bytes, CUT);
    case "deflate":
      return inflateSync(bytes, CUT);
    case "br":
      return brotliDecompressSync(bytes, CUT_BROTLI);
    default:
      return bytes;
  }
}
