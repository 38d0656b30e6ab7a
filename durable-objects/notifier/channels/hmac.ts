// Computes HMAC-SHA256 with WebCrypto and returns it as base64.

/** `key` and `text` are bytes, or a string that is encoded as UTF-8. */
export async function hmacBase64(key: Uint8Array | string, text: string): Promise<string> {
  const encoder = new TextEncoder();
  const raw = typeof key === "string" ? encoder.encode(key) : key;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", new Uint8Array(raw), algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", imported, encoder.encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(signature)));
}

export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
