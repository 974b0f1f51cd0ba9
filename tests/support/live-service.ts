import { RoomServiceClient } from "livekit-server-sdk";
import { type LiveKitStandIn, startLiveKitStandIn } from "../../dev/livekit/start-livekit-stand-in.ts";
import { devKey } from "../../dev/livekit-server.ts";
import { type Service, startService } from "./service.ts";

type Intercept = (method: string) => "answer" | Promise<"answer" | "drop">;

/** The whole service with a LiveKit stand-in, whose webhooks the app gets. */
export interface LiveService extends Service {
  readonly livekit: LiveKitStandIn;
  readonly rooms: RoomServiceClient;
  /** Called for each call of LiveKit's server API. */
  intercept: Intercept | undefined;
  /** Starts the check. */
  check(): Promise<void>;
  /** The events of a session in the app's log. */
  events(sessionId: string): string[];
}

/** Starts the service with a LiveKit stand-in. */
export async function startLiveService(
  options: Parameters<typeof startService>[0] = {},
): Promise<LiveService> {
  let intercept: Intercept | undefined;
  const livekit = await startLiveKitStandIn({
    intercept: async ({ url = "" }, response) => {
      const [, method] = /^\/twirp\/livekit\.\w+\/(\w+)$/.exec(url) ?? [];
      if (method === undefined || (await intercept?.(method)) !== "drop") return false;
      response.destroy();
      return true;
    },
  });
  const settings = { LIVEKIT_URL: livekit.url, LIVE_SESSION_CHECK_SECONDS: "30", ...options.settings };
  const service = await startService({ ...options, settings }).catch(async (error) => {
    await livekit.close();
    throw error;
  });
  livekit.sendWebhooksTo(`${service.stack.appUrl}/api/livekit/webhook`);
  return {
    ...service,
    livekit,
    rooms: new RoomServiceClient(livekit.url, devKey.apiKey, devKey.apiSecret),
    set intercept(next: Intercept | undefined) {
      intercept = next;
    },
    async check() {
      const { appUrl, masterKey } = service.stack;
      await fetch(`${appUrl}/admin/functions/checkLiveSessions`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-functions-key": masterKey },
        body: JSON.stringify({ input: "" }),
      });
    },
    events: (sessionId) =>
      service.lines.flatMap((line) => {
        if (!line.includes(sessionId)) return [];
        const { event, code } = JSON.parse(line.slice(line.indexOf("{")));
        return event.startsWith("session_") && event !== "session_start"
          ? [code ? `${event} ${code}` : event]
          : [];
      }),
    close: async () => {
      await service.close();
      await livekit.close();
    },
  };
}
