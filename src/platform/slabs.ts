// Reads an R2 body in slabs of 64 KiB. Default reads give 4 KiB chunks and cost twice the CPU of the whole
// parse step.

const SLAB_BYTES = 65_536;

export async function* slabsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader({ mode: "byob" });
  try {
    for (;;) {
      const { done, value } = await reader.readAtLeast(SLAB_BYTES, new Uint8Array(SLAB_BYTES));
      if (value && value.length > 0) yield value;
      if (done) return;
    }
  } finally {
    // A caller that stops early releases the R2 object here. After the end of the body, cancel does nothing.
    await reader.cancel().catch(() => undefined);
  }
}
