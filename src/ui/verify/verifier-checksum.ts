// Written by `npm run tables`.

/** The SHA-256 of verify-evidence.mjs in each archive of evidence, as lower-case hex. */
export const VERIFIER_SHA256 = "0ed47c925cbbaceeaad0cb6cd5a45c0bbc3a501ba19f3f9f27e35355e97aceac";
