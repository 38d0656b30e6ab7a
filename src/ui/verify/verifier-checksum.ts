// Written by `npm run tables`.

/** The SHA-256 of verify-evidence.mjs in each archive of evidence, as lower-case hex. */
export const VERIFIER_SHA256 = "0f5e7011bd1bccbcab82b64375a317dc300cc148b81d320d9dc7d7807ea7dd75";
