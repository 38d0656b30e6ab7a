// The loader's Worker, which runs on the embedded runtime. It takes HTTP bodies, writes them as R2 objects, and
// lists the R2 objects. It is never deployed, because it has no authentication.

export default {
  async fetch(request: Request, env: { LOGS: R2Bucket }): Promise<Response> {
    const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
    if (request.method === "PUT") {
      await env.LOGS.put(key, request.body ?? new Uint8Array());
      return new Response("put");
    }
    if (key !== "") return new Response("ready");
    const objects: { key: string; size: number; etag: string }[] = [];
    let cursor: string | undefined;
    do {
      const page: R2Objects = await env.LOGS.list(cursor === undefined ? {} : { cursor });
      for (const { key: name, size, etag } of page.objects) objects.push({ key: name, size, etag });
      cursor = page.truncated ? page.cursor : undefined;
    } while (cursor !== undefined);
    return Response.json(objects);
  },
};
