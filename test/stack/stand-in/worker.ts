// Stands in for the Worker in tests of the development server: a Durable Object with SQLite and an alarm, the log
// bucket, and a queue. Shows what is stored. Contains no backfill.
import { DurableObject } from "cloudflare:workers";

interface StandInEnv {
  NOTES: DurableObjectNamespace<Notes>;
  LOGS: R2Bucket;
  BELL: Queue;
  GREETING: string;
}

export class Notes extends DurableObject<StandInEnv> {
  constructor(ctx: DurableObjectState, env: StandInEnv) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS notes (text TEXT NOT NULL)");
  }

  add(text: string): void {
    this.ctx.storage.sql.exec("INSERT INTO notes (text) VALUES (?)", text);
  }

  all(): string[] {
    return this.ctx.storage.sql
      .exec<{ text: string }>("SELECT text FROM notes")
      .toArray()
      .map((row) => row.text);
  }

  async alarmIn(ms: number): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + ms);
  }

  override alarm(): void {
    this.add("alarm");
  }
}

export default {
  async fetch(request: Request, env: StandInEnv): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const notes = env.NOTES.getByName("notes");
    const argument = searchParams.get("v") ?? "";
    switch (pathname) {
      case "/note":
        await notes.add(argument);
        break;
      case "/alarm":
        await notes.alarmIn(Number(argument));
        break;
      case "/ring":
        await env.BELL.send(argument);
        break;
      case "/log":
        console.log(argument);
        break;
      case "/text":
        return Response.json(await (await env.LOGS.get(argument))?.text());
      case "/delete":
        await env.LOGS.delete(argument);
        break;
      case "/objects": {
        const { objects } = await env.LOGS.list();
        return Response.json(objects.map(({ key, size, uploaded }) => ({ key, size, uploaded })));
      }
    }
    return Response.json({ notes: await notes.all(), greeting: env.GREETING });
  },
  async queue(batch: MessageBatch<string>, env: StandInEnv): Promise<void> {
    for (const message of batch.messages) await env.NOTES.getByName("notes").add(`bell ${message.body}`);
  },
} satisfies ExportedHandler<StandInEnv, string>;
