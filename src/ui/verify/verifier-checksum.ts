// Written by `npm run tables`.

/** The SHA-256 of verify-evidence.mjs in each archive of evidence, as lower-case hex. */
export const VERIFIER_SHA256 = "9d1c79f555b487dc633137a65c0150d3f2ba2ef236118d8616803cfd208bbdf3";
