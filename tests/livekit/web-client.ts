import { join } from "node:path";
import { freePort } from "../../dev/listen.ts";
import { type Service, startService } from "../support/service.ts";
import { runExample } from "./run-example.ts";

/** The web client's page, and an LKPS that allows its origin. */
export interface RunningWebClient {
  readonly origin: string;
  readonly service: Service;
  close(): Promise<void>;
}

/** Starts both on free ports; sessions are on that LiveKit. */
export async function startWebClient(livekitUrl: string): Promise<RunningWebClient> {
  const port = String(await freePort());
  const origin = `http://127.0.0.1:${port}`;
  const service = await startService({ settings: { LIVEKIT_URL: livekitUrl }, corsOrigins: [origin] });
  const web = await runExample(join("web-client", "serve.ts"), service.stack, { PORT: port }, []);
  await web.line(/web client is at/);
  return {
    origin,
    service,
    async close() {
      await web.stop();
      await service.close();
    },
  };
}
